/** The wrapper of a gateway that counts its requests, and knows those that run and those worth a look. */
import type { Closing, Exchange, Gateway } from '../../gateway/exchange.ts'
import { PhaseTimes } from '../../http/phases.ts'
import type { CauseName } from '../../http/causes.ts'
import type { RequestCounters } from './request-counters.ts'

/** A request that runs; times in seconds. */
export type RunningRequest = {
  readonly method: string
  readonly path: string
  readonly client: string
  readonly age: number
  /** Its answer has begun. */
  readonly answering: boolean
}

/** A request that is over. */
export type PastRequest = {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly cause: CauseName | null
  /** When it was over, in milliseconds since 1970. */
  readonly at: number
  readonly body: number
  readonly queue: number
  readonly application: number
  readonly write: number
  readonly whole: number
}

/** How many of each are kept, and for how long: milliseconds. */
const KEPT = 20
const MEMORY = 10 * 60_000
/** Of a path, in characters: what a client writes may be long. */
const SHOWN = 200
const MOST_RUNNING = 200

const now = (): number => performance.now()

/** What is known of a request while it runs: its phases, and who it is. */
class Watched extends PhaseTimes {
  readonly exchange: Exchange

  constructor(exchange: Exchange) {
    super(now)
    this.exchange = exchange
  }
}

/** The outermost wrapper: nobody has asked for the times of an exchange before. */
export class RequestWatch {
  private readonly counters: RequestCounters
  private readonly running = new Set<Watched>()
  private slow: PastRequest[] = []
  private readonly failed: PastRequest[] = []
  /** A request must have taken longer to be among the slowest; seconds. */
  private threshold = 0
  private readonly closed = (closing: Closing): void => this.over(closing.phases as Watched, closing)

  constructor(counters: RequestCounters) {
    this.counters = counters
  }

  get inFlight(): number {
    return this.running.size
  }

  around(gateway: Gateway): Gateway {
    return (exchange) => {
      const watched = exchange.times = new Watched(exchange)
      this.running.add(watched)
      exchange.onClose(this.closed)
      gateway(exchange)
    }
  }

  /** The oldest first, and not all where there are very many. */
  requests(): readonly RunningRequest[] {
    const at = now()
    return [...this.running].slice(0, MOST_RUNNING).map(({ exchange: { head, peer, begun }, started }) => ({
      method: head.method, path: shortened(head.path), client: peer.remoteAddress === '' ? 'unix' : peer.remoteAddress,
      age: (at - started) / 1000, answering: begun,
    }))
  }

  /** The slowest of late, the slowest first. */
  slowest(): PastRequest[] {
    const since = Date.now() - MEMORY
    return this.keep(this.slow.filter(({ at }) => at >= since))
  }

  /** The last that ended with an error, or without an answer; the latest first. */
  failures(): readonly PastRequest[] {
    const since = Date.now() - MEMORY
    return this.failed.filter(({ at }) => at >= since).reverse()
  }

  private over(watched: Watched, { status, bytes, cause }: Closing): void {
    this.running.delete(watched)
    const { exchange } = watched
    const { counters } = this
    counters.count(exchange.head.method, status, exchange.route ?? '')
    counters.time(watched)
    counters.bytes(exchange.body.length ?? 0, bytes)
    const whole = (watched.body + watched.queue + watched.application + watched.write) / 1000
    if (whole > this.threshold) this.addSlow(pastOf(watched, whole, status, cause))
    if (status >= 500 || (cause !== null && status === 0)) {
      if (this.failed.push(pastOf(watched, whole, status, cause)) > KEPT) this.failed.shift()
    }
  }

  private addSlow(past: PastRequest): void {
    this.keep([...this.slowest(), past].sort((a, b) => b.whole - a.whole).slice(0, KEPT))
  }

  private keep(slow: PastRequest[]): PastRequest[] {
    this.threshold = slow.length < KEPT ? 0 : (slow.at(-1) as PastRequest).whole
    return this.slow = slow
  }
}

function pastOf(watched: Watched, whole: number, status: number, cause: CauseName | null): PastRequest {
  const { exchange: { head }, body, queue, application, write } = watched
  return {
    method: head.method, path: shortened(head.path), status, cause, at: Date.now(), whole,
    body: body / 1000, queue: queue / 1000, application: application / 1000, write: write / 1000,
  }
}

function shortened(path: string): string {
  return path.length > SHOWN ? `${path.slice(0, SHOWN)}...` : path
}
