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
  readonly WebSocket: new (address: null, protocols: undefined, options: object) => AcceptingSocket
  readonly PerMessageDeflate: new (options: object) => Deflate
  readonly extension: {
    parse(field: string): Record<string, readonly Record<string, unknown>[] | undefined>
    format(extensions: Record<string, readonly Parameters[]>): string
  }
}

interface AcceptingSocket extends LibrarySocket {
  _extensions: Record<string, Deflate>
  _protocol: string
  setSocket(stream: Duplex, head: Buffer, options: object): void
}

const { WebSocket, PerMessageDeflate, extension } = library as unknown as Library
const DEFLATE = 'permessage-deflate'
const EMPTY = Buffer.alloc(0)

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
export function takeOver(stream: Duplex, limits: ConnectionLimits, agreed: { readonly protocol: string, readonly compression: Compression | undefined }): LibrarySocket {
  const options = libraryLimits(limits)
  const socket = new WebSocket(null, undefined, options)
  socket._protocol = agreed.protocol
  if (agreed.compression !== undefined) socket._extensions = { [DEFLATE]: agreed.compression.deflate }
  socket.setSocket(stream, EMPTY, options)
  return socket
}
