/** Headers of a response as pairs, read once and checked as the platform checks them. */
import type { Fields } from '../exchange.ts'

const NAME = /^[!#$%&'*+\-.^_`|~\w]+$/
/** Fetch Standard, "header value": bytes without NUL, CR and LF; with white space around it, it has to be normalized first. */
const VALUE = /^(?![\t ])[^\0\r\n\u0100-\uffff]*(?<![\t ])$/
const PLATFORM: object = globalThis.Headers.prototype

type HeadersLike = Iterable<readonly [string, string]>

/** Undefined where only the platform can tell what becomes of it: an odd value, a failure. */
export function headerPairs(init: unknown): Fields | undefined {
  if (typeof init !== 'object' || init === null) return undefined
  if (PLATFORM.isPrototypeOf(init)) return [...(init as HeadersLike)]
  const pairs = Array.isArray(init) ? init : Symbol.iterator in init ? undefined : Object.entries(init)
  return pairs?.every(isPair) === true ? pairs.map(([name, value]) => [name, value] as const) : undefined
}

function isPair(pair: unknown): pair is [string, string] {
  if (!Array.isArray(pair) || pair.length !== 2) return false
  const [name, value] = pair as unknown[]
  return typeof name === 'string' && typeof value === 'string' && NAME.test(name) && VALUE.test(value)
}

export function hasContentType(fields: Fields): boolean {
  for (let i = 0; i < fields.length; i++) {
    const name = (fields[i] as readonly [string, string])[0]
    if (name.length === 12 && name.toLowerCase() === 'content-type') return true
  }
  return false
}
