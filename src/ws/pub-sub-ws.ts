/** Sends each message of a channel to all connections (pulsar's PubSubWS). */
import type { PubSub, Subscription } from '../pubsub/pub-sub.ts'
import type { Topic } from '../pubsub/topic.ts'
import { broadcast } from './broadcast.ts'
import type { WebSocketConnection } from './connection.ts'
import { WS } from './handler.ts'

/** Text is sent as text and bytes as binary; a message is framed once, however many connections there are. */
export class PubSubWS extends WS {
  readonly pubsub: PubSub
  readonly topic: Topic
  readonly #connections = new Set<WebSocketConnection>()
  #subscription: Subscription | undefined

  constructor(pubsub: PubSub, topic: Topic) {
    super()
    this.pubsub = pubsub
    this.topic = topic
  }

  /** The connections that are open now. */
  get connections(): ReadonlySet<WebSocketConnection> {
    return this.#connections
  }

  /** What is published when its promise has resolved reaches the connection; a subclass that overrides it calls it. */
  override onOpen(ws: WebSocketConnection): unknown {
    if (!ws.open) return undefined
    this.#connections.add(ws)
    this.#subscription ??= this.pubsub.subscribe(this.topic, (message) => broadcast(this.#connections, message))
    return this.#subscription.ready
  }

  override onClose(ws: WebSocketConnection, _code: number, _reason: string): unknown {
    this.#connections.delete(ws)
    if (this.#connections.size > 0) return undefined
    this.#subscription?.unsubscribe()
    this.#subscription = undefined
    return undefined
  }
}
