/** WebSocket connections and messages of this process. */
export interface WebSocketCounts {
  open: number
  /** Since the start. */
  opened: number
  received: number
  sent: number
}

// On the global object: the application may import another copy of this package than the command's.
const KEY = Symbol.for('pulsar-wsgi.web-sockets')
const shared = globalThis as typeof globalThis & { [KEY]?: WebSocketCounts }

/** The one of this process; whoever has connections counts in it. */
export function webSocketCounts(): WebSocketCounts {
  return shared[KEY] ??= { open: 0, opened: 0, received: 0, sent: 0 }
}
