/**
 * Bytes to the socket of an upgraded connection past the queue of its stream, and the ticks around that: mostly the system has
 * taken them when the call returns. As server/socket-writer.ts does for answers, by the `_write` that every Writable has, called
 * only in the state in which the stream would call it.
 */
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Node's types leave the encoding's meaning out. */
interface WritableInternals {
  _write(bytes: Uint8Array, encoding: 'buffer', done: (error?: Error | null) => void): void
}

/** Bytes on their way. One serves all sockets that take theirs at once; a slow one keeps it until it has. */
class Passage {
  bytes = 0
  private socket: Socket | null = null
  /** Somebody waits for `drain` that the queue knows nothing of. */
  private waiting = false

  send(socket: Socket, bytes: Uint8Array): boolean {
    this.socket = socket
    this.bytes = bytes.length;
    (socket as unknown as WritableInternals)._write(bytes, 'buffer', this.taken)
    if (this.bytes === 0) return true
    slow.set(socket, this)
    this.waiting = this.bytes >= socket.writableHighWaterMark
    return !this.waiting
  }

  private readonly taken = (error?: Error | null): void => {
    const socket = this.socket as Socket
    const { waiting } = this
    this.socket = null
    this.waiting = false
    this.bytes = 0
    slow.delete(socket)
    spare = this
    if (error) socket.destroy(error)
    // Where something has been queued meanwhile, its own drain follows.
    else if (waiting && socket.writableLength === 0) socket.emit('drain')
  }
}

let spare: Passage | null = null
const slow = new Map<Socket, Passage>()

/** Whether sendDirect() is for it. TLS takes one write at a time: there the stream's own queue sees to it. */
export function isDirect(stream: Duplex): stream is Socket {
  return stream instanceof Socket && !('encrypted' in stream)
}

/** Nothing waits, and it takes bytes: what is given to sendDirect() goes to the system. */
export function isFree(socket: Socket): boolean {
  return socket.writableLength === 0 && sendingOf(socket) === 0 && socket.writable
}

/**
 * As write(), without a callback. In order with what was written before and comes after. The bytes MUST NOT be changed afterwards.
 * @returns false: wait for `drain`
 */
export function sendDirect(socket: Socket, bytes: Uint8Array): boolean {
  // One at a time: what waits for a slow client is in the queue and is counted, and so is what the queue has to refuse.
  if (bytes.length === 0 || !isFree(socket)) return socket.write(bytes)
  const passage = spare ?? new Passage()
  spare = null
  return passage.send(socket, bytes)
}

/** Bytes of the last sendDirect() that the system has not taken yet; they are not in `writableLength`. */
export function sendingOf(socket: Socket): number {
  return slow.size === 0 ? 0 : slow.get(socket)?.bytes ?? 0
}
