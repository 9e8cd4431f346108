/** Metrics of an application's own, for whoever reads `/metrics`; counted once however many workers there are. */
import type { Measurement } from '../gateway/own-gateway.ts'
import type { Family, Series } from './metrics/families.ts'

/** Values of labels by name; every label of the metric, and no other. */
export type Labels = Readonly<Record<string, string | number>>

export interface MetricOptions {
  /** One line for people. */
  readonly help?: string
  /** Names of its labels. Values must be few: each combination is a series of its own. */
  readonly labels?: readonly string[]
}

export interface HistogramOptions extends MetricOptions {
  /** Upper bounds of the buckets, rising. Without them such as suit seconds. */
  readonly bounds?: readonly number[]
}

/** Combinations of labels that one metric may have; more are dropped, and counted in `pulsar_dropped_series_total`. */
export const MOST_SERIES = 1000

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const DEFAULT_BOUNDS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A number that only grows: how often something has happened. */
export class Counter {
  readonly #metric: Metric

  constructor(metric: Metric) {
    this.#metric = metric
  }

  /** @throws {RangeError} where `by` is negative, {TypeError} for labels that are not the metric's */
  add(by: number = 1, labels: Labels = {}): void {
    if (!(by >= 0)) throw new RangeError(`a counter never falls: ${by}`)
    const values = this.#metric.valuesOf(labels)
    if (values !== undefined) values[0] = (values[0] as number) + by
  }
}

/** A number that rises and falls. Of several workers the sum is shown. */
export class Gauge {
  readonly #metric: Metric

  constructor(metric: Metric) {
    this.#metric = metric
  }

  set(value: number, labels: Labels = {}): void {
    const values = this.#metric.valuesOf(labels)
    if (values !== undefined) values[0] = value
  }

  add(by: number = 1, labels: Labels = {}): void {
    const values = this.#metric.valuesOf(labels)
    if (values !== undefined) values[0] = (values[0] as number) + by
  }
}

/** How values are spread: times in seconds, sizes in bytes. */
export class Histogram {
  readonly #metric: Metric

  constructor(metric: Metric) {
    this.#metric = metric
  }

  observe(value: number, labels: Labels = {}): void {
    const values = this.#metric.valuesOf(labels)
    if (values === undefined) return
    const { bounds } = this.#metric
    let at = bounds.findIndex((bound) => value <= bound)
    if (at < 0) at = bounds.length
    values[at] = (values[at] as number) + 1
    values[bounds.length + 1] = (values[bounds.length + 1] as number) + value
  }
}

export class Metric {
  readonly name: string
  readonly type: Family['type']
  readonly help: string
  readonly labels: readonly string[]
  readonly bounds: readonly number[]
  private readonly series = new Map<string, readonly [readonly string[], number[]]>()
  private readonly dropped: () => void

  /** @throws {TypeError} for a name, label or bound that Prometheus would not take */
  constructor(name: string, type: Family['type'], { help = '', labels = [], bounds = [] }: HistogramOptions, dropped: () => void) {
    for (const one of [name, ...labels]) if (!NAME.test(one)) throw new TypeError(`${JSON.stringify(one)} is no name of a metric or a label`)
    if (name.startsWith('pulsar_')) throw new TypeError(`${name}: names that begin with pulsar_ are the server's`)
    if (labels.some((label) => label === 'le' || label.startsWith('__'))) throw new TypeError(`${name}: le and __ are Prometheus' own labels`)
    if (bounds.some((bound, i) => !(bound > (bounds[i - 1] ?? -Infinity)))) throw new TypeError(`${name}: bounds must rise`)
    this.name = name
    this.type = type
    this.help = help === '' ? name : help
    this.labels = labels
    this.bounds = bounds
    this.dropped = dropped
  }

  /** Undefined where there are too many series already. @throws {TypeError} for labels that are not the metric's */
  valuesOf(given: Labels): number[] | undefined {
    const names = Object.keys(given)
    if (names.length !== this.labels.length || !this.labels.every((label) => Object.hasOwn(given, label))) {
      throw new TypeError(`${this.name} has the labels (${this.labels.join(', ')}), not (${names.join(', ')})`)
    }
    const labels = this.labels.map((label) => String(given[label]))
    const key = labels.join('\0')
    const known = this.series.get(key)
    if (known !== undefined) return known[1]
    if (this.series.size >= MOST_SERIES) {
      this.dropped()
      return undefined
    }
    const values = new Array<number>(this.type === 'histogram' ? this.bounds.length + 2 : 1).fill(0)
    this.series.set(key, [labels, values])
    return values
  }

  family(): Family {
    const { name, type, help, labels, bounds } = this
    const series = [...this.series.values()].map(([values, numbers]): Series => [values, [...numbers]])
    return { name, type, help, labels, series, ...(type === 'histogram' ? { bounds } : {}) }
  }
}

interface Registry {
  readonly metrics: Map<string, Metric>
  dropped: number
}

// On the global object: the application may import another copy of this package than the command's.
const KEY = Symbol.for('pulsar-wsgi.metrics')
const shared = globalThis as typeof globalThis & { [KEY]?: Registry }
const registry = (): Registry => shared[KEY] ??= { metrics: new Map(), dropped: 0 }

/**
 * A counter of the application's; the same one where there is one of that name.
 * @throws {TypeError} for a bad name, or where the name is another metric's
 */
export function counter(name: string, options: MetricOptions = {}): Counter {
  return new Counter(metric(name, 'counter', options))
}

/** A gauge of the application's. @throws as counter() does */
export function gauge(name: string, options: MetricOptions = {}): Gauge {
  return new Gauge(metric(name, 'gauge', options))
}

/** A histogram of the application's. @throws as counter() does */
export function histogram(name: string, options: HistogramOptions = {}): Histogram {
  return new Histogram(metric(name, 'histogram', { bounds: DEFAULT_BOUNDS, ...options }))
}

/** What the application of this process has counted. */
export function applicationFamilies(): readonly Family[] {
  const { metrics, dropped } = registry()
  const own: Family = {
    name: 'pulsar_dropped_series_total', type: 'counter', labels: [], series: [[[], [dropped]]],
    help: 'Values of the application\'s metrics that were dropped, because a metric had too many combinations of labels.',
  }
  return [...[...metrics.values()].map((one) => one.family()), own]
}

/**
 * Takes a value as it is told from elsewhere. The labels of the first of a name are its labels.
 * @throws {TypeError} {RangeError} for what would be no metric
 */
export function measure({ kind, name, value, help, labels }: Measurement): void {
  const names = registry().metrics.get(name)?.labels ?? Object.keys(labels)
  const options = { help, labels: names }
  if (kind === 'counter') counter(name, options).add(value, labels)
  else if (kind === 'gauge') gauge(name, options).set(value, labels)
  else histogram(name, options).observe(value, labels)
}

function metric(name: string, type: Family['type'], options: HistogramOptions): Metric {
  const known = registry()
  const before = known.metrics.get(name)
  if (before === undefined) {
    const made = new Metric(name, type, options, () => { known.dropped++ })
    known.metrics.set(name, made)
    return made
  }
  if (before.type === type && before.labels.join() === (options.labels ?? []).join()) return before
  throw new TypeError(`${name} is a ${before.type} with the labels (${before.labels.join(', ')}) already`)
}
