/** Counts requests. On the way of every request: typed arrays, nothing is made for one. */
import { causes, type CauseName } from '../../http/causes.ts'
import type { Phases } from '../../http/phases.ts'
import { bounds, bucketOf } from './buckets.ts'
import type { Family, Series } from './families.ts'

/** What is no method of these is `other`: clients choose names. */
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'TRACE', 'other']
const methodIndex: ReadonlyMap<string, number> = new Map(METHODS.map((name, i) => [name, i]))
const OTHER = METHODS.length - 1
/** Different statuses that are told apart; the rest share the last. */
const STATUSES = 64
/** Different routes of a kind that are told apart; the rest are `other`. */
const ROUTES = 500

type Phase = Exclude<keyof Phases, 'total'>

const PHASES: readonly Phase[] = ['body', 'queue', 'application', 'write']
const SLOTS = bounds.length + 1
const causeNames = Object.keys(causes) as CauseName[]
const causeIndex: ReadonlyMap<CauseName, number> = new Map(causeNames.map((name, i) => [name, i]))

export class RequestCounters {
  /** Of the application; one of several says its own. */
  readonly kind: string
  /** By kind, then route. */
  private readonly tables = new Map<string, Map<string, Float64Array>>()
  /** Where the last request was counted: the next is often one of the same kind. */
  private lastMethod = ''
  private lastStatus = -1
  private lastRoute = ''
  private lastKind = ''
  private lastTable: Float64Array = new Float64Array(0)
  private lastAt = 0
  /** Slot by status; 0 is for none, slots are given as statuses are met. */
  private readonly slots = new Uint8Array(600)
  private readonly statuses: number[] = [0]
  private readonly phases: Readonly<Record<Phase, Float64Array>> = { body: times(), queue: times(), application: times(), write: times() }
  private readonly whole = times()
  /** Of those that had no phase but the application's: its time is the whole. */
  private readonly undivided = times()
  private readonly refused = new Float64Array(causeNames.length)
  /** By status, of which applications have few. */
  private readonly errors = new Map<number, number>()
  private sent = 0
  private received = 0

  /** @param kind of the application: `wsgi`, `python` and the like */
  constructor(kind: string) {
    this.kind = kind
  }

  /**
   * A request is over.
   * @param status 0 where none was sent
   * @param route the route's name; empty where the application has told none
   * @param kind of the application that had it
   */
  count(method: string, status: number, route: string, kind: string = this.kind): void {
    if (method !== this.lastMethod || status !== this.lastStatus || route !== this.lastRoute || kind !== this.lastKind) {
      this.turnTo(method, status, route, kind)
    }
    const { lastTable, lastAt } = this
    lastTable[lastAt] = (lastTable[lastAt] as number) + 1
  }

  /** How long its phases took, and all of it; in seconds. */
  time(body: number, queue: number, application: number, write: number, whole: number): void {
    const { phases } = this
    add(phases.body, body)
    add(phases.queue, queue)
    add(phases.application, application)
    add(phases.write, write)
    add(this.whole, whole)
  }

  /** The same for one whose application was called at once and gave its answer whole, as most do: one addition instead of five. */
  timeUndivided(whole: number): void {
    add(this.undivided, whole)
  }

  /** Bytes of bodies. */
  bytes(received: number, sent: number): void {
    this.received += received
    this.sent += sent
  }

  /** An answer that the server made itself, or a cut. */
  refuse(cause: CauseName): void {
    const at = causeIndex.get(cause) as number
    this.refused[at] = (this.refused[at] as number) + 1
  }

  /** An answer of the application's own with a status of 500 or above. */
  applicationError(status: number): void {
    if (this.errors.size < STATUSES || this.errors.has(status)) this.errors.set(status, (this.errors.get(status) ?? 0) + 1)
  }

