/** Conditional requests (RFC 9110 section 13). */
import { combinedValue } from './combined-value.ts'
import { parseHttpDate } from './dates.ts'
import { parseEntityTag, parseEntityTags, strongMatch, weakMatch, type EntityTag } from './entity-tags.ts'
import type { FieldLines } from './request-head.ts'

/** What is known of the current representation, as it would be sent. */
export interface Validators {
  /** An entity tag as in the ETag field: `"x"` or `W/"x"`. */
  readonly etag?: string
  /** Milliseconds since 1970; the wire, and every comparison, has whole seconds. */
  readonly lastModified?: number
}

export interface ConditionalRequest {
  readonly method: string
  readonly fields: FieldLines
  /** Milliseconds since 1970: what two-digit years and the strength of a date are judged by. */
  readonly now: number
}

/** Do as asked; 304; or 412. */
export type Verdict = 'perform' | 'not-modified' | 'failed'

/**
 * Evaluates the preconditions of a request in the order of RFC 9110 section 13.2.2. To be asked only where the answer
 * without them would be 2xx (section 13.2.1).
 *
 * A malformed date is ignored, as sections 13.1.3 and 13.1.4 say. Of a malformed list of entity tags they say nothing:
 * here it never makes a write happen, and never keeps a reader from the content.
 * @param current null where there is no current representation
 */
export function evaluatePreconditions(request: ConditionalRequest, current: Validators | null): Verdict {
  const { method, fields } = request
  if (method === 'CONNECT' || method === 'OPTIONS' || method === 'TRACE') return 'perform'
  const reads = method === 'GET' || method === 'HEAD'
  const ifMatch = combinedValue(fields, 'if-match')
  if (ifMatch !== undefined ? !matches(ifMatch, current) : !unmodified(request, current)) return 'failed'
  const ifNoneMatch = combinedValue(fields, 'if-none-match')
  if (ifNoneMatch !== undefined) {
    if (noneMatches(ifNoneMatch, current, reads)) return 'perform'
    return reads ? 'not-modified' : 'failed'
  }
  return reads && !modified(request, current) ? 'not-modified' : 'perform'
}

/**
 * Whether a Range field counts: GET alone has ranges (RFC 9110 section 14.2), and If-Range may take it back
 * (section 13.1.5). To be asked after {@link evaluatePreconditions} said `perform`.
 */
export function rangeCounts(request: ConditionalRequest, current: Validators): boolean {
  if (request.method !== 'GET' || combinedValue(request.fields, 'range') === undefined) return false
  const ifRange = combinedValue(request.fields, 'if-range')
  if (ifRange === undefined) return true
  const tag = parseEntityTag(ifRange)
  if (tag !== undefined) {
    const own = tagOf(current)
    return own !== undefined && strongMatch(tag, own)
  }
  const date = parseHttpDate(ifRange, request.now)
  // Section 8.8.2.2: a date of this very second is weak, the content may change again within it.
  return date !== undefined && date === secondOf(current.lastModified) && date < Math.floor(request.now / 1000) * 1000
}

/** Section 13.1.1; strong comparison. */
function matches(value: string, current: Validators | null): boolean {
  const tags = parseEntityTags(value)
  if (tags === undefined || current === null) return false
  if (tags === '*') return true
  const own = tagOf(current)
  return own !== undefined && tags.some((tag) => strongMatch(tag, own))
}

/** Section 13.1.2; weak comparison. */
function noneMatches(value: string, current: Validators | null, reads: boolean): boolean {
  const tags = parseEntityTags(value)
  if (tags === undefined) return reads
  if (current === null) return true
  if (tags === '*') return false
  const own = tagOf(current)
  return own === undefined || !tags.some((tag) => weakMatch(tag, own))
}

/** Section 13.1.3: true, too, where there is nothing to compare. */
function modified(request: ConditionalRequest, current: Validators | null): boolean {
  const since = dateOf(request, 'if-modified-since')
  const last = secondOf(current?.lastModified)
  return since === undefined || last === undefined || last > since
}

/** Section 13.1.4: true, too, where there is nothing to compare. */
function unmodified(request: ConditionalRequest, current: Validators | null): boolean {
  const since = dateOf(request, 'if-unmodified-since')
  const last = secondOf(current?.lastModified)
  return since === undefined || last === undefined || last <= since
}

function dateOf(request: ConditionalRequest, name: string): number | undefined {
  const value = combinedValue(request.fields, name)
  return value === undefined ? undefined : parseHttpDate(value, request.now)
}

function secondOf(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.floor(ms / 1000) * 1000
}

function tagOf(current: Validators): EntityTag | undefined {
  return current.etag === undefined ? undefined : parseEntityTag(current.etag)
}
