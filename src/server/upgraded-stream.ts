/** The raw stream of a connection that has left HTTP: what an upgrade or a CONNECT gives to the application. */
import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import type { DirectStream } from '../gateway/direct-stream.ts'

/** As every Writable has it; see socket-writer.ts for why it is called directly. */
interface WritableInternals {
  _write(bytes: Uint8Array, encoding: 'buffer', done: (error?: Error | null) => void): void
}

export class UpgradedStream extends Duplex implements DirectStream {
  /** Of a send() that goes past the queue; one at a time, so that what waits for a slow client is in the queue and is counted. */
  sending = 0
  private readonly socket: Socket
  /** TLS takes one write at a time: there the stream's own queue sees to it. */
  private readonly layered: boolean
  /** Somebody waits for `drain` that the queue knows nothing of. */
  private waiting = false

  constructor(socket: Socket, leftover: Buffer | null) {
    super({ allowHalfOpen: true })
    this.socket = socket
    this.layered = 'encrypted' in socket
    if (leftover !== null) this.push(leftover)
    socket.on('close', () => this.destroy())
  }

  send(bytes: Uint8Array): boolean {
    const { socket } = this
    // What is queued, or is the queue's to refuse, takes the usual way.
    if (this.layered || this.sending > 0 || this.writableLength > 0 || socket.writableLength > 0 || this.writableCorked > 0 || !this.writable) return this.write(bytes)
    this.sending = bytes.length;
    (socket as unknown as WritableInternals)._write(bytes, 'buffer', this.taken)
    this.waiting = this.sending >= this.writableHighWaterMark
    return !this.waiting
  }

  /** Bytes from the client, which the caller reuses. */
  received(bytes: Buffer, length: number): void {
    if (!this.push(Buffer.from(bytes.subarray(0, length)))) this.socket.pause()
  }

  /** The client has ended its side. */
  inputEnded(): void {
    this.push(null)
  }

  failed(error: Error): void {
    this.destroy(error)
  }

  /** The server stops: whoever has the stream is told, as `retire`, and has the grace time to end it. */
  retire(): void {
    this.emit('retire')
  }

  setTimeout(milliseconds: number, listener?: () => void): this {
    this.socket.setTimeout(milliseconds, listener)
    return this
  }

  setNoDelay(noDelay?: boolean): this {
    this.socket.setNoDelay(noDelay)
    return this
  }

  override _read(): void {
    this.socket.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.socket.write(chunk, done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.socket.end(() => done())
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy()
    done(error)
  }

  private readonly taken = (error?: Error | null): void => {
    const { waiting } = this
    this.sending = 0
    this.waiting = false
    if (error) this.destroy(error)
    // Where something has been queued meanwhile, its own drain follows.
    else if (waiting && this.writableLength === 0) this.emit('drain')
  }
}
