import { createServer } from 'node:http'

const server = createServer()
server.on('request', (req, res) => res.end(`raw ${process.pid} ${server.listening} ${JSON.stringify(server.address())}`))
server.listen({ port: 3000, host: '127.0.0.1' })
