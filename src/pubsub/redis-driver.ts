/** Between servers, on as many machines as there are, by the publish and subscribe of Redis or Valkey. */
import { randomBytes } from 'node:crypto'
import type { DriverHost, Message, PubSubDriver } from './driver.ts'
import { Outbox } from './outbox.ts'
import { opened, sealed } from './redis-envelope.ts'
import { RedisLink, reasonOf } from './redis-link.ts'
import { topicKey, type Topic } from './topic.ts'
import { UnsentCount } from './unsent-count.ts'

export interface RedisDriverOptions {
  /** In front of every channel's name in Redis. Default: `pulsar:`, the number of the URL's database, `:`. */
  readonly prefix?: string
  /** Milliseconds that Redis may take to answer, before the connection counts as lost. Default 5000. */
  readonly patience?: number
  /** Milliseconds until the first attempt to connect again; each one waits twice as long, up to 5 s. Default 100. */
  readonly retryAfter?: number
}

interface Wanted {
  readonly topic: Topic
  readonly ready: Promise<void>
  readonly settle: () => void
}

const AWAY = 'there is no connection to Redis'
const LONGEST_RETRY = 5000
/** What is under way when the server ends is waited for so long. Milliseconds. */
const FAREWELL = 2000

/**
 * Redis keeps nothing for who is away: what is published while the connection is lost does not reach other servers, and theirs
 * does not come here. Both are told; subscriptions are made again.
 */
export class RedisDriver implements PubSubDriver {
  private readonly url: string
  private readonly prefix: string
  private readonly patience: number
  private readonly retryAfter: number
  private readonly origin = randomBytes(16)
  private readonly outbox = new Outbox()
  private readonly wanted = new Map<string, Wanted>()
  private host: DriverHost | undefined
  private unsent: UnsentCount | undefined
  /** What is published before it is known whether Redis is there, as an application does while it is loaded; null from then on. */
  private early: [channel: string, sealed: Buffer][] | null = []
  private link: RedisLink | undefined
  private connected = false
  private retries = 0
  private retry: NodeJS.Timeout | undefined
  /** When messages of others began to be missed; null while none are, or before the first connection. */
  private awaySince: number | null = null
  private closed = false
  private last: { readonly channel: string, readonly message: Buffer, readonly via: Set<string> } | undefined

  /** @param url `redis://user:password@host:port/0`; `rediss:` for TLS; `valkey:` is the same as `redis:` */
  constructor(url: string, options: RedisDriverOptions = {}) {
    this.url = url
    const database = new URL(url).pathname.slice(1)
    this.prefix = options.prefix ?? `pulsar:${database === '' ? '0' : database}:`
    this.patience = options.patience ?? 5000
    this.retryAfter = options.retryAfter ?? 100
  }

  open(host: DriverHost): void {
    this.host = host
    this.unsent = new UnsentCount(host)
    this.connect()
  }

  subscribe(topic: Topic): Promise<void> {
    const { promise, resolve } = withResolvers()
    this.wanted.set(topicKey(topic), { topic, ready: promise, settle: resolve })
    if (this.connected) this.tell(topic)
    return promise
  }

  unsubscribe(topic: Topic): void {
    this.wanted.get(topicKey(topic))?.settle()
    this.wanted.delete(topicKey(topic))
    if (this.connected) this.link?.unsubscribe(topic).catch((error: unknown) => this.refused('a subscription could not be ended', error))
  }

  publish(channel: string, message: Message): void {
    if (!this.connected && this.early === null) {
      this.unsent?.add(AWAY)
      return
    }
    const sent = sealed(message, this.origin)
    if (!this.outbox.add(channel.length + sent.length)) this.unsent?.add('Redis does not take them in time')
    else if (this.early === null) this.send(channel, sent)
    else this.early.push([channel, sent])
  }

  /** What is in the outbox. */
  private send(channel: string, sent: Buffer): void {
    const { link } = this
    const given = this.connected && link !== undefined ? link.publish(channel, sent) : Promise.reject(new Error(AWAY))
    given.catch((error: unknown) => this.unsent?.add(reasonOf(error))).finally(() => this.outbox.remove(channel.length + sent.length))
  }

