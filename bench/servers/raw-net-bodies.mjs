/**
 * The floor of the echo: a socket with 'data' events that parses nothing but where the head ends, takes a body of 1 KiB for
 * granted, and sends it back.
 */
import { createServer } from 'node:net'
import { port } from './payloads.mjs'

const LENGTH = 1024
const endOfHead = Buffer.from('\r\n\r\n')
const head = [
  'HTTP/1.1 200 OK',
  'Content-Type: application/octet-stream',
  `Content-Length: ${LENGTH}`,
  `Date: ${new Date().toUTCString()}`,
  'Server: raw',
  '',
  '',
].join('\r\n')

createServer({ noDelay: true }, (socket) => {
  let carried = null
  socket.on('data', (piece) => {
    const bytes = carried === null ? piece : Buffer.concat([carried, piece])
    const body = bytes.indexOf(endOfHead) + endOfHead.length
    if (body < endOfHead.length || bytes.length < body + LENGTH) {
      carried = bytes
      return
    }
    carried = null
    socket.write(head + bytes.latin1Slice(body, body + LENGTH), 'latin1')
  })
  socket.on('error', () => socket.destroy())
}).listen(port, '127.0.0.1')
