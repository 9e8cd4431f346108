/** One request, as a line of the access log tells of it. */
import type { Closing } from '../../gateway/exchange.ts'
import type { Peer } from '../../http/peer.ts'
import { fieldValue, type RequestHead } from '../../http/request-head.ts'

/** An exchange is one. */
export interface AccessEntry {
  /** Null where what came was no request. */
  readonly head: RequestHead | null
  readonly peer: Peer
  /** Of the request; null without one. */
  readonly id: string | null
}

/**
 * A line, without its end. Of few pieces, because each costs: what a request mostly has none of is in the text between.
 * @param now when it was over, in milliseconds since 1970
 */
export type AccessFormat = (entry: AccessEntry, closing: Closing, now: number) => string

export function protocol({ version }: RequestHead): string {
  return version === '2' ? 'HTTP/2' : version === '1.1' ? 'HTTP/1.1' : 'HTTP/1.0'
}

/** A field of the request, empty where it is absent. */
export function requestField(head: RequestHead | null, name: string): string {
  return head === null ? '' : fieldValue(head.fields, name) ?? ''
}

/** The name of Basic authentication (RFC 7617), whether the password was right or not; empty without one. */
export function userName(head: RequestHead | null): string {
  const credentials = requestField(head, 'authorization')
  if (credentials.length < 6 || credentials.slice(0, 6).toLowerCase() !== 'basic ') return ''
  const pair = Buffer.from(credentials.slice(6), 'base64').toString('latin1')
  const colon = pair.indexOf(':')
  return colon < 0 ? '' : pair.slice(0, colon)
}

/** Those of most requests, made once: `0.0` to `99.9`. */
const short = Array.from({ length: 1000 }, (_, count) => tenthsOf(count))

/** Milliseconds with one digit behind the point: `12.3`. */
export function tenths(ms: number): string {
  const count = Math.round(ms * 10)
  return short[count] ?? tenthsOf(count)
}

function tenthsOf(count: number): string {
  const rest = count % 10
  return `${(count - rest) / 10}.${rest}`
}
