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
  /** `allBuffers`, on the array, where there is no text among them. */
  _writev(data: Chunk[] & { allBuffers?: boolean }, done: (error?: Error | null) => void): void
}

interface Chunk {
  readonly chunk: string | Uint8Array
  readonly encoding: 'latin1' | 'buffer'
}

export interface Writer {
  /** Something is still on its way to the system. */
  readonly busy: boolean
  /** Latin-1 text or bytes; false: wait until it is told that they were taken. */
  write(data: string | Uint8Array): boolean
  /** Latin-1 text, or none, and the bytes behind it in one system call, as far as that goes; false as for write(). */
  writeBlocks(text: string, blocks: readonly Uint8Array[]): boolean
}

export class SocketWriter implements Writer {
  private readonly socket: Socket
  private readonly owner: { flushed(): void }
  /** Writes that the system has not taken whole yet, and their bytes. */
  private pending = 0
  private bytes = 0
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
    if (socket.writableLength > 0) return encoding === 'latin1' ? socket.write(data, encoding) : socket.write(data)
    this.pending++
    this.bytes += data.length;
    (socket as unknown as WritableInternals)._write(data, encoding, this.written)
    return this.goesOn()
  }

  /** Latin-1 text, or none, and the bytes behind it in one system call, as far as that goes; false as for write(). */
  writeBlocks(text: string, blocks: readonly Uint8Array[]): boolean {
    const { socket } = this
    if (socket.destroyed) return false
    if (socket.writableLength > 0) return writeCorked(socket, text, blocks)
    this.pending++
    this.bytes += text.length
    const data: Chunk[] = text === '' ? [] : [{ chunk: text, encoding: 'latin1' }]
    for (const chunk of blocks) {
      this.bytes += chunk.length
      data.push({ chunk, encoding: 'buffer' })
    }
    (socket as unknown as WritableInternals)._writev(Object.assign(data, { allBuffers: text === '' }), this.written)
    return this.goesOn()
  }

  private goesOn(): boolean {
    if (this.pending === 0 || this.bytes < HIGH_WATER) return true
    this.waiting = true
    return false
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

/** By the stream's own queue. */
export function writeCorked(socket: Socket, text: string, blocks: readonly Uint8Array[]): boolean {
  if (socket.destroyed) return false
  socket.cork()
  let goesOn = text === '' || socket.write(text, 'latin1')
  for (const block of blocks) goesOn = socket.write(block)
  socket.uncork()
  return goesOn
}
