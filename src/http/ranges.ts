/** Range requests (RFC 9110 section 14), for the one range unit that there is: bytes. */

/** Bytes from `start` to `end`, both included, as on the wire. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * What a Range field asks of a representation: parts of it; something that none of it meets (416); or nothing that counts,
 * so that the whole of it is sent as if the field were not there.
 */
export type RangeRequest =
  | { readonly kind: 'ranges'; readonly ranges: readonly [ByteRange, ...ByteRange[]] }
  | { readonly kind: 'unsatisfiable' }
  | { readonly kind: 'ignored' }

/**
 * More range-specs than this and the field is ignored, empty ones counted: readers of documents ask for a few dozen at
 * once, an attacker for thousands (RFC 9110 section 17.15).
 */
export const maxRanges = 64
/** RFC 9110 section 14.2: more than two overlapping ranges are a broken client's or an attacker's. */
export const maxOverlaps = 2
/** A gap shorter than the head of a part of multipart/byteranges costs less when it is sent too (RFC 9110 section 15.3.7.2). */
export const minGap = 80

const ignored: RangeRequest = { kind: 'ignored' }
const unsatisfiable: RangeRequest = { kind: 'unsatisfiable' }

/** A range with its place in the request, which is kept in the answer (RFC 9110 section 15.3.7.2). */
interface Placed {
  start: number
  end: number
  place: number
}

/**
 * Reads a Range field against a representation of `size` bytes. Parts that overlap or nearly touch are joined, so that what
 * is sent is never more than the representation and a little; the others keep the order in which they were asked for.
 */
export function parseRange(value: string, size: number): RangeRequest {
  const equals = value.indexOf('=')
  if (equals < 0 || value.slice(0, equals).toLowerCase() !== 'bytes') return ignored
  const specs = value.slice(equals + 1).split(',', maxRanges + 1)
  if (specs.length > maxRanges) return ignored
  const placed: Placed[] = []
  let any = false
  for (const raw of specs) {
    const spec = raw.replace(/^[ \t]+|[ \t]+$/g, '')
    if (spec === '') continue
    const range = resolve(spec, size)
    if (range === 'malformed') return ignored
    any = true
    if (range !== undefined) placed.push({ ...range, place: placed.length })
  }
  if (!any) return ignored
  // The last bytes of nothing can be had (RFC 9110 section 14.1.2), but no Content-Range can say so.
  if (size === 0 && specs.some((spec) => /^[ \t]*-0*[1-9]/.test(spec))) return ignored
  if (placed.length === 0) return unsatisfiable
  return attack(placed) ? ignored : join(placed)
}

/** range-spec = first-pos "-" [ last-pos ] / "-" suffix-length; undefined where the representation has none of it. */
function resolve(spec: string, size: number): ByteRange | undefined | 'malformed' {
  const dash = spec.indexOf('-')
  const first = spec.slice(0, Math.max(dash, 0))
  const last = spec.slice(dash + 1)
  if (dash < 0 || (first === '' && last === '') || !/^\d*$/.test(first) || !/^\d*$/.test(last)) return 'malformed'
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? undefined : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? Infinity : Number(last)
  if (end < start) return 'malformed'
  return start < size ? { start, end: Math.min(end, size - 1) } : undefined
}

/** RFC 9110 section 14.2: overlaps, and many ranges out of order, are refused the work they would make. */
function attack(ranges: readonly Placed[]): boolean {
  let overlaps = 0
  let backward = 0
  let reached = -1
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    if (range.start <= reached) overlaps++
    reached = Math.max(reached, range.end)
  }
  for (let i = 1; i < ranges.length; i++) if ((ranges[i] as Placed).start < (ranges[i - 1] as Placed).start) backward++
  return overlaps > maxOverlaps || backward > maxOverlaps
}

function join(ranges: readonly Placed[]): RangeRequest {
  const joined: Placed[] = []
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    const before = joined.at(-1)
    if (before !== undefined && range.start - before.end - 1 < minGap) {
      before.end = Math.max(before.end, range.end)
      before.place = Math.min(before.place, range.place)
    } else joined.push({ ...range })
  }
  const [first, ...rest] = joined.sort((a, b) => a.place - b.place).map(({ start, end }) => ({ start, end }))
  return first === undefined ? unsatisfiable : { kind: 'ranges', ranges: [first, ...rest] }
}

/** Content-Range of a part (RFC 9110 section 14.4): `bytes 0-499/1234`. */
export function contentRange(range: ByteRange, size: number): string {
  return `bytes ${range.start}-${range.end}/${size}`
}

/** Content-Range of a 416, which tells the size: an asterisk stands for the range. */
export function unsatisfiedRange(size: number): string {
  return `bytes */${size}`
}
