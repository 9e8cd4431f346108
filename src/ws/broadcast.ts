/** One message to many connections. */
import type { WebSocketConnection } from './connection.ts'
import { messageFrame } from './frame.ts'

/**
 * Sends a message to all of them, a string as text and bytes as binary. It is framed once; who is too slow for it is cut off, as
 * with `write()`, and who has closed is left out.
 */
export function broadcast(connections: Iterable<WebSocketConnection>, message: string | Uint8Array): void {
  const frame = messageFrame(message)
  for (const connection of connections) connection.writeFrame(frame, message)
}
