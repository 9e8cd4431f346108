import { createServer } from 'node:https'

createServer((req, res) => res.end('secret')).listen(3000)
