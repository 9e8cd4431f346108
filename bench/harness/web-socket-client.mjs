/** WebSockets that cost little to drive: ready-made frames over plain sockets, and answers whose length is known are counted. */
import { once } from 'node:events'
import { connect } from 'node:net'

/** RFC 6455 section 5.2: FIN and text; the longest length in seven bits. */
const TEXT = 0x81
const SHORT = 125

/** A text of at most 125 bytes as a client sends it. The mask is the same for all, which no server can tell from chance. */
export function maskedFrame(text) {
  const body = Buffer.from(text)
  if (body.length > SHORT) throw new RangeError(`a text of ${body.length} bytes`)
  const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d])
  return Buffer.concat([Buffer.from([TEXT, 0x80 | body.length]), mask, body.map((byte, i) => byte ^ mask[i % 4])])
}

/** The same as a server sends it. */
export function plainFrame(text) {
  const body = Buffer.from(text)
  return Buffer.concat([Buffer.from([TEXT, body.length]), body])
}

export class WebSocketClient {
  #socket
  #expected
  #onMessages
  #partial = 0
  /** Why it cannot be counted on; empty while it can. */
  failure = ''

  /**
   * @param expected the frame that every message of the server is
   * @param onMessages called with how many have come
   */
  static async open(port, path, { expected, onMessages }) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.setNoDelay(true)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`)
    const [head] = await once(socket, 'data')
    if (!/^HTTP\/1\.1 101 [^]*\r\n\r\n$/.test(head.toString('latin1'))) throw new Error(`no WebSocket: ${head.toString('latin1').split('\r\n')[0]}`)
    return new WebSocketClient(socket, expected, onMessages)
  }

  constructor(socket, expected, onMessages) {
    this.#socket = socket
    this.#expected = expected
    this.#onMessages = onMessages
    socket.on('data', (bytes) => this.#take(bytes))
    socket.on('error', (error) => { this.failure = error.message })
    socket.on('close', () => { this.failure ||= 'the server closed a connection' })
  }

  send(frame) {
    this.#socket.write(frame)
  }

  get open() {
    return this.failure === ''
  }

  close() {
    this.#socket.destroy()
  }

  #take(bytes) {
    const { length } = this.#expected
    if (this.#partial === 0 && bytes.length >= length && this.#expected.compare(bytes, 0, length) !== 0) this.failure = 'another message than was expected'
    const total = this.#partial + bytes.length
    this.#partial = total % length
    const messages = Math.floor(total / length)
    if (messages > 0) this.#onMessages(messages, this)
  }
}

/** Opens many, 100 at a time. */
export async function openWebSockets(port, path, { count, expected, onMessages }) {
  const clients = []
  while (clients.length < count) {
    const some = Array.from({ length: Math.min(100, count - clients.length) }, () => WebSocketClient.open(port, path, { expected, onMessages }))
    clients.push(...await Promise.all(some))
  }
  return clients
}

/** What went wrong with any of them. */
export function failures(clients) {
  return [...new Set(clients.map(({ failure }) => failure).filter(Boolean))].join('; ')
}
