/** Cache-Control (RFC 9111 section 5.2) of answers and of requests. */
import { parseDictHeader } from './header-values.ts'
import type { ResponseHeaders } from './response-headers.ts'

export interface CacheControlOptions {
  /** Nothing may be kept anywhere; the others then say nothing more. */
  readonly noStore?: boolean
  /** It may be kept, but is asked for again each time. */
  readonly noCache?: boolean
  /** Seconds for which it is fresh. */
  readonly maxAge?: number
  /** The same for caches that many clients share. */
  readonly sharedMaxAge?: number
  /** Only the client itself may keep it; without it, and with a `maxAge`, anybody may. */
  readonly private?: boolean
  readonly mustRevalidate?: boolean
  readonly proxyRevalidate?: boolean
  readonly noTransform?: boolean
  /** It never changes while it is fresh (RFC 8246). */
  readonly immutable?: boolean
  /** Seconds for which what is stale may be used while it is asked for again (RFC 5861). */
  readonly staleWhileRevalidate?: number
}

/**
 * pulsar's CacheControl: `new CacheControl({ maxAge: 3600 }).apply(response.headers)`. Without an option it is `no-cache`: what
 * nobody thought about is asked for each time.
 */
export class CacheControl {
  private readonly value: string

  /** @throws {RangeError} for an age that is not whole seconds from 0 on */
  constructor(options: CacheControlOptions = {}) {
    this.value = directives(options).join(', ')
  }

  /** Sets the field. */
  apply(headers: ResponseHeaders): void {
    headers.set('Cache-Control', this.value)
  }

  toString(): string {
    return this.value
  }
}

/** What a client asks of caches, by name in lower case: a number of seconds, text, or true for a name alone. */
export type RequestCacheControl = Readonly<Record<string, string | number | true | undefined>>

/** Reads the field of a request; a number that is none is left out, as are directives that are not numbers where they must be. */
export function parseCacheControl(field: string | undefined): RequestCacheControl {
  const found = Object.create(null) as Record<string, string | number | true>
  for (const [name, value] of Object.entries(parseDictHeader(field ?? ''))) {
    if (!SECONDS.has(name)) found[name] = value ?? true
    else if (value !== null && /^\d{1,10}$/.test(value)) found[name] = Number(value)
    // RFC 9111 section 5.2.1.2: without a number, an answer of any age will do.
    else if (value === null && name === 'max-stale') found[name] = true
  }
  return found
}

/** Directives of requests whose value is a number of seconds (RFC 9111 section 5.2.1; RFC 5861). */
const SECONDS: ReadonlySet<string> = new Set(['max-age', 'max-stale', 'min-fresh', 'stale-if-error'])

function directives(options: CacheControlOptions): string[] {
  if (options.noStore === true) return ['no-store']
  const found = [
    ...age('max-age', options.maxAge), ...age('s-maxage', options.sharedMaxAge),
    ...age('stale-while-revalidate', options.staleWhileRevalidate),
  ]
  const fresh = options.maxAge !== undefined || options.sharedMaxAge !== undefined
  if (options.noCache === true || !fresh) found.unshift('no-cache')
  if (options.private === true) found.push('private')
  else if (fresh) found.push('public')
  if (options.mustRevalidate === true) found.push('must-revalidate')
  if (options.proxyRevalidate === true) found.push('proxy-revalidate')
  if (options.noTransform === true) found.push('no-transform')
  if (options.immutable === true) found.push('immutable')
  return found
}

function age(name: string, seconds: number | undefined): readonly string[] {
  if (seconds === undefined) return []
  if (!Number.isSafeInteger(seconds) || seconds < 0) throw new RangeError(`${name} is ${seconds}, not whole seconds`)
  return [`${name}=${seconds}`]
}
