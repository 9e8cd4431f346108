/**
 * The `ws` library, as its own server uses it: a WebSocket without an address takes over a stream. Its types leave these names
 * out, so they are stated here; test/ws/autobahn.test.ts holds them to it.
 */
import type { Duplex } from 'node:stream'
import * as library from 'ws'
import type { LibrarySocket } from './library-socket.ts'
import type { ConnectionLimits } from './options.ts'

type Parameters = Record<string, string | number | true>

interface Deflate {
  accept(offers: readonly Record<string, unknown>[]): Parameters
}

interface Library {
  readonly WebSocket: new (address: string | URL | null, protocols: string[] | undefined, options: object) => AcceptingSocket
  readonly PerMessageDeflate: new (options: object) => Deflate
  readonly extension: {
    parse(field: string): Record<string, readonly Record<string, unknown>[] | undefined>
    format(extensions: Record<string, readonly Parameters[]>): string
  }
}

interface AcceptingSocket extends LibrarySocket {
  _extensions: Record<string, Deflate>
  _protocol: string
  /** Null before it is open, and behind its end. */
  readonly _socket: Duplex | null
  setSocket(stream: Duplex, head: Buffer, options: object): void
}

const { PerMessageDeflate, extension } = library as unknown as Library
const WebSocket: Library['WebSocket'] = (library as unknown as Library).WebSocket
const DEFLATE = 'permessage-deflate'
const EMPTY = Buffer.alloc(0)

/** Who is told of what happens on a socket. */
export interface SocketOwner {
  received(data: Buffer, isBinary: boolean): void
  pinged(body: Buffer): void
  ponged(body: Buffer): void
  broken(error: Error): void
  closed(code: number, reason: Buffer): void
}

/** Tells its owner by plain calls, where it has one: five listeners of each of many connections would cost memory. */
export class OwnedSocket extends WebSocket {
  owner: SocketOwner | null = null

  override emit(event: string, ...args: readonly unknown[]): boolean
  override emit(event: string, first?: unknown, second?: unknown): boolean {
    const { owner } = this
    switch (owner === null ? '' : event) {
      case 'message': owner?.received(first as Buffer, second as boolean); return true
      case 'ping': owner?.pinged(first as Buffer); return true
      case 'pong': owner?.ponged(first as Buffer); return true
      case 'error': owner?.broken(first as Error); return true
      case 'close': owner?.closed(first as number, second as Buffer); return true
      default: return super.emit(event, first, second)
    }
  }

  /** Of its stream; 0 where that does not count them. */
  get bytesRead(): number {
    return (this._socket as { readonly bytesRead?: number } | null)?.bytesRead ?? 0
  }
}

/** The extension that was agreed upon: what to send back, and what does it. */
export interface Compression {
  readonly field: string
  readonly deflate: Deflate
}

/** Limits in the words of the library. */
export function libraryLimits({ maxMessage, maxFragments, closeTimeout }: ConnectionLimits): object {
  return {
    allowSynchronousEvents: true, autoPong: false, maxPayload: maxMessage, maxFragments, maxBufferedChunks: 262144,
    closeTimeout: closeTimeout * 1000, skipUTF8Validation: false,
  }
}

/** Without context takeover a connection that is idle holds no window in memory. */
export function deflateOptions({ compression }: ConnectionLimits): object {
  return { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: compression?.threshold }
}

/**
 * The answer to `Sec-WebSocket-Extensions` (RFC 6455 section 9.1, RFC 7692); undefined where nothing is agreed upon.
 * @throws {SyntaxError} for a malformed field
 */
export function agreedCompression(field: string, limits: ConnectionLimits): Compression | undefined {
  const offers = extension.parse(field)[DEFLATE]
  if (offers === undefined || limits.compression === null) return undefined
  const deflate = new PerMessageDeflate({ ...deflateOptions(limits), isServer: true, maxPayload: limits.maxMessage })
  try {
    return { field: extension.format({ [DEFLATE]: [deflate.accept(offers)] }), deflate }
  } catch {
    // RFC 7692 section 5.1: an offer that cannot be accepted is declined, and the connection goes on without.
    return undefined
  }
}

/** The server's end of a connection whose handshake is done. */
export function takeOver(stream: Duplex, limits: ConnectionLimits, agreed: { readonly protocol: string, readonly compression: Compression | undefined }): OwnedSocket {
  const options = libraryLimits(limits)
  const socket = new OwnedSocket(null, undefined, options)
  socket._protocol = agreed.protocol
  if (agreed.compression !== undefined) socket._extensions = { [DEFLATE]: agreed.compression.deflate }
  socket.setSocket(stream, EMPTY, options)
  return socket
}
