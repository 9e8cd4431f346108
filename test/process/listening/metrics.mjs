// A second server of the script's own stays its own.
import { createServer } from 'node:http'

createServer((req, res) => res.end('first')).listen(3000)
const other = createServer((req, res) => res.end('second')).listen(0, '127.0.0.1', () => console.log(`other on ${other.address().port}`))
