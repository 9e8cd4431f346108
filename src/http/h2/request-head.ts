/**
 * A request's head from the field list of an HTTP/2 HEADERS frame (RFC 9113 section 8.3), in the terms of the same head over
 * HTTP/1.1. What the frames library refuses by itself is refused here as well: nothing rests on one reader alone.
 */
import type { Refusal } from '../causes.ts'
import { fieldName } from '../field-names.ts'
import { FORBIDDEN_IN_VALUE, isHost, listOfTokens, TARGET, TOKEN } from '../grammar.ts'
import type { ParserLimits } from '../h1/request-parser.ts'
import { quote } from '../quote.ts'
import type { RequestHead } from '../request-head.ts'

export interface H2Head {
  readonly head: RequestHead
  /** Of the body; null where only the end will tell. */
  readonly bodyLength: number | null
  readonly expectsContinue: boolean
  /** The client takes trailers (RFC 9110 section 10.1.4). */
  readonly takesTrailers: boolean
}

const LENGTH = /^\d{1,15}$/

/** What a field may cost beside its text (RFC 9113 section 6.5.2). */
const OVERHEAD = 32

const refusal = (cause: Refusal['cause'], detail: string): Refusal => ({ cause, detail })

/**
 * @param list names and values in turn, pseudo-header fields first
 * @param ended no body follows
 */
export function readHead(list: readonly string[], scheme: 'http' | 'https', limits: ParserLimits, ended: boolean): H2Head | Refusal {
  const pseudo = new Map<string, string>()
  const fields: string[] = []
  let size = 0
  let host: string | undefined
  let contentLength: string | undefined
  let expect = ''
  let te = ''
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] as string
    const value = list[i + 1] as string
    size += name.length + value.length + OVERHEAD
    if (size > limits.head) return refusal('head-too-long', `over ${limits.head} bytes`)
    if (name.length + value.length > limits.fieldSize && name !== ':path') return refusal('field-too-long', `over ${limits.fieldSize} bytes`)
    if (FORBIDDEN_IN_VALUE.test(value)) return refusal('bad-field-value', `${quote(name)}: ${quote(value)}`)
    if (name.startsWith(':')) {
      if (fields.length > 0 || pseudo.has(name) || !PSEUDO.has(name)) return refusal('bad-field-line', `${quote(name)} (RFC 9113 section 8.3)`)
      pseudo.set(name, value)
      continue
    }
    const field = fieldName(name)
    if (field === undefined || name !== field.lower) return refusal('bad-field-line', `name ${quote(name)} (RFC 9113 section 8.2)`)
    switch (field.role) {
      case 'dropped':
        continue
      case 'connection':
      case 'transfer-encoding':
      case 'upgrade':
      case 'hop':
        // RFC 9113 section 8.2.2: of the fields of a connection only this one, with this value.
        if (name !== 'te' || value.toLowerCase() !== 'trailers') return refusal('bad-field-line', `${name} is of HTTP/1.1`)
        te = value
        break
      case 'host':
        if (host !== undefined) return refusal('repeated-host', `${quote(host)} and ${quote(value)}`)
        host = value
        break
      case 'content-length':
        if (contentLength !== undefined || !LENGTH.test(value)) return refusal('bad-content-length', quote(value))
        contentLength = value
        break
      case 'expect':
        expect = expect === '' ? value : `${expect}, ${value}`
        break
    }
    fields.push(name, value)
    if (fields.length > 2 * limits.fields) return refusal('too-many-fields', `over ${limits.fields}`)
  }
  const head = headOf(pseudo, fields, host, scheme, limits)
  if ('cause' in head) return head
  const length = contentLength === undefined ? null : Number(contentLength)
  if (length !== null && limits.body > 0 && length > limits.body) {
    return refusal('body-too-long', `Content-Length ${length}, the limit is ${limits.body}`)
  }
  const expectations = listOfTokens(expect)
  if (expectations.some((member) => member !== '100-continue')) return refusal('expectation-failed', quote(expect))
  return { head, bodyLength: ended ? 0 : length, expectsContinue: !ended && expectations.length > 0, takesTrailers: te !== '' }
}

const PSEUDO = new Set([':method', ':scheme', ':authority', ':path'])

function headOf(
  pseudo: ReadonlyMap<string, string>, fields: string[], host: string | undefined, scheme: 'http' | 'https', limits: ParserLimits,
): RequestHead | Refusal {
  const method = pseudo.get(':method')
  const target = pseudo.get(':path')
  const named = pseudo.get(':authority')
  if (method === undefined || !TOKEN.test(method)) return refusal('bad-method', quote(method ?? ''))
  if (named !== undefined && (named === '' || !isHost(named))) return refusal('bad-host', quote(named))
  if (host !== undefined && !isHost(host)) return refusal('bad-host', quote(host))
  // RFC 9113 section 8.3.1: two names for one target must not be two readings of it.
  if (named !== undefined && host !== undefined && named.toLowerCase() !== host.toLowerCase()) {
    return refusal('bad-host', `Host ${quote(host)} beside :authority ${quote(named)}`)
  }
  const authority = named ?? host
  if (authority === undefined) return refusal('missing-host', 'neither :authority nor Host')
  // RFC 9113 section 8.3.1: what is asked for goes on as Host.
  if (host === undefined) fields.unshift('host', authority)
  if (method === 'CONNECT') {
    // RFC 9113 section 8.5.
    if (target !== undefined || pseudo.has(':scheme') || !/[^:]:\d+$/.test(authority)) return refusal('bad-target', `CONNECT ${quote(authority)}`)
    return { method, target: authority, path: '', query: '', fields, version: '2', scheme, authority }
  }
  if (target === undefined || !pseudo.has(':scheme')) return refusal('bad-target', 'no :path, or no :scheme')
  if (target.length > limits.requestLine) return refusal('request-line-too-long', `over ${limits.requestLine} bytes`)
  const whole = target === '*' && method === 'OPTIONS'
  if (!whole && (!target.startsWith('/') || !TARGET.test(target))) return refusal('bad-target', quote(target))
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  return { method, target, path, query: mark < 0 ? '' : target.slice(mark + 1), fields, version: '2', scheme, authority }
}
