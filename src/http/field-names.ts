/**
 * What is known of a field by its name, looked up once per field line of every message: hence a cache, keyed by the name
 * as it is spelt. The cache is bounded, because clients choose the names.
 */
import { forwardedNames } from './forwarded.ts'
import { TOKEN } from './grammar.ts'
import { copyOfText } from './latin1.ts'

export type FieldRole =
  | 'plain'
  /** Not shown to anybody: it could pass as another field. */
  | 'dropped'
  | 'host' | 'content-length' | 'transfer-encoding' | 'connection' | 'expect' | 'upgrade'
  /** Only of this connection (RFC 9110 section 7.6.1): the server's business in an answer. */
  | 'hop'
  /** Hop-by-hop to PEP 3333, not to RFC 9110: kept for a gateway that is a proxy. */
  | 'proxy'
  /** What a proxy says of its client. */
  | 'forwarded'
  | 'date' | 'server' | 'content-type'

export interface FieldName {
  readonly name: string
  readonly lower: string
  readonly role: FieldRole
  /** The environ's key (PEP 3333, "environ Variables"; RFC 3875 section 4.1.18). */
  readonly variable: string
  /**
   * The name that was read after this one the last time: clients send their fields in the same order again and again, and
   * to compare with a guess is cheaper than to look up. A wrong guess costs that comparison.
   */
  next: FieldName | undefined
  /** The last value that was found fit to be sent: an application sends the same ones again and again. */
  sent: string
  /** A value that was read before, of a field that most clients send alike; to compare with it costs no text. Empty for none. */
  came: string
  /** Other values that have come since then; negative for a field of which none is kept. */
  others: number
}

/** What stands before the first field of a head. */
export const BEFORE_FIRST: FieldName = { name: '', lower: '', role: 'plain', variable: '', next: undefined, sent: '', came: '', others: -1 }

/** Most clients, or most requests of one, send the same; and nothing that is anybody's secret. */
const ALIKE: ReadonlySet<string> = new Set([
  'host', 'user-agent', 'accept', 'accept-encoding', 'accept-language', 'cache-control', 'pragma', 'connection', 'upgrade',
  'content-type', 'content-length', 'origin', 'upgrade-insecure-requests', 'sec-fetch-dest', 'sec-fetch-mode', 'sec-fetch-site',
  'sec-websocket-version', 'sec-websocket-extensions', 'sec-websocket-protocol',
])
/** Of values that are kept, in characters. */
const KEPT_LENGTH = 128
/** After so many other values another one is kept. */
const OTHERS = 8

/** A value that was read, and is good. */
export function keepValue(field: FieldName, value: string): void {
  if (field.others < 0 || value.length > KEPT_LENGTH || (field.came !== '' && ++field.others < OTHERS)) return
  field.came = copyOfText(value)
  field.others = 0
}

/**
 * Hop-by-hop fields, which an application must not set (PEP 3333, "Other HTTP Features"; RFC 9110 section 7.6.1).
 * `trailers` is pulsar's and RFC 2616's spelling of `Trailer`.
 */
export const HOP_HEADERS: ReadonlySet<string> = new Set([
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailers', 'transfer-encoding', 'upgrade',
])

const roles: Readonly<Record<string, FieldRole>> = Object.assign(Object.create(null) as Record<string, FieldRole>, {
  host: 'host', 'content-length': 'content-length', 'transfer-encoding': 'transfer-encoding', connection: 'connection',
  expect: 'expect', upgrade: 'upgrade', date: 'date', server: 'server', 'content-type': 'content-type',
  // HTTP_PROXY steers the clients that an application runs ("httpoxy", CVE-2016-5385).
  proxy: 'dropped',
  'proxy-authenticate': 'proxy', 'proxy-authorization': 'proxy',
  ...Object.fromEntries(forwardedNames.map((name) => [name, 'forwarded'])),
})

const cache = new Map<string, FieldName>()
const CACHE_ENTRIES = 1024
const CACHED_LENGTH = 64

/** Undefined for what is not a token. */
export function fieldName(name: string): FieldName | undefined {
  return cache.get(name) ?? learn(name)
}

function learn(name: string): FieldName | undefined {
  if (!TOKEN.test(name)) return undefined
  const lower = name.toLowerCase()
  const upper = name.toUpperCase().replaceAll('-', '_')
  const entry: FieldName = {
    name: copyOfText(name),
    lower,
    // `X_Forwarded_For` and `X-Forwarded-For` are one variable in an environ: the first would pose as the second.
    role: lower.includes('_') ? 'dropped' : roles[lower] ?? (HOP_HEADERS.has(lower) ? 'hop' : 'plain'),
    variable: lower === 'content-type' || lower === 'content-length' ? upper : `HTTP_${upper}`,
    next: undefined,
    sent: '',
    came: '',
    others: ALIKE.has(lower) ? 0 : -1,
  }
  if (name.length <= CACHED_LENGTH && cache.size < CACHE_ENTRIES) cache.set(entry.name, entry)
  return entry
}

/** Guesses that `after` comes behind `before` again. What is not cached would only be kept alive by the guess. */
export function expectNext(before: FieldName, after: FieldName): void {
  if (cache.get(after.name) === after) before.next = after
}
