/** The wrapper of a gateway that counts its requests, and knows those that run and those worth a look. */
import type { Closing, Exchange, Gateway } from '../../gateway/exchange.ts'
import { PhaseTimes } from '../../http/phases.ts'
import type { CauseName } from '../../http/causes.ts'
import { traceOf } from '../../http/trace-context.ts'
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
  /** What it is called in the log. */
  readonly id: string
  readonly method: string
  readonly path: string
  readonly status: number
  /** The trace that it belongs to, by its `traceparent`; null where it has none. */
  readonly trace: string | null
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
  /** Those that came before and after it, and run. */
  before: Watched | undefined
  after: Watched | undefined = undefined

  constructor(exchange: Exchange, before: Watched | undefined) {
    super(now)
    this.exchange = exchange
    this.before = before
    if (before !== undefined) before.after = this
  }
}

/** The outermost wrapper: nobody has asked for the times of an exchange before. */
export class RequestWatch {
  private readonly counters: RequestCounters
  /** The one that came last, of those that run: a list that costs less than a Set. */
  private last: Watched | undefined
  private running = 0
  private slow: PastRequest[] = []
  private readonly failed: PastRequest[] = []
  /** A request must have taken longer to be among the slowest; seconds. */
  private threshold = 0
  private readonly closed = (closing: Closing): void => this.over(closing.phases as Watched, closing)

  constructor(counters: RequestCounters) {
    this.counters = counters
  }

  get inFlight(): number {
    return this.running
  }

  around(gateway: Gateway): Gateway {
    return (exchange) => {
      exchange.times = this.last = new Watched(exchange, this.last)
      this.running++
      exchange.onClose(this.closed)
      gateway(exchange)
    }
  }

  /** The oldest first, and not all where there are very many. */
  requests(): readonly RunningRequest[] {
    const at = now()
    const all: Watched[] = []
    for (let one = this.last; one !== undefined; one = one.before) all.push(one)
    return all.reverse().slice(0, MOST_RUNNING).map(({ exchange: { head, peer, begun }, started }) => ({
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
    this.remove(watched)
    const { exchange } = watched
    const { counters } = this
    counters.count(exchange.head.method, status, exchange.route ?? '', exchange.kind ?? counters.kind)
    const whole = watched.total / 1000
    if (watched.undivided) counters.timeUndivided(whole)
    else counters.time(watched.body / 1000, watched.queue / 1000, watched.application / 1000, watched.write / 1000, whole)
    counters.bytes(exchange.body.length ?? 0, bytes)
    if (whole > this.threshold) this.addSlow(pastOf(watched, whole, status, cause))
    if (status >= 500 && cause === null) counters.applicationError(status)
    if (status >= 500 || (cause !== null && status === 0)) {
      if (this.failed.push(pastOf(watched, whole, status, cause)) > KEPT) this.failed.shift()
    }
  }

  private remove(watched: Watched): void {
    const { before, after } = watched
    this.running--
    if (before !== undefined) before.after = after
    if (after !== undefined) after.before = before
    else this.last = before
    // What is over must not keep others that are alive for the collector.
    watched.before = watched.after = undefined
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
  const { exchange: { id, head }, body, queue, application, write } = watched
  const trace = traceOf(head) ?? null
  return {
    id, method: head.method, path: shortened(head.path), status, cause, trace, at: Date.now(), whole,
    body: body / 1000, queue: queue / 1000, application: application / 1000, write: write / 1000,
  }
}

function shortened(path: string): string {
  return path.length > SHOWN ? `${path.slice(0, SHOWN)}...` : path
}
