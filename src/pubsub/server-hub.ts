/** The hub of a server's process, which the server gives its driver. */
import { PubSub } from './pub-sub.ts'

// On the global object, because the application may import another copy of this package than the command's.
const KEY = Symbol.for('pulsar-wsgi.pubsub')
const shared = globalThis as typeof globalThis & { [KEY]?: PubSub }

/**
 * Publish and subscribe among all workers of the server, and with the setting `pubsub` among all servers that have the same.
 * In a process that no server runs in it reaches that process alone.
 */
export const pubsub: PubSub = shared[KEY] ??= new PubSub()
