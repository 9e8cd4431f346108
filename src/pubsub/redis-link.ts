/** One connection to Redis or Valkey, from its beginning to its end. */
import type { createClient } from '@redis/client'
import type { Topic } from './topic.ts'
import { literalPieces } from './topic.ts'

type Client = ReturnType<typeof createClient>

export interface LinkOptions {
  readonly url: string
  /** In front of every channel's name. */
  readonly prefix: string
  /** Milliseconds that connecting, or the answer to a ping, may take. */
  readonly patience: number
}

export interface LinkHost {
  /** `via` is what Redis sent it for: a message comes once for every topic that it matches. */
  received(channel: string, message: Buffer, via: string): void
  /** Called once, also where it was never connected. */
  ended(reason: string): void
}

export class RedisLink {
  private readonly options: LinkOptions
  private readonly host: LinkHost
  private client: Client | undefined
  private heartbeat: NodeJS.Timeout | undefined
  private over = false
  /** The same function each time: Redis is told to end a subscription by the function that it was made for. */
  private readonly patterns = new Map<string, (message: Buffer, channel: Buffer) => void>()

  constructor(options: LinkOptions, host: LinkHost) {
    this.options = options
    this.host = host
  }

  /** False where there is no connection; the host was told then. */
  async connect(): Promise<boolean> {
    const { url, patience } = this.options
    const { createClient } = await import('@redis/client')
    if (this.over) return false
    // What is lost, and when to try again, is for the driver to say: the client must keep no queue and not connect by itself.
    const client = createClient({
      url: url.replace(/^valkey/, 'redis'), RESP: 3, disableOfflineQueue: true,
      socket: { reconnectStrategy: false, connectTimeout: patience },
    }) as Client
    this.client = client
    client.on('error', (error: unknown) => this.end(reasonOf(error)))
    const late = setTimeout(() => this.end(`no answer for ${patience / 1000} s`), patience)
    try {
      await client.connect()
    } catch (error) {
      this.end(reasonOf(error))
    }
    clearTimeout(late)
    if (!this.over) this.beat(client)
    return !this.over
  }

  /** Rejected where it does not take effect. */
  async subscribe(topics: readonly Topic[]): Promise<void> {
    const client = this.client as Client
    const channels = topics.filter((topic) => typeof topic === 'string').map((name) => this.options.prefix + name)
    const patterns = topics.filter((topic) => typeof topic !== 'string').map((topic) => this.patternOf(topic))
    const taken = patterns.map((pattern) => client.pSubscribe(pattern, this.listenerOf(pattern), true))
    if (channels.length > 0) taken.push(client.subscribe(channels, this.exact, true))
    await Promise.all(taken)
  }

  async unsubscribe(topic: Topic): Promise<void> {
    const client = this.client as Client
    if (typeof topic === 'string') {
      await client.unsubscribe(this.options.prefix + topic, this.exact, true)
      return
    }
    const pattern = this.patternOf(topic)
    const listener = this.listenerOf(pattern)
    this.patterns.delete(pattern)
    await client.pUnsubscribe(pattern, listener, true)
  }

  /** Rejected where nobody knows that it has arrived. */
  async publish(channel: string, message: Buffer): Promise<void> {
    await (this.client as Client).publish(this.options.prefix + channel, message)
  }

  /** What is under way is rejected. */
  end(reason: string): void {
    if (this.over) return
    this.over = true
    clearInterval(this.heartbeat)
    // A client that was never connected has nothing to destroy, and says so by throwing.
    if (this.client?.isOpen === true) this.client.destroy()
    this.host.ended(reason)
  }

  private readonly exact = (message: Buffer, channel: Buffer): void => this.receive(channel, message, '')

  private receive(channel: Buffer, message: Buffer, via: string): void {
    this.host.received(channel.toString().slice(this.options.prefix.length), message, via)
  }

  private listenerOf(pattern: string): (message: Buffer, channel: Buffer) => void {
    const known = this.patterns.get(pattern)
    if (known !== undefined) return known
    const listener = (message: Buffer, channel: Buffer): void => this.receive(channel, message, pattern)
    this.patterns.set(pattern, listener)
    return listener
  }

  /** In Redis `?`, `[` and `]` have a meaning, too; here they stand for themselves. */
  private patternOf(topic: Exclude<Topic, string>): string {
    const pieces = [...literalPieces(topic.pattern)]
    pieces[0] = this.options.prefix + (pieces[0] as string)
    return pieces.map((piece) => piece.replaceAll(/[*?[\]\\]/g, '\\$&')).join('*')
  }

  /** A server that hangs keeps its connections: only silence tells. */
  private beat(client: Client): void {
    const { patience } = this.options
    let asked = false
    this.heartbeat = setInterval(() => {
      if (asked) {
        this.end(`no answer for ${patience / 1000} s`)
        return
      }
      asked = true
      client.ping().then(() => { asked = false }, (error: unknown) => this.end(reasonOf(error)))
    }, patience).unref()
  }
}

export function reasonOf(error: unknown): string {
  // Node's error for several addresses has the message in its parts.
  const first = error instanceof AggregateError ? error.errors[0] as unknown : error
  return first instanceof Error ? first.message : String(first)
}
