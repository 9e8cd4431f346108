/**
 * A request's head from the field list of an HTTP/2 HEADERS frame (RFC 9113 section 8.3), in the terms of the same head over
 * HTTP/1.1. What the frames library refuses by itself is refused here as well: nothing rests on one reader alone.
 */
import type { Refusal } from '../causes.ts'
import { fieldName } from '../field-names.ts'
import { FORBIDDEN_IN_VALUE, isHost, listOfTokens, TARGET, TOKEN } from '../grammar.ts'
import type { ParserLimits } from '../h1/request-parser.ts'
import { copyOfText } from '../latin1.ts'
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

const COLON = 0x3a

const refusal = (cause: Refusal['cause'], detail: string): Refusal => ({ cause, detail })

/** The last `:authority` that was found valid, on whatever connection: most servers have one name. */
let lastNamed: string | undefined

/**
 * @param list names and values in turn, pseudo-header fields first
 * @param ended no body follows
 */
export function readHead(list: readonly string[], scheme: 'http' | 'https', limits: ParserLimits, ended: boolean): H2Head | Refusal {
  let method: string | undefined
  let target: string | undefined
  let named: string | undefined
  let givenScheme: string | undefined
  const fields: string[] = []
  let count = 0
  let behindPseudo = false
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
    if (name.charCodeAt(0) === COLON) {
      let before: string | undefined
      switch (name) {
        case ':method': before = method; method = value; break
        case ':path': before = target; target = value; break
        case ':authority': before = named; named = value; break
        case ':scheme': before = givenScheme; givenScheme = value; break
        default: before = name
      }
      if (behindPseudo || before !== undefined) return refusal('bad-field-line', `${quote(name)} (RFC 9113 section 8.3)`)
      continue
    }
    if (!behindPseudo) {
      behindPseudo = true
      // RFC 9113 section 8.3.1: what is asked for goes on as Host.
      if (named !== undefined) fields.push('host', named)
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
    if (++count > limits.fields) return refusal('too-many-fields', `over ${limits.fields}`)
    // RFC 9113 section 8.3.1: Host does not count beside :authority.
    if (field.role !== 'host' || named === undefined) fields.push(name, value)
  }
  if (!behindPseudo && named !== undefined) fields.push('host', named)
  if (method === undefined || (method !== 'GET' && !TOKEN.test(method))) return refusal('bad-method', quote(method ?? ''))
  const trouble = named !== undefined && named === lastNamed && host === undefined ? null : hostTrouble(named, host)
  if (trouble !== null) return trouble
  const authority = (named ?? host) as string
  const head = headOf(method, authority, target, givenScheme, fields, scheme, limits)
  if ('cause' in head) return head
  const length = contentLength === undefined ? null : Number(contentLength)
  if (length !== null && limits.body > 0 && length > limits.body) {
    return refusal('body-too-long', `Content-Length ${length}, the limit is ${limits.body}`)
  }
  if (expect !== '' && listOfTokens(expect).some((member) => member !== '100-continue')) return refusal('expectation-failed', quote(expect))
  return { head, bodyLength: ended ? 0 : length, expectsContinue: !ended && expect !== '', takesTrailers: te !== '' }
}

function hostTrouble(named: string | undefined, host: string | undefined): Refusal | null {
  if (named !== undefined && (named === '' || !isHost(named))) return refusal('bad-host', quote(named))
  if (host !== undefined && !isHost(host)) return refusal('bad-host', quote(host))
  // RFC 9113 section 8.3.1: two names for one target must not be two readings of it.
  if (named !== undefined && host !== undefined && named.toLowerCase() !== host.toLowerCase()) {
    return refusal('bad-host', `Host ${quote(host)} beside :authority ${quote(named)}`)
  }
  if (named !== undefined) lastNamed = copyOfText(named)
  return named === undefined && host === undefined ? refusal('missing-host', 'neither :authority nor Host') : null
}

function headOf(
  method: string, authority: string, target: string | undefined, givenScheme: string | undefined,
  fields: readonly string[], scheme: 'http' | 'https', limits: ParserLimits,
): RequestHead | Refusal {
  if (method === 'CONNECT') {
    // RFC 9113 section 8.5.
    if (target !== undefined || givenScheme !== undefined || !/[^:]:\d+$/.test(authority)) return refusal('bad-target', `CONNECT ${quote(authority)}`)
    return { method, target: authority, path: '', query: '', fields, version: '2', scheme, authority }
  }
  if (target === undefined || givenScheme === undefined) return refusal('bad-target', 'no :path, or no :scheme')
  if (target.length > limits.requestLine) return refusal('request-line-too-long', `over ${limits.requestLine} bytes`)
  const whole = target === '*' && method === 'OPTIONS'
  if (!whole && (!target.startsWith('/') || !TARGET.test(target))) return refusal('bad-target', quote(target))
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  return { method, target, path, query: mark < 0 ? '' : target.slice(mark + 1), fields, version: '2', scheme, authority }
}
