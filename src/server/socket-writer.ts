/**
 * Writing to sockets at the least cost: where nothing is queued before it, data goes to the socket's own `_write` without the
 * queue and the ticks that a stream has around it, and mostly the system has taken it when the call returns. `_write` is
 * what a stream's implementation offers to the stream, not to others: used only in the state in which the stream would call it.
 */
import type { Socket } from 'node:net'

/** More than this on its way to a slow client, in bytes, and the sender should wait. */
const HIGH_WATER = 65536

/** As every Writable has it; Node's types leave the encoding's meaning out. */
interface WritableInternals {
  _write(data: string | Uint8Array, encoding: 'latin1' | 'buffer', done: (error?: Error | null) => void): void
}

export interface Writer {
  /** Something is still on its way to the system. */
  readonly busy: boolean
  /** Latin-1 text or bytes; false: wait until it is told that they were taken. */
  write(data: string | Uint8Array): boolean
  /** What is written until uncork() may leave in one piece. */
  cork(): void
  uncork(): void
}

export class SocketWriter implements Writer {
  private readonly socket: Socket
  private readonly owner: { flushed(): void }
  /** Writes that the system has not taken whole yet, and their bytes. */
  private pending = 0
  private bytes = 0
  private corked = false
  /** Somebody was told to wait. */
  private waiting = false

  /** @param owner told when all was taken of which write() said false; of the stream's own queue 'drain' tells */
  constructor(socket: Socket, owner: { flushed(): void }) {
    this.socket = socket
    this.owner = owner
  }

  /** Something is still on its way to the system. */
  get busy(): boolean {
    return this.pending > 0 || this.socket.writableLength > 0
  }

  /** Latin-1 text or bytes; false: wait until the owner's flushed() is called. */
  write(data: string | Uint8Array): boolean {
    const { socket } = this
    if (socket.destroyed) return false
    const encoding = typeof data === 'string' ? 'latin1' : 'buffer'
    // What the stream has queued, or will, goes before.
    if (this.corked || socket.writableLength > 0) return encoding === 'latin1' ? socket.write(data, encoding) : socket.write(data)
    this.pending++
    this.bytes += data.length;
    (socket as unknown as WritableInternals)._write(data, encoding, this.written)
    if (this.pending === 0 || this.bytes < HIGH_WATER) return true
    this.waiting = true
    return false
  }

  /** What is written until uncork() may leave in one piece. */
  cork(): void {
    this.corked = true
    this.socket.cork()
  }

  uncork(): void {
    this.corked = false
    this.socket.uncork()
  }

  private readonly written = (error?: Error | null): void => {
    this.pending--
    if (this.pending > 0) return
    this.bytes = 0
    const { waiting } = this
    this.waiting = false
    if (error) this.socket.destroy(error)
    else if (waiting) this.owner.flushed()
  }
}