  families(): readonly Family[] {
    return [
      {
        name: 'pulsar_requests_total', type: 'counter', help: 'Requests that are over; status 0: none was sent.',
        labels: ['method', 'status', 'route', 'kind'], series: this.requests(),
      },
      {
        name: 'pulsar_request_phase_seconds', type: 'histogram', labels: ['phase'], bounds, series:
          PHASES.map((name) => [[name], this.withUndivided(this.phases[name], name === 'application')]),
        help: 'How long requests were in each phase: body, queue (for a Python worker), application, write.',
      },
      {
        name: 'pulsar_request_duration_seconds', type: 'histogram', labels: [], bounds, series: [[[], this.withUndivided(this.whole, true)]],
        help: 'How long requests took, from their head to the end of the answer.',
      },
      counter('pulsar_request_body_bytes_total', 'Bytes of the bodies of requests, as far as their length was announced.', this.received),
      counter('pulsar_response_body_bytes_total', 'Bytes of the bodies of answers.', this.sent),
      {
        name: 'pulsar_refused_total', type: 'counter', labels: ['cause'], help: 'Answers that the server made itself, and cuts, by cause (docs/errors.md).',
        series: causeNames.flatMap((name, i): Series[] => this.refused[i] === 0 ? [] : [[[name], [this.refused[i] as number]]]),
      },
      {
        name: 'pulsar_application_errors_total', type: 'counter', labels: ['status'],
        help: 'Answers with a status of 500 or above that the application gave itself.',
        series: [...this.errors].map(([status, count]) => [[String(status)], [count]]),
      },
    ]
  }

  private requests(): Series[] {
    const series: Series[] = []
    for (const [kind, routes] of this.tables) {
      for (const [route, table] of routes) this.addRequests(series, route, kind, table)
    }
    return series
  }

  private addRequests(series: Series[], route: string, kind: string, table: Float64Array): void {
    for (let at = 0; at < table.length; at++) {
      if (table[at] === 0) continue
      const method = METHODS[Math.floor(at / STATUSES)] as string
      const slot = at % STATUSES
      const status = slot === STATUSES - 1 ? 'other' : String(this.statuses[slot])
      series.push([[method, status, route, kind], [table[at] as number]])
    }
  }

  /** @param took what they took was of this phase, and none of it otherwise */
  private withUndivided(counts: Float64Array, took: boolean): number[] {
    const { undivided } = this
    const sums = [...counts]
    for (let i = 0; i < SLOTS; i++) {
      const at = took ? i : 0
      sums[at] = (sums[at] as number) + (undivided[i] as number)
    }
    if (took) sums[SLOTS] = (sums[SLOTS] as number) + (undivided[SLOTS] as number)
    return sums
  }

  private turnTo(method: string, status: number, route: string, kind: string): void {
    if (route !== this.lastRoute || kind !== this.lastKind) this.lastTable = this.tableOf(route, kind)
    this.lastAt = (methodIndex.get(method) ?? OTHER) * STATUSES + ((this.slots[status] as number) || this.slotOf(status))
    this.lastMethod = method
    this.lastStatus = status
    this.lastRoute = route
    this.lastKind = kind
  }

  private tableOf(route: string, kind: string): Float64Array {
    let routes = this.tables.get(kind)
    if (routes === undefined) this.tables.set(kind, routes = new Map())
    const name = routes.has(route) || routes.size < ROUTES ? route : 'other'
    let table = routes.get(name)
    if (table === undefined) routes.set(name, table = new Float64Array(METHODS.length * STATUSES))
    return table
  }

  private slotOf(status: number): number {
    if (status === 0) return 0
    const slot = Math.min(this.statuses.length, STATUSES - 1)
    if (slot < STATUSES - 1) this.statuses.push(status)
    this.slots[status] = slot
    return slot
  }
}

export function counter(name: string, help: string, value: number): Family {
  return { name, type: 'counter', help, labels: [], series: [[[], [value]]] }
}

export function gauge(name: string, help: string, value: number): Family {
  return { name, type: 'gauge', help, labels: [], series: [[[], [value]]] }
}

const times = (): Float64Array => new Float64Array(SLOTS + 1)

function add(counts: Float64Array, seconds: number): void {
  const at = bucketOf(seconds)
  counts[at] = (counts[at] as number) + 1
  counts[SLOTS] = (counts[SLOTS] as number) + seconds
}
