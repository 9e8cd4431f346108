/** As the documentation of ws has it: its own server on node:http, and a loop over the clients to send to all. */
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { hello, message, port } from './payloads.mjs'

// The one that Pulsar depends on: a peer of bench/ brings an older one.
const { WebSocket, WebSocketServer } = createRequire(new URL('../../package.json', import.meta.url))('ws')

const all = new WebSocketServer({ noServer: true })
const echo = new WebSocketServer({ noServer: true })
echo.on('connection', (ws) => ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary })))

const server = createServer((request, response) => {
  if (request.url !== '/publish') return response.end(hello)
  for (const client of all.clients) if (client.readyState === WebSocket.OPEN) client.send(message)
  response.end('sent')
})
server.on('upgrade', (request, socket, head) => {
  const endpoint = request.url === '/echo' ? echo : all
  endpoint.handleUpgrade(request, socket, head, (ws) => endpoint.emit('connection', ws, request))
})
server.listen(port, '127.0.0.1')
