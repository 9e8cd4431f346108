/**
 * Reading from accepted sockets at the least cost. Node's `onread` option of net.Socket (a plain callback and one reused
 * buffer instead of stream events) exists for outgoing connections only; here the handle of an accepted connection is put
 * into a socket made with it. That is not a documented use: {@link supportsOnread} tries it once in a process, and where it
 * does not work as expected plain 'data' events do the same.
 */
import { Socket, type Server } from 'node:net'

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
    onread: {
      buffer: nextBuffer,
      callback: (length: number, bytes: Uint8Array): boolean => {
        next = receive(bytes as Buffer, length)
        return true
      },
    },
  }
  next = SHARED
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0])
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
  socket.on('data', (bytes) => { receive(bytes, bytes.length) })
  socket.resume()
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
