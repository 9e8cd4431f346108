/** The floor: frames that are ready, written to bare sockets; an echo is the same for whatever comes. No server of WebSockets. */
import { createServer } from 'node:http'
import { plainFrame } from '../harness/web-socket-client.mjs'
import { hello, message, port } from './payloads.mjs'

const frame = plainFrame(message)
const all = new Set()

const server = createServer((request, response) => {
  if (request.url !== '/publish') return response.end(hello)
  for (const socket of all) socket.write(frame)
  response.end('sent')
})
server.on('upgrade', ({ url }, socket) => {
  socket.setTimeout(0)
  socket.setNoDelay(true)
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  socket.on('error', () => undefined)
  if (url === '/echo') socket.on('data', () => socket.write(frame))
  else {
    all.add(socket)
    socket.on('data', () => undefined)
    socket.on('close', () => all.delete(socket))
  }
})
server.listen(port, '127.0.0.1')
