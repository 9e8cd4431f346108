/** Families as text: Prometheus' own format, and OpenMetrics. The library writes it; the counters are ours. */
import { createRequire } from 'node:module'
import type { MetricValue, MetricValueWithName, Registry as Prometheus } from 'prom-client'
import { bounds as allBounds, shownBounds } from './buckets.ts'
import type { Family } from './families.ts'

type Library = typeof import('prom-client')
/** What the library asks a metric for; it takes whatever has that for one of its own. */
interface Shown {
  name: string
  get(): Promise<{ readonly name: string, readonly help: string, readonly type: string, readonly values: readonly Value[] }>
}
type Value = MetricValue<string> | MetricValueWithName<string>

const require = createRequire(import.meta.url)

export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** @param accept of the request: OpenMetrics where it is asked for (RFC 9110 section 12.5.1) */
export async function exposition(families: readonly Family[], accept: string): Promise<Exposition> {
  const { Registry } = require('prom-client') as Library
  const open = accept.includes('application/openmetrics-text')
  const registry = new Registry() as Prometheus
  if (open) registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never)
  for (const family of families) {
    if (family.series.length > 0) (registry as unknown as { registerMetric(metric: Shown): void }).registerMetric(shown(family, open))
  }
  return { contentType: registry.contentType, text: await registry.metrics() }
}

function shown(family: Family, open: boolean): Shown {
  const { help, type } = family
  // OpenMetrics names a counter without the suffix that its samples have, and the library adds.
  const name = open && type === 'counter' ? family.name.replace(/_total$/, '') : family.name
  const values = type === 'histogram' ? buckets(family) : plain(family)
  return { name, get: () => Promise.resolve({ name, help, type, values }) }
}

function plain({ labels, series }: Family): Value[] {
  return series.map(([values, [value = 0]]) => ({ value, labels: named(labels, values) }))
}

function buckets({ name, labels, series, bounds = [] }: Family): Value[] {
  const chosen = bounds.length === allBounds.length ? shownBounds : bounds
  return series.flatMap(([values, counts]) => {
    const own = named(labels, values)
    const rows: Value[] = []
    let sum = 0
    let next = 0
    bounds.forEach((bound, i) => {
      sum += counts[i] ?? 0
      if (bound !== chosen[next]) return
      next++
      rows.push({ metricName: `${name}_bucket`, value: sum, labels: { ...own, le: bound } })
    })
    sum += counts[bounds.length] ?? 0
    rows.push({ metricName: `${name}_bucket`, value: sum, labels: { ...own, le: '+Inf' } })
    rows.push({ metricName: `${name}_sum`, value: counts[bounds.length + 1] ?? 0, labels: own })
    rows.push({ metricName: `${name}_count`, value: sum, labels: own })
    return rows
  })
}

function named(labels: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(labels.map((label, i) => [label, values[i] ?? '']))
}
