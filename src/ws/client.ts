/** The client's side of a WebSocket, with the handler interface of the server's. */
import { WebSocketConnection } from './connection.ts'
import { deflateOptions, libraryLimits, OwnedSocket } from './framing.ts'
import { WS, type WebSocketHandler } from './handler.ts'
import { IdleWatch } from './idle-watch.ts'
import { connectionLimits, type ConnectionOptions } from './options.ts'

export interface ConnectOptions extends ConnectionOptions {
  readonly handler?: WebSocketHandler
  /** Subprotocols to offer, best first. */
  readonly protocols?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  /** Seconds for the opening handshake. Default 15. */
  readonly openTimeout?: number
  /** Certificates to trust, for `wss:`; default: those of Node. */
  readonly ca?: string | Buffer
  /** Told of what a handler throws; default: a warning of the process. The connection is closed with 1011. */
  readonly onError?: (error: unknown) => void
}

/**
 * Opens a connection: `await connect('ws://host/echo', { handler: { onMessage: (ws, text) => ... } })`.
 * @returns when it is open, and onOpen was called
 * @throws {Error} (a rejection) where it cannot be opened
 */
export function connect(url: string | URL, options: ConnectOptions = {}): Promise<WebSocketConnection> {
  const limits = connectionLimits(options)
  const socket = new OwnedSocket(url, [...options.protocols ?? []], {
    ...libraryLimits(limits), headers: { ...options.headers }, handshakeTimeout: (options.openTimeout ?? 15) * 1000,
    perMessageDeflate: limits.compression === null ? false : deflateOptions(limits),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    // What came with the answer is read in a later turn: nothing is missed.
    socket.once('open', () => {
      socket.off('error', reject)
      resolve(new WebSocketConnection({
        handler: options.handler ?? new WS(), limits, idle: new IdleWatch(limits.pingInterval),
        failed: options.onError ?? ((error) => process.emitWarning(error instanceof Error ? error : String(error))),
      }, socket))
    })
  })
}
