/** What carries messages from one hub to others: the contract. `pubSubContract` of `pulsar-wsgi/testing` tests it. */
import type { Topic } from './topic.ts'

/** Text, or bytes. Bytes that were published must not be changed afterwards. */
export type Message = string | Uint8Array

/** What did not reach whom it was for; each message is told once. */
export type Loss =
  /** Messages published here that did not leave, or of which nobody knows whether they did. */
  | { readonly kind: 'unsent', readonly messages: number, readonly reason: string }
  /** Messages of others that did not come here; null where nobody knows how many. */
  | { readonly kind: 'unheard', readonly messages: number | null, readonly reason: string }

/** The side of a hub that a driver sees. */
export interface DriverHost {
  /** A message that another hub has published; MUST be called once for it, however many topics it matches. */
  deliver(channel: string, message: Message): void
  lost(loss: Loss): void
  /** Something that an operator should know. */
  warn(text: string, error?: unknown): void
}

/**
 * A driver MUST keep the order of what one hub publishes, MUST NOT bring a hub its own messages, MUST NOT throw for what the
 * network does, and MUST bound what waits in it. It may bring messages that no topic was subscribed for: the hub leaves them out.
 */
export interface PubSubDriver {
  /** Called once, before anything else. A driver that cannot connect goes on trying. */
  open(host: DriverHost): void
  /**
   * A topic is wanted from now on; called when it gets its first subscriber.
   * @returns undefined, or a promise, where it takes effect later; never rejected
   */
  subscribe(topic: Topic): Promise<void> | undefined
  /** Nobody wants the topic any more. */
  unsubscribe(topic: Topic): void
  /** To all other hubs. What cannot be sent is told by {@link DriverHost.lost}. */
  publish(channel: string, message: Message): void
  /** Resolves when what was published so far has left this process, or was told as lost. */
  flush(): Promise<void>
  /** Resolves when nothing of it runs any more; what was published has left, as far as it could. */
  close(): Promise<void>
}
