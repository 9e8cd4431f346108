/** The raw stream of a connection that has left HTTP: what an upgrade or a CONNECT gives to the application. */
import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'

export class UpgradedStream extends Duplex {
  private readonly socket: Socket

  constructor(socket: Socket, leftover: Buffer | null) {
    super({ allowHalfOpen: true })
    this.socket = socket
    if (leftover !== null) this.push(leftover)
    socket.on('close', () => this.destroy())
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
}
