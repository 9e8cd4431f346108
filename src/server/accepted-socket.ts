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
}

interface SocketInternals {
  _handle: Handle | null
  _server: Server | null
  server: Server | null
}

/** Gets the bytes of one read: they are the receiver's only until it returns. */
export type Receive = (bytes: Buffer, length: number) => void

/** One for all sockets of the process: a read is used up, or copied, before the next one. */
const SHARED = Buffer.allocUnsafeSlow(65536)

/**
 * @param accepted as net.Server gives it with `pauseOnConnect`, nothing read yet
 * @returns the socket to use from here on
 */
export function readInto(accepted: Socket, server: Server, receive: Receive): Socket {
  const { _handle: handle } = accepted as unknown as SocketInternals
  if (handle === null || !supportsOnread()) return readByEvents(accepted, receive)
  const options = {
    handle, allowHalfOpen: true,
    onread: {
      buffer: SHARED,
      callback: (length: number, bytes: Uint8Array): boolean => {
        receive(bytes as Buffer, length)
        return true
      },
    },
  }
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
  socket.on('data', (bytes) => receive(bytes, bytes.length))
  socket.resume()
  return socket
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
  const socket = new Socket({ onread: { buffer: bytes, callback: () => true } } as unknown as ConstructorParameters<typeof Socket>[0])
  const known = Object.getOwnPropertySymbols(socket).some((symbol) => symbol.description === 'kBuffer' && (socket as never)[symbol] === bytes)
  const fields = socket as unknown as SocketInternals
  return known && '_handle' in fields && '_server' in fields && 'server' in fields
}
