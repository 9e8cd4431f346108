/**
 * Slow clients, as a process of its own with the lowest priority, so that it disturbs the one that measures as little as
 * can be: half of them never end a head, half never end a body; each sends a little every 5 s, and comes back when cut.
 * Started by bench/slowloris.mjs with port and number; told to stop, it reports.
 */
import { connect } from 'node:net'
import { setPriority } from 'node:os'

const [port, number] = process.argv.slice(2).map(Number)
const slices = 500
const pause = 10

const slowHead = { first: 'GET / HTTP/1.1\r\nHost: localhost\r\n', drip: 'X-Slow: 1\r\n' }
const slowBody = {
  first: 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: 1048576\r\n\r\n',
  drip: 'x',
}
const clients = Array.from({ length: number }, (_, index) => ({ ...(index % 2 === 0 ? slowHead : slowBody), socket: null }))

let cut = 0
let refused = 0

/** Opens a client; `then` is called when it is connected, or was not let in. */
function open(client, then) {
  let connected = false
  const socket = connect(port, '127.0.0.1', () => {
    connected = true
    client.socket = socket
    socket.write(client.first, 'latin1')
    then?.()
  })
  socket.resume()
  // What went wrong is told apart by 'close' alone: cut after it was connected, or refused before.
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    client.socket = null
    if (connected) cut += 1
    else refused += 1
    if (!connected) then?.()
  })
}

/** Every tick a slice drips, or comes back where it was cut: in 5 s each has had its turn, and there are no bursts of ours. */
function drip(slice) {
  for (let index = slice; index < clients.length; index += slices) {
    const client = clients[index]
    if (client.socket === null) open(client)
    else if (client.socket.writable) client.socket.write(client.drip, 'latin1')
  }
}

async function openAll() {
  for (let from = 0; from < clients.length; from += 50) {
    await Promise.all(clients.slice(from, from + 50).map((client) => new Promise((resolve) => open(client, resolve))))
  }
}

setPriority(19)
await openAll()
let tick = 0
setInterval(() => drip(tick++ % slices), pause)
process.send({ held: clients.filter(({ socket }) => socket !== null).length })
process.on('disconnect', () => process.exit(0))
process.on('message', () => {
  process.send({ held: clients.filter(({ socket }) => socket !== null).length, cut, refused })
})
