/** Publish and subscribe: who listens in this process, and the driver that reaches the others. */
import type { DriverHost, Loss, Message, PubSubDriver } from './driver.ts'
import { patternMatches, topicKey, type Pattern, type Topic } from './topic.ts'

/** Called with each message, and the channel that it was published on. One that throws is reported; the others get theirs. */
export type Subscriber = (message: Message, channel: string) => void

export interface Subscription {
  readonly topic: Topic
  /** Resolves when messages of other processes come too: read a history after it, and nothing is missing in between. */
  readonly ready: Promise<void>
  /** More than once changes nothing. */
  unsubscribe(): void
}

/** Told of what went wrong. */
export type Report = (text: string, error?: unknown) => void

interface Subscribed {
  readonly call: Subscriber
  /** Counts subscriptions; a set keeps them in this order. */
  readonly number: number
}

interface Entry {
  readonly topic: Topic
  readonly subscribers: Set<Subscribed>
  ready: Promise<void>
}

/** While there is no driver yet, so many messages wait for it; what is older is for nobody but this process. */
const HELD = 1000
const READY: Promise<void> = Promise.resolve()

/**
 * Reaches the subscribers of this process at once, and those of others by a driver; without a driver there are no others.
 * Each message is delivered at most once, and those of one publisher in their order.
 */
export class PubSub implements DriverHost {
  private readonly channels = new Map<string, Entry>()
  private readonly patterns = new Map<string, Entry>()
  private readonly lossListeners = new Set<(loss: Loss) => void>()
  private readonly waiting: [channel: string, message: Message][] = []
  private delivering = false
  private subscriptions = 0
  private driver: PubSubDriver | undefined
  private held: [channel: string, message: Message][] = []
  private report: Report = (text, error) => process.emitWarning(error === undefined ? text : `${text}: ${String(error)}`)

  constructor(driver?: PubSubDriver) {
    if (driver !== undefined) this.attach(driver)
  }

  /** How many subscribers this process has, for all topics. */
  get size(): number {
    let size = 0
    for (const { subscribers } of [...this.channels.values(), ...this.patterns.values()]) size += subscribers.size
    return size
  }

  /** Calls a function with each message of a channel, or of all channels that a pattern matches: `{ pattern: 'room.*' }`. */
  subscribe(topic: Topic, subscriber: Subscriber): Subscription {
    const own: Subscribed = { call: subscriber, number: ++this.subscriptions }
    const { entries, name } = this.placeOf(topic)
    let entry = entries.get(name)
    if (entry === undefined) {
      entry = { topic, subscribers: new Set(), ready: READY }
      entries.set(name, entry)
      entry.ready = this.driver?.subscribe(topic) ?? READY
    }
    entry.subscribers.add(own)
    const told = entry
    return {
      topic,
      // Asked for when somebody waits for it: a driver may have come meanwhile.
      get ready() { return told.ready },
      unsubscribe: () => this.remove(topic, own),
    }
  }

  /** To all subscribers of the channel, in this process and in others. What cannot leave is told by {@link onLoss}. */
  publish(channel: string, message: Message): void {
    if (typeof channel !== 'string') throw new TypeError(`a channel is a string, not ${typeof channel}`)
    if (typeof message !== 'string' && !(message instanceof Uint8Array)) {
      throw new TypeError('a message is a string or bytes: JSON.stringify() makes a string of anything else')
    }
    if (this.driver !== undefined) this.driver.publish(channel, message)
    else if (this.held.push([channel, message]) > HELD) this.held.shift()
    this.deliver(channel, message)
  }

  /** Calls a function when messages were lost on the way between processes; gives the function that ends this. */
  onLoss(listener: (loss: Loss) => void): () => void {
    this.lossListeners.add(listener)
    return () => { this.lossListeners.delete(listener) }
  }

  /** Resolves when what was published so far has left this process, or was told as lost. */
  flush(): Promise<void> {
    return this.driver?.flush() ?? READY
  }

  /**
   * Gives it the driver that reaches other processes; what was published before follows now. For whoever runs the server.
   * @throws {Error} where it has one
   */
  attach(driver: PubSubDriver, report: Report = this.report): void {
    if (this.driver !== undefined) throw new Error('this hub has a driver already')
    this.driver = driver
    this.report = report
    driver.open(this)
    for (const entry of [...this.channels.values(), ...this.patterns.values()]) entry.ready = driver.subscribe(entry.topic) ?? READY
    for (const [channel, message] of this.held.splice(0)) driver.publish(channel, message)
  }

  /** Ends the way to other processes; subscribers of this one stay. */
  async close(): Promise<void> {
    const { driver } = this
    this.driver = undefined
    await driver?.close()
  }

  // For the driver ----------------------------------------------------------------------------------------------------------------

  /** A subscriber may publish: what it publishes comes after what is being delivered. */
  deliver(channel: string, message: Message): void {
    this.waiting.push([channel, message])
    if (this.delivering) return
    this.delivering = true
    try {
      for (let i = 0; i < this.waiting.length; i++) this.toSubscribers(...this.waiting[i] as [string, Message])
    } finally {
      this.waiting.length = 0
      this.delivering = false
    }
  }

  lost(loss: Loss): void {
    const count = loss.messages === null ? 'messages' : loss.messages === 1 ? '1 message' : `${loss.messages} messages`
    this.warn(loss.kind === 'unsent'
      ? `${count} published here did not reach other processes: ${loss.reason}`
      : `${count} of other processes may not have come here: ${loss.reason}`)
    for (const listener of this.lossListeners) this.guard('a listener for lost messages failed', () => listener(loss))
  }

  warn(text: string, error?: unknown): void {
    this.report(`publish and subscribe: ${text}`, error)
  }

  // ---------------------------------------------------------------------------------------------------------------------------------

  private toSubscribers(channel: string, message: Message): void {
    const exact = this.channels.get(channel)
    if (exact !== undefined) this.callAll(exact, channel, message)
    for (const entry of this.patterns.values()) {
      if (patternMatches(entry.topic as Pattern, channel)) this.callAll(entry, channel, message)
    }
  }

  /** Whoever unsubscribes meanwhile gets no more; whoever subscribes meanwhile begins with the next message. */
  private callAll({ subscribers }: Entry, channel: string, message: Message): void {
    const latest = this.subscriptions
    for (const { call, number } of subscribers) {
      if (number > latest) break
      try {
        call(message, channel)
      } catch (error) {
        this.warn(`a subscriber of ${JSON.stringify(channel)} failed`, error)
      }
    }
  }

  private guard(what: string, call: () => void): void {
    try {
      call()
    } catch (error) {
      this.warn(what, error)
    }
  }

  private remove(topic: Topic, subscriber: Subscribed): void {
    const { entries, name } = this.placeOf(topic)
    const entry = entries.get(name)
    if (entry?.subscribers.delete(subscriber) !== true || entry.subscribers.size > 0) return
    entries.delete(name)
    this.driver?.unsubscribe(topic)
  }

  private placeOf(topic: Topic): { readonly entries: Map<string, Entry>, readonly name: string } {
    return typeof topic === 'string' ? { entries: this.channels, name: topic } : { entries: this.patterns, name: topicKey(topic) }
  }
}
