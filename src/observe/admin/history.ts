/** The last minutes, second by second: what charts are drawn from. */
import { bounds, quantile } from '../metrics/buckets.ts'
import { totalOf, type Family } from '../metrics/families.ts'
import type { Sample } from './status.ts'

/** Seconds. */
const KEPT = 600

/** What grows, at one moment. */
interface Counts {
  readonly requests: number
  readonly errors: number
  readonly times: readonly number[]
  readonly causes: ReadonlyMap<string, number>
}

export class History {
  private samples: Sample[] = []
  private before: Counts | undefined
  private listeners: ((sample: Sample) => void)[] = []

  /** @param families added up over all workers. Called once a second */
  take(families: readonly Family[], queue: number, at: number): void {
    const counts = countsOf(families)
    const { before } = this
    this.before = counts
    if (before === undefined) return
    const times = counts.times.map((count, i) => Math.max(0, count - (before.times[i] ?? 0)))
    const sample: Sample = {
      at, requests: counts.requests - before.requests, errors: counts.errors - before.errors, queue,
      p50: quantile(times, 0.5), p95: quantile(times, 0.95), p99: quantile(times, 0.99),
      inFlight: totalOf(families, 'pulsar_requests_in_flight'),
      causes: Object.fromEntries([...counts.causes].map(([cause, count]) => [cause, count - (before.causes.get(cause) ?? 0)] as const)
        .filter(([, count]) => count > 0)),
    }
    this.samples.push(sample)
    if (this.samples.length > KEPT) this.samples.shift()
    for (const listener of this.listeners) listener(sample)
  }

  /** The oldest first. */
  all(): readonly Sample[] {
    return this.samples
  }

  /** Gives the function that ends the subscription. */
  subscribe(listener: (sample: Sample) => void): () => void {
    this.listeners = [...this.listeners, listener]
    return () => { this.listeners = this.listeners.filter((other) => other !== listener) }
  }
}

function countsOf(families: readonly Family[]): Counts {
  const seriesOf = (name: string): Family['series'] => families.find((family) => family.name === name)?.series ?? []
  const requests = seriesOf('pulsar_requests_total')
  const errors = requests.filter(([[, status]]) => status !== undefined && /^5/.test(status))
  const sum = (series: Family['series']): number => series.reduce((total, [, [value = 0]]) => total + value, 0)
  return {
    requests: sum(requests), errors: sum(errors),
    times: (seriesOf('pulsar_request_duration_seconds')[0]?.[1] ?? []).slice(0, bounds.length + 1),
    causes: new Map([
      ...seriesOf('pulsar_refused_total').map(([[cause = ''], [count = 0]]) => [cause, count] as const),
      ...seriesOf('pulsar_application_errors_total').map(([[status = ''], [count = 0]]) => [`answered ${status}`, count] as const),
    ]),
  }
}
