/**
 * Clients of 1 KB/s, as a process of its own with the lowest priority: half send a body, half take an answer. One that has ended,
 * or was cut, begins anew. Started by bench/slow-python.mjs with port and number; told to stop, it reports.
 */
import { connect } from 'node:net'
import { setPriority } from 'node:os'

const [port, number] = process.argv.slice(2).map(Number)
const rate = 1000
const bodySize = 100_000
const slices = 100
const upload = `POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${bodySize}\r\n\r\n`
const download = 'GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
const clients = Array.from({ length: number }, (_, index) => ({ sends: index % 2 === 0, socket: null, left: 0 }))

let ended = 0
let refused = 0

function open(client) {
  let connected = false
  // A small buffer: what the system takes in the client's place is not slow.
  const socket = connect({ port, host: '127.0.0.1', highWaterMark: rate })
  client.socket = socket
  client.left = bodySize
  socket.on('connect', () => {
    connected = true
    socket.write(client.sends ? upload : download, 'latin1')
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    client.socket = null
    if (connected) ended += 1
    else refused += 1
  })
  socket.on('end', () => socket.destroy())
  if (client.sends) socket.resume()
  else socket.pause()
}

/** Each second every client has its turn, a slice of them at a time. */
function turn(slice) {
  for (let index = slice; index < clients.length; index += slices) {
    const client = clients[index]
    const { socket, sends } = client
    if (socket === null) open(client)
    else if (!sends) socket.read(rate)
    else if (socket.writable && client.left > 0) {
      const size = Math.min(rate, client.left)
      client.left -= size
      socket.write('x'.repeat(size), 'latin1')
    }
  }
}

setPriority(19)
let tick = 0
setInterval(() => turn(tick++ % slices), 1000 / slices)
const held = () => clients.filter(({ socket }) => socket !== null && !socket.connecting).length
setTimeout(() => process.send({ held: held() }), 3000)
process.on('disconnect', () => process.exit(0))
process.on('message', () => process.send({ held: held(), ended, refused }))
