/**
 * Reading from accepted sockets at the least cost. Node's `onread` option of net.Socket (a plain callback and one reused
 * buffer instead of stream events) exists for outgoing connections only; here the handle of an accepted connection is put
 * into a socket made with it. That is not a documented use: {@link supportsOnread} tries it once in a process, and where it
 * does not work as expected plain 'data' events do the same.
 */
import { Socket, type Server } from 'node:net'
import { Duplex, Readable } from 'node:stream'

interface Handle {
  readonly writeQueueSize?: number
  readonly bytesWritten?: number
  reading?: boolean
  readStop?(): number
}

interface SocketInternals {
  _handle: Handle | null
  _server: Server | null
  server: Server | null
  readableFlowing: boolean | null
}

/**
 * Gets the bytes of one read: those of the shared buffer are the receiver's only until it returns.
 * It may return a buffer for the next read; without one the buffer at hand is used again.
 */
export type Receive = (bytes: Buffer, length: number) => Buffer | undefined

/** One for all sockets of the process: a read is used up, or copied, before the next one. */
export const SHARED: Buffer = Buffer.allocUnsafeSlow(65536)

/** Node asks for the next buffer directly behind the callback, so that one variable serves all sockets. */
let next: Buffer | undefined = SHARED

/** The socket knows its receiver, so that all sockets share the same callback. */
const RECEIVE = Symbol('receive')
/** Null: whoever has the socket reads it as a stream. */
interface ReadSocket extends Socket { [RECEIVE]: Receive | null }

/** @returns false: read no more until the stream asks for it */
function onRead(this: ReadSocket, length: number, bytes: Uint8Array): boolean {
  const { [RECEIVE]: receive } = this
  if (receive === null) {
    next = bytes === SHARED ? undefined : SHARED
    const copy = Buffer.allocUnsafe(length);
    (bytes as Buffer).copy(copy, 0, 0, length)
    return this.push(copy)
  }
  next = receive(bytes as Buffer, length)
  return true
}

function onData(this: ReadSocket, bytes: Buffer): void { this[RECEIVE]?.(bytes, bytes.length) }

function nextBuffer(): Buffer {
  const buffer = next
  next = undefined
  // Undefined, which Node's types do not know of, keeps the one at hand.
  return buffer as Buffer
}

/**
 * @param accepted as net.Server gives it with `pauseOnConnect`, nothing read yet
 * @param server that counts the socket; null for one of another process
 * @param way `events` is the fall-back; without it the one that this Node supports
 * @returns the socket to use from here on
 */
export function readInto(accepted: Socket, server: Server | null, receive: Receive, way?: 'onread' | 'events'): Socket {
  const { _handle: handle } = accepted as unknown as SocketInternals
  if (handle === null || (way ?? (supportsOnread() ? 'onread' : 'events')) === 'events') return readByEvents(accepted, receive)
  const options = {
    handle, allowHalfOpen: true,
    onread: { buffer: nextBuffer, callback: onRead },
  }
  next = SHARED
  const socket = new Socket(options as unknown as ConstructorParameters<typeof Socket>[0]);
  (socket as ReadSocket)[RECEIVE] = receive
  // The first socket keeps nothing: its handle is the new one's, which the server counts instead.
  const before = accepted as unknown as SocketInternals
  before._handle = null
  before._server = null
  before.server = null
  const after = socket as unknown as SocketInternals
  after._server = server
  after.server = server
  socket.resume()
  return socket
}

function readByEvents(socket: Socket, receive: Receive): Socket {
  (socket as ReadSocket)[RECEIVE] = receive
  socket.on('data', onData)
  socket.resume()
  return socket
}

/**
 * Ends readInto(): the socket is a stream like any other from here on, not flowing until somebody wants its data.
 * @param first what was read already, and is read again
 * @returns the socket; another stream over it where the client has ended its side already, and so nothing can be put back
 */
export function readAsStream(socket: Socket, first: Buffer | null): Duplex {
  (socket as ReadSocket)[RECEIVE] = null
  socket.off('data', onData)
  if (socket.readableEnded) return Duplex.from({ readable: Readable.from(first === null ? [] : [first]), writable: socket })
  // As Node's own server does before it emits `upgrade`.
  ;(socket as unknown as SocketInternals).readableFlowing = null
  if (first !== null) socket.unshift(first)
  return socket
}

/**
 * Reads no more from a socket, so that another process can.
 * @returns what Node passes to that; null where something is on its way in this process, or the socket cannot be passed
 */
export function stopReading(socket: Socket): object | null {
  const handle = (socket as unknown as SocketInternals)._handle
  if (handle?.readStop === undefined || socket.writableLength > 0 || socket.readableLength > 0) return null
  socket.pause()
  handle.readStop()
  // A resume() of this very turn may still be on its way to begin anew: what reads already, it leaves alone.
  handle.reading = true
  return handle
}

/** What Node passes to another process, which then has the connection as well; null of a closed one. */
export function handleOf(socket: Socket): object | null {
  return (socket as unknown as SocketInternals)._handle
}

/**
 * Ends readInto(): the connection goes on in a socket that is read by whoever wants to.
 * @param first what was read already, and is read again
 * @returns null where the socket cannot be had
 */
export function readAnew(socket: Socket, first: Buffer): Socket | null {
  const handle = stopReading(socket)
  if (handle === null) return null
  const before = socket as unknown as SocketInternals
  const { _server: server } = before
  const fresh = socketOf(handle)
  const after = fresh as unknown as SocketInternals
  after._server = server
  after.server = server
  before._handle = null
  before._server = null
  before.server = null
  fresh.unshift(first)
  return fresh
}

/** The socket of a connection that another process has accepted, paused. */
export function socketOf(handle: unknown): Socket {
  const options = { handle, allowHalfOpen: true, pauseOnCreate: true }
  return new Socket(options as ConstructorParameters<typeof Socket>[0])
}

/** What the operating system still has to take of what was written, as a figure that changes with progress. */
export function sendProgress(socket: Socket): number {
  const handle = (socket as unknown as SocketInternals)._handle
  return (handle?.bytesWritten ?? socket.bytesWritten) - (handle?.writeQueueSize ?? socket.writableLength)
}

let supported: boolean | undefined

/** The internals that readInto() relies on are there. Nothing is tried on a live connection. */
export function supportsOnread(): boolean {
  return supported ??= probe()
}

function probe(): boolean {
  const bytes = Buffer.alloc(1)
  const socket = new Socket({ onread: { buffer: () => bytes, callback: () => true } } as unknown as ConstructorParameters<typeof Socket>[0])
  const known = Object.getOwnPropertySymbols(socket).some((symbol) => symbol.description === 'kBufferGen' && typeof (socket as never)[symbol] === 'function')
  const fields = socket as unknown as SocketInternals
  return known && '_handle' in fields && '_server' in fields && 'server' in fields
}
