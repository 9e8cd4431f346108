/** Which content coding an answer is sent in (RFC 9110 section 12.5.3). */
import { EncodingAccept } from '../accept.ts'

/** The codings that are worth having, as on the wire. */
export type ContentCoding = 'br' | 'gzip' | 'zstd'

/** What browsers send is one of a few texts. Bounded, because clients choose them. */
const cache = new Map<string, string | undefined>()
const cacheEntries = 256
const longestKept = 128

/**
 * The coding that the client likes best, the first of equals; undefined where it is better to send the content as it is.
 * Without the field a client takes anything, but may know nothing: it gets the content as it is.
 * @param accepts the value of Accept-Encoding
 */
export function chosenCoding<Coding extends ContentCoding>(accepts: unknown, available: readonly Coding[]): Coding | undefined {
  if (typeof accepts !== 'string' || available.length === 0) return undefined
  const key = `${available.join()} ${accepts}`
  const known = cache.get(key)
  if (known !== undefined || cache.has(key)) return known as Coding | undefined
  const chosen = choose(accepts, available)
  if (key.length <= longestKept && cache.size < cacheEntries) cache.set(key, chosen)
  return chosen
}

function choose<Coding extends ContentCoding>(accepts: string, available: readonly Coding[]): Coding | undefined {
  if (accepts.trim() === '') return undefined
  const accept = new EncodingAccept(accepts)
  const best = accept.bestMatch(available) as Coding | undefined
  if (best === undefined) return undefined
  // Not named, `identity` is only not refused; named, it can be liked better.
  const plain = [...accept].find(({ value }) => value === 'identity')?.quality ?? 0
  return plain > accept.quality(best) ? undefined : best
}
