/**
 * The floor of a server in JavaScript: what Pulsar does to read and write, `onread` and a write past the stream's queue, and
 * nothing else. It looks at no byte, and answers each read with a constant: of pipelined requests it would know nothing.
 */
import { createServer, Socket } from 'node:net'
import { hello, port } from './payloads.mjs'

const answer = [
  'HTTP/1.1 200 OK',
  'Content-Type: text/plain',
  `Content-Length: ${hello.length}`,
  `Date: ${new Date().toUTCString()}`,
  'Server: onread',
  '',
  hello,
].join('\r\n')
const shared = Buffer.allocUnsafeSlow(65536)
const written = () => undefined

createServer({ noDelay: true, pauseOnConnect: true }, (accepted) => {
  const { _handle: handle, _server: server } = accepted
  let next = shared
  const socket = new Socket({
    handle,
    onread: {
      buffer: () => {
        const buffer = next
        next = undefined
        return buffer
      },
      callback: () => {
        socket._write(answer, 'latin1', written)
        return true
      },
    },
  })
  accepted._handle = accepted._server = accepted.server = null
  socket._server = socket.server = server
  socket.on('error', () => socket.destroy())
  socket.resume()
}).listen(port, '127.0.0.1')