  /** The first attempt to connect is over. */
  private sendEarly(): void {
    const { early } = this
    this.early = null
    for (const [channel, sent] of early ?? []) this.send(channel, sent)
  }

  async flush(): Promise<void> {
    await this.outbox.empty()
    this.unsent?.tell()
  }

  async close(): Promise<void> {
    this.closed = true
    clearTimeout(this.retry)
    const late = setTimeout(() => this.link?.end('the server ends'), FAREWELL)
    await this.outbox.empty()
    clearTimeout(late)
    this.link?.end('the server ends')
    this.unsent?.tell()
    for (const { settle } of this.wanted.values()) settle()
  }

  // The connection ------------------------------------------------------------------------------------------------------------------

  private connect(): void {
    const link: RedisLink = new RedisLink({ url: this.url, prefix: this.prefix, patience: this.patience }, {
      received: (channel, message, via) => this.received(channel, message, via),
      ended: (reason) => this.ended(reason),
    })
    this.link = link
    link.connect().then(
      (connected) => { if (connected) this.resume(link) },
      (error: unknown) => link.end(reasonOf(error)),
    )
  }

  /** Subscriptions first: whoever hears that the connection is back finds them made. */
  private resume(link: RedisLink): void {
    this.connected = true
    const wanted = [...this.wanted.values()]
    const made = wanted.length === 0 ? Promise.resolve() : link.subscribe(wanted.map(({ topic }) => topic))
    made.then(() => {
      for (const { settle } of wanted) settle()
      if (this.retries > 0) this.host?.warn('connected to Redis again')
      this.retries = 0
      this.missed()
    }, (error: unknown) => this.refused('subscriptions could not be made', error)).finally(() => this.sendEarly())
  }

  private missed(): void {
    if (this.awaySince === null) return
    const seconds = ((performance.now() - this.awaySince) / 1000).toFixed(1)
    this.awaySince = null
    if (this.wanted.size > 0) this.host?.lost({ kind: 'unheard', messages: null, reason: `there was no connection to Redis for ${seconds} s` })
  }

  private ended(reason: string): void {
    if (this.connected) this.awaySince ??= performance.now()
    this.connected = false
    this.link = undefined
    this.last = undefined
    this.sendEarly()
    if (this.closed) return
    // An outage is two lines in the log, however often it is tried.
    if (this.retries === 0) this.host?.warn(`no connection to Redis, trying again: ${reason}`)
    const wait = Math.min(this.retryAfter * 2 ** this.retries, LONGEST_RETRY)
    this.retries++
    // Many servers that lost one Redis should not come back at the same moment.
    this.retry = setTimeout(() => this.connect(), wait * (0.75 + Math.random() / 2))
    // In a process that only publishes it is no reason to go on.
    this.retry.unref()
  }

  private tell(topic: Topic): void {
    this.link?.subscribe([topic]).then(
      () => this.wanted.get(topicKey(topic))?.settle(),
      (error: unknown) => this.refused('a subscription could not be made', error),
    )
  }

  /** Where the connection has ended it was told, and is made again with the next one. */
  private refused(what: string, error: unknown): void {
    if (this.connected && !this.closed) this.host?.warn(what, error)
  }

  /**
   * Redis sends a message once for its channel and once for each pattern that it matches, one directly behind the other. What
   * equals the message before and comes by another subscription is a copy: a message that was published twice comes by the same.
   */
  private received(channel: string, message: Buffer, via: string): void {
    const { last } = this
    if (last !== undefined && !last.via.has(via) && last.channel === channel && last.message.equals(message)) {
      last.via.add(via)
      return
    }
    this.last = { channel, message, via: new Set([via]) }
    const content = opened(message, this.origin)
    if (content !== null) this.host?.deliver(channel, content)
  }
}

/** Node 20 has no Promise.withResolvers(). */
function withResolvers(): { readonly promise: Promise<void>, readonly resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => { resolve = settle })
  return { promise, resolve }
}
