/** Buckets of times. Fine enough to read percentiles from, and those that are shown outside are among them. */

const STEPS = ['1', '1.25', '1.6', '2', '2.5', '3.2', '4', '5', '6.4', '8']
const SHOWN: ReadonlySet<string> = new Set(['1', '2.5', '5'])

/** Upper bounds in seconds, from 10 microseconds to 100 seconds; what is beyond has a bucket of its own. */
export const bounds: readonly number[] =
  [...[-5, -4, -3, -2, -1, 0, 1].flatMap((power) => STEPS.map((step) => Number(`${step}e${power}`))), 100]

/** Those that Prometheus gets: 1, 2.5 and 5 of every power of ten from 100 microseconds on. */
export const shownBounds: readonly number[] = bounds.filter((bound) => bound >= 1e-4 && SHOWN.has(bound.toExponential().split('e')[0] as string))

const edges = Float64Array.from(bounds)
const FIRST = bounds[0] as number

/** The number of the bucket that a time falls into: the first whose bound is not below it. */
export function bucketOf(seconds: number): number {
  // Most phases of most requests take next to nothing.
  if (seconds <= FIRST) return 0
  let low = 1
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (seconds <= (edges[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * The value below which a part of all values is, as far as the buckets tell; 0 where there are none.
 * @param counts of the buckets
 * @param part from 0 to 1
 */
export function quantile(counts: readonly number[], part: number): number {
  const total = counts.slice(0, bounds.length + 1).reduce((sum, count) => sum + count, 0)
  if (total === 0) return 0
  const wanted = part * total
  let seen = 0
  for (let i = 0; i < bounds.length; i++) {
    const count = counts[i] ?? 0
    if (seen + count >= wanted && count > 0) {
      const from = i === 0 ? 0 : bounds[i - 1] as number
      return from + ((bounds[i] as number) - from) * Math.max(0, (wanted - seen) / count)
    }
    seen += count
  }
  return bounds.at(-1) as number
}
