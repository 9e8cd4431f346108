/** What happens on a connection: what applications fill. */
import type { WebSocketConnection } from './connection.ts'

/**
 * All methods are optional, and may return a promise. Opening, messages and closing of one connection are handled one after the
 * other: while one waits, nothing more is read. Pings and pongs are handled as they come.
 */
export interface WebSocketHandler {
  onOpen?(ws: WebSocketConnection): unknown
  /** Text. */
  onMessage?(ws: WebSocketConnection, message: string): unknown
  onBytes?(ws: WebSocketConnection, message: Buffer): unknown
  /** Without it, and with that of {@link WS}, a ping is answered by a pong (RFC 6455 section 5.5.2). */
  onPing?(ws: WebSocketConnection, body: Buffer): unknown
  onPong?(ws: WebSocketConnection, body: Buffer): unknown
  /**
   * Once, at the end, if onOpen was called.
   * @param code what the other side has said; 1005 where it said nothing, 1006 where the connection broke (RFC 6455 section 7.1.5)
   */
  onClose?(ws: WebSocketConnection, code: number, reason: string): unknown
}

/** A handler to extend (pulsar's WS). */
export class WS implements WebSocketHandler {
  onOpen(_ws: WebSocketConnection): unknown {
    return undefined
  }

  onMessage(_ws: WebSocketConnection, _message: string): unknown {
    return undefined
  }

  onBytes(_ws: WebSocketConnection, _message: Buffer): unknown {
    return undefined
  }

  onPing(ws: WebSocketConnection, body: Buffer): unknown {
    return ws.pong(body)
  }

  onPong(_ws: WebSocketConnection, _body: Buffer): unknown {
    return undefined
  }

  onClose(_ws: WebSocketConnection, _code: number, _reason: string): unknown {
    return undefined
  }
}
