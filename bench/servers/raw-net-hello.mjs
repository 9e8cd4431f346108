/**
 * The floor: a socket with 'data' events that parses nothing. One constant answer for each CRLFCRLF seen, also where one
 * comes in two pieces or several in one. The answer has the fields that a real one has, so the bytes on the wire compare.
 */
import { createServer } from 'node:net'
import { hello, port } from './payloads.mjs'

const endOfHead = Buffer.from('\r\n\r\n')
const answer = [
  'HTTP/1.1 200 OK',
  'Content-Type: text/plain',
  `Content-Length: ${hello.length}`,
  `Date: ${new Date().toUTCString()}`,
  'Server: raw',
  '',
  hello,
].join('\r\n')

createServer({ noDelay: true }, (socket) => {
  let carried = null
  socket.on('data', (piece) => {
    const bytes = carried === null ? piece : Buffer.concat([carried, piece])
    let count = 0
    let from = 0
    for (let at = bytes.indexOf(endOfHead); at !== -1; at = bytes.indexOf(endOfHead, from)) {
      count += 1
      from = at + 4
      if (from === bytes.length) break
    }
    carried = from === bytes.length ? null : bytes.subarray(Math.max(from, bytes.length - 3))
    if (count > 0) socket.write(count === 1 ? answer : answer.repeat(count), 'latin1')
  })
  socket.on('error', () => socket.destroy())
}).listen(port, '127.0.0.1')
