/** A handler to extend. */
import type { WebSocketConnection, WebSocketHandler } from './connection.ts'

export type { WebSocketHandler }

/** All that happens on a connection, with nothing done about it but pongs (pulsar's WS). */
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
