/** Counted values as plain data: what a process tells of, and what several of them add up to. */

/** One metric with all its series. */
export type Family = {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** Names of its labels. */
  readonly labels: readonly string[]
  /** Of a histogram: upper bounds of its buckets, the last and open one left out. */
  readonly bounds?: readonly number[]
  readonly series: readonly Series[]
}

/**
 * The values of the labels, and the series' value; of a histogram how many fell into each bucket, that beyond the bounds
 * included, and last the sum of all values.
 */
export type Series = readonly [labels: readonly string[], values: readonly number[]]

/** Of several processes: series with the same labels are added up. Bounds are those of the first that has the metric. */
export function added(all: readonly (readonly Family[])[]): readonly Family[] {
  const sums = new Map<string, { readonly family: Family, readonly series: Map<string, [readonly string[], number[]]> }>()
  for (const family of all.flat()) {
    let sum = sums.get(family.name)
    if (sum === undefined) sums.set(family.name, sum = { family, series: new Map() })
    if (!alike(sum.family, family)) continue
    for (const [labels, values] of family.series) addTo(sum.series, labels, values)
  }
  return [...sums.values()].map(({ family, series }) => ({ ...family, series: [...series.values()] }))
}

/** Counters and histograms: what remains true when their process has ended. */
export function lasting(families: readonly Family[]): readonly Family[] {
  return families.filter(({ type }) => type !== 'gauge')
}

/** With one label more, the same in all series: whose they are. */
export function labelled(families: readonly Family[], label: string, value: string): readonly Family[] {
  return families.map((family) => ({
    ...family, labels: [...family.labels, label], series: family.series.map(([labels, values]) => [[...labels, value], values]),
  }))
}

/** The total of a counter or gauge over all its series. */
export function totalOf(families: readonly Family[], name: string): number {
  const series = families.find((family) => family.name === name)?.series ?? []
  return series.reduce((sum, [, [value = 0]]) => sum + value, 0)
}

function addTo(sums: Map<string, [readonly string[], number[]]>, labels: readonly string[], values: readonly number[]): void {
  const key = JSON.stringify(labels)
  const known = sums.get(key)
  if (known === undefined) sums.set(key, [labels, [...values]])
  else values.forEach((value, i) => { known[1][i] = (known[1][i] ?? 0) + value })
}

/** Old and new workers may have the same name for different things, for as long as a reload takes. */
function alike(a: Family, b: Family): boolean {
  return a.type === b.type && a.labels.join() === b.labels.join() && a.bounds?.join() === b.bounds?.join()
}
