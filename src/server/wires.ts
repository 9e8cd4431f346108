/** What may be spoken on a connection that TLS has secured, by its name in ALPN (RFC 7301). */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Settings } from '../config/settings.ts'
import type { Peer } from '../http/peer.ts'
import { Http1Connection } from './http1-connection.ts'
import { Http2Connection } from './http2-connection.ts'
import type { ServerContext, Tracked } from './server-context.ts'

/** A connection whose handshake is over. */
export interface Secured {
  readonly socket: TLSSocket
  /** The socket below TLS: what only the transport knows is asked of it. */
  readonly raw: Socket
  readonly peer: Peer
}

/** Serves it from here on; the connection that it makes has told the context that it is there when this returns. */
export type Wire = (context: ServerContext, secured: Secured) => Tracked

/** In the order of preference; a client that says nothing of ALPN speaks the last. */
export type Wires = readonly (readonly [protocol: string, wire: Wire])[]

export const http1Wire: Wire = (context, { socket, raw, peer }) => new Http1Connection(context, socket, { raw, peer })

const http2Wire: Wire = (context, { socket, peer }) => {
  const connection = new Http2Connection(context, socket, peer)
  context.opened(connection)
  return connection
}

/** HTTP/2 goes before, where it is on: the default (RFC 9113 section 3.2). */
export function wiresFor({ http2 }: Settings): Wires {
  return http2 === 'off' ? [['http/1.1', http1Wire]] : [['h2', http2Wire], ['http/1.1', http1Wire]]
}
