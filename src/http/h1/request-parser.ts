/**
 * HTTP/1.1 requests out of bytes (RFC 9112). Pure: bytes in, events out, the same events wherever the bytes are cut.
 *
 * Heads are read line by line, each line once, from latin-1 text (one character a byte) that is decoded a window at a time:
 * string searches are what V8 does fastest. Bodies are never decoded or copied here: an event names a range of the caller's bytes.
 */
import type { CauseName, Refusal } from '../causes.ts'
import { BEFORE_FIRST, expectNext, fieldName, keepValue, type FieldName } from '../field-names.ts'
import { CLEAN_LINES, FORBIDDEN_IN_VALUE, isHost, listOfTokens, TARGET, TOKEN, trimWhitespace } from '../grammar.ts'
import { copyOfText, latin1 } from '../latin1.ts'
import { quote } from '../quote.ts'
import type { HttpVersion, RequestHead } from '../request-head.ts'

/** Bytes, or a count of field lines. */
export interface ParserLimits {
  readonly requestLine: number
  readonly fields: number
  readonly fieldSize: number
  readonly head: number
  /** 0: no limit. */
  readonly body: number
}

/**
 * - `need`: all bytes are used up, more are wanted
 * - `head`: `head`, `bodyLength`, `persistent`, `expectsContinue` are there
 * - `data`: bytes `dataFrom` to `dataTo` belong to the body
 * - `end`: the message is complete, `trailers` are there; reset() before the next one
 * - `refused`: `refusal` says why; nothing more can be read
 */
export type ParserEvent = 'need' | 'head' | 'data' | 'end' | 'refused'

type State = 'request-line' | 'fields' | 'length' | 'chunk-size' | 'chunk-data' | 'chunk-cr' | 'chunk-lf' | 'trailers' | 'end' | 'refused'

/** As much of a read as is decoded at once: most heads are shorter, and a body behind one is not decoded for nothing. */
const WINDOW = 2048
const MAX_METHOD = 64
const MAX_EMPTY_LINES = 8
const MAX_CHUNK_LINE = 1024
const MAX_CHUNK_EXTENSIONS = 16384

const CR = 0x0d
const LF = 0x0a
const SP = 0x20
const COLON = 0x3a
const HTAB = 0x09

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT'])
const VERSION = /^HTTP\/(\d)\.(\d)$/
const ABSOLUTE = /^(https?):\/\/([^/?]*)([^?]*)(?:\?(.*))?$/i
const LENGTH = /^\d{1,15}$/
/** `chunk-size [ chunk-ext ]` (RFC 9112 section 7.1), without the white space that 7.1.1 calls bad. */
const CHUNK_LINE = /^([0-9A-Fa-f]{1,15})((?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*)$/

/** Fields that steer framing, routing, authentication or the meaning of the content: never taken from trailers (RFC 9110 section 6.5.1). */
const NOT_IN_TRAILERS: ReadonlySet<string> = new Set([
  'transfer-encoding', 'content-length', 'host', 'content-encoding', 'content-type', 'content-range', 'trailer', 'authorization',
  'cookie', 'set-cookie', 'connection', 'te', 'expect', 'upgrade', 'proxy', 'cache-control',
])

const NO_HEAD: RequestHead = { method: '', target: '', path: '', query: '', fields: [], version: '1.1', scheme: 'http', authority: '' }

/** The last that was found valid, on whatever connection: most servers have one name. */
let lastHost = ''

export class RequestParser {
  /** Where in the bytes given to next() to go on. */
  position = 0
  head: RequestHead = NO_HEAD
  /** Of the body: 0 for none, the `Content-Length`, or null where chunks come. */
  bodyLength: number | null = 0
  dataFrom = 0
  dataTo = 0
  /** Flat, as `head.fields`. */
  trailers: string[] = []
  /** The client allows another request on the connection (RFC 9112 section 9.3). */
  persistent = true
  expectsContinue = false
  /** Protocols that the client offers to switch to; empty for none. */
  upgrade = ''
  /** A field by which proxies speak of their clients is there. */
  forwarded = false
  refusal!: Refusal

  /** The text of the bytes at hand that were looked at last, and where it begins there; see begin(). */
  private window = ''
  private windowOf: Buffer | null = null
  private windowFrom = 0
  private readonly limits: ParserLimits
  private readonly scheme: 'http' | 'https'
  private state: State = 'request-line'
  /** The part of a line that came without its end. */
  private rest = ''
  private method = ''
  private target = ''
  private version: HttpVersion = '1.1'
  private fields: string[] = []
  private lastField: FieldName = BEFORE_FIRST
  /** Values have to be looked at one by one: the lines at hand were not, or have something that no value may have. */
  private suspect = false
  private lines = 0
  private bytes = 0
  private host: string | undefined
  private contentLength: string | undefined
  private transferEncoding: string | undefined
  private connection: string | undefined
  private expect: string | undefined
  /** Of the body, or of the chunk. */
  private remaining = 0
  private received = 0
  private extensions = 0

  constructor(limits: ParserLimits, scheme: 'http' | 'https') {
    this.limits = limits
    this.scheme = scheme
  }

  /** The message is complete: there is nothing more to read of it. */
  get complete(): boolean {
    return this.state === 'end'
  }

  /** Nothing of a request has arrived yet. */
  get idle(): boolean {
    return this.state === 'request-line' && this.rest === '' && this.lines === 0
  }

  /** Nothing has arrived at all, not even the empty lines that may go before a request. */
  get unused(): boolean {
    return this.idle && this.bytes === 0
  }

  isFor(limits: ParserLimits, scheme: 'http' | 'https'): boolean {
    return this.limits === limits && this.scheme === scheme
  }

  /** Bytes of the body that are still to come one behind the other; 0 where chunks come, or nothing. */
  get remainingLength(): number {
    return this.state === 'length' ? this.remaining : 0
  }

  get refused(): boolean {
    return this.state === 'refused'
  }

  /** The next calls are for these bytes, until over(): what is made text of them serves all heads in it. */
  begin(bytes: Buffer): void {
    this.windowOf = bytes
    this.window = ''
  }

  over(): void {
    this.windowOf = null
    this.window = ''
  }

  /** Reads on in `bytes` at `from`; not beyond `to`. One event a call; `position` says how far it got. */
  next(bytes: Buffer, from: number, to: number): ParserEvent {
    switch (this.state) {
      case 'request-line':
      case 'fields':
      case 'trailers':
      case 'chunk-size':
        return this.readLines(bytes, from, to)
      case 'length':
      case 'chunk-data':
        return this.readData(from, to)
      case 'chunk-cr':
      case 'chunk-lf':
        return this.readChunkEnd(bytes, from, to)
      case 'end':
        this.position = from
        return 'end'
      case 'refused':
        this.position = to
        return 'refused'
    }
  }

  /** After `end`: ready for the next request. */
  reset(): void {
    this.state = 'request-line'
    // Nothing of the last request stays: a part of its text would keep the whole alive while the connection is idle.
    this.head = NO_HEAD
    this.method = ''
    this.target = ''
    this.rest = ''
    this.lines = 0
    this.bytes = 0
    this.fields = []
    this.lastField = BEFORE_FIRST
    this.trailers = []
    this.host = undefined
    this.contentLength = undefined
    this.transferEncoding = undefined
    this.connection = undefined
    this.expect = undefined
    this.upgrade = ''
    this.forwarded = false
    this.received = 0
    this.extensions = 0
  }

  private refuse(cause: CauseName, detail: string): 'refused' {
    this.state = 'refused'
    this.rest = ''
    this.refusal = { cause, detail }
    return 'refused'
  }

  // Lines ------------------------------------------------------------------------------------------------------------------

  private readLines(bytes: Buffer, from: number, to: number): ParserEvent {
    let position = from
    while (position < to) {
      const known = this.windowOf === bytes && this.inWindow(position)
      const text = known ? this.window : latin1(bytes, position, Math.min(to, position + WINDOW))
      let start = known ? position - this.windowFrom : 0
      position -= start
      if (!known && this.windowOf === bytes) {
        this.window = text
        this.windowFrom = position
      }
      this.suspect = true
      for (;;) {
        const lf = text.indexOf('\n', start)
        if (lf < 0) break
        const event = this.rest === '' ? this.readLine(text, start, lf) : this.joinLine(text, lf)
        start = lf + 1
        if (event !== 'need') {
          this.position = position + start
          return event
        }
        // The state has moved on to bytes that are no lines.
        if (this.state === 'chunk-data') {
          this.position = position + start
          return this.readData(this.position, to)
        }
      }
      if (start < text.length) {
        this.rest += text.slice(start)
        const refused = this.checkLength(this.rest.length - 1)
        if (refused !== 'need') {
          this.position = to
          return refused
        }
      }
      position += text.length
    }
    this.position = to
    return 'need'
  }

  /** Whether a whole head, as far as lines go, is in the text that is there. */
  private inWindow(position: number): boolean {
    const { window, windowFrom } = this
    return window !== '' && position >= windowFrom && window.indexOf('\r\n\r\n', position - windowFrom) >= 0
  }

  private joinLine(text: string, lf: number): ParserEvent {
    const line = this.rest + text.slice(0, lf)
    this.rest = ''
    const event = this.readLine(line, 0, line.length)
    this.suspect = true
    return event
  }

  /** A line from `start` up to its LF at `lf`. */
  private readLine(text: string, start: number, lf: number): ParserEvent {
    const ended = lf > start && text.charCodeAt(lf - 1) === CR
    const end = ended ? lf - 1 : lf
    const tooLong = this.checkLength(end - start)
    if (tooLong !== 'need') return tooLong
    if (!ended) return this.refuse('bare-lf', `in ${this.place()}`)
    switch (this.state) {
      case 'request-line':
        return end === start ? this.readEmptyLine() : this.readRequestLine(text, start, end)
      case 'fields':
        return end === start ? this.finishHead() : this.readFieldLine(text, start, end)
      case 'trailers':
        return end === start ? this.finish() : this.readFieldLine(text, start, end)
      default:
        return this.readChunkLine(text, start, end)
    }
  }

  /** The limits hold for a line without its CRLF; an unfinished one may have its CR already, so its caller counts one less. */
  private checkLength(length: number): ParserEvent {
    switch (this.state) {
      case 'request-line':
        if (length > this.limits.requestLine) return this.refuse('request-line-too-long', `over ${this.limits.requestLine} bytes`)
        return 'need'
      case 'chunk-size':
        if (length > MAX_CHUNK_LINE) return this.refuse('chunk-line-too-long', `over ${MAX_CHUNK_LINE} bytes`)
        return 'need'
      default:
        if (length > this.limits.fieldSize) return this.refuse('field-too-long', `over ${this.limits.fieldSize} bytes in ${this.place()}`)
        return 'need'
    }
  }

  private place(): string {
    switch (this.state) {
      case 'request-line': return 'the request line'
      case 'fields': return `field line ${this.lines}`
      case 'trailers': return `trailer line ${this.lines + 1}`
      default: return 'a chunk line'
    }
  }

  /** RFC 9112 section 2.2: empty lines before a request line are to be passed over; a flood of them is not. */
  private readEmptyLine(): ParserEvent {
    this.bytes += 2
    if (this.bytes > 2 * MAX_EMPTY_LINES) return this.refuse('bad-request-line', `over ${MAX_EMPTY_LINES} empty lines before it`)
    return 'need'
  }

  private readRequestLine(text: string, start: number, end: number): ParserEvent {
    this.bytes += end - start + 2
    const afterMethod = text.indexOf(' ', start)
    const afterTarget = afterMethod < 0 || afterMethod > end ? -1 : text.indexOf(' ', afterMethod + 1)
    if (afterTarget < 0 || afterTarget > end) return this.refuse('bad-request-line', quote(text.slice(start, end)))
    // Most requests are GETs: a look is cheaper than a text of its own and its look-up.
    const method = afterMethod - start === 3 && text.startsWith('GET', start) ? 'GET' : text.slice(start, afterMethod)
    if (method !== 'GET' && !METHODS.has(method)) {
      if (!TOKEN.test(method)) return this.refuse(method === '' ? 'bad-request-line' : 'bad-method', quote(method))
      if (method.length > MAX_METHOD) return this.refuse('method-too-long', quote(method))
    }
    const target = text.slice(afterMethod + 1, afterTarget)
    if (!TARGET.test(target)) return this.refuse(target === '' ? 'bad-request-line' : 'bad-target', quote(target))
    if (end - afterTarget === 9 && text.startsWith('HTTP/1.1', afterTarget + 1)) {
      this.version = '1.1'
    } else {
      const refused = this.readVersion(text.slice(afterTarget + 1, end))
      if (refused !== 'need') return refused
    }
    this.method = method
    this.target = target
    this.lines = 1
    this.state = 'fields'
    // The first empty line is the end of the head: up to there one look serves all values.
    const blank = text.indexOf('\r\n\r\n', end)
    this.suspect = !CLEAN_LINES.test(text.slice(end, blank < 0 ? text.length : blank))
    return 'need'
  }

  private readVersion(text: string): ParserEvent {
    const match = VERSION.exec(text)
    if (match === null) return this.refuse(text.includes(' ') ? 'bad-request-line' : 'bad-version', quote(text))
    if (match[1] !== '1') return this.refuse('unsupported-version', quote(text))
    // RFC 9110 section 2.5: a higher minor version is answered by the highest that the server has.
    this.version = match[2] === '0' ? '1.0' : '1.1'
    return 'need'
  }

  private readFieldLine(text: string, start: number, end: number): ParserEvent {
    this.bytes += end - start + 2
    if (this.bytes > this.limits.head) return this.refuse('head-too-long', `over ${this.limits.head} bytes`)
    if (this.lines++ > this.limits.fields) return this.refuse('too-many-fields', `over ${this.limits.fields}`)
    const first = text.charCodeAt(start)
    if (first === SP || first === HTAB) return this.refuse('folded-line', `after field line ${this.lines - 2}`)
    let field = this.lastField.next
    let colon: number
    if (field !== undefined && text.startsWith(field.name, start) && text.charCodeAt(start + field.name.length) === COLON) {
      colon = start + field.name.length
    } else {
      colon = text.indexOf(':', start)
      if (colon < 0 || colon >= end) return this.refuse('bad-field-line', `no colon in ${quote(text.slice(start, end))}`)
      field = fieldName(text.slice(start, colon))
      if (field === undefined) return this.refuse('bad-field-line', `name ${quote(text.slice(start, colon))}`)
      expectNext(this.lastField, field)
    }
    this.lastField = field
    let value = field.came
    if (value === '' || !isValue(text, colon, end, value)) {
      value = trimWhitespace(text, colon + 1, end)
      if ((this.suspect && FORBIDDEN_IN_VALUE.test(value)) || text.indexOf('\r', colon) < end) return this.refuse('bad-field-value', `${field.name}: ${quote(value)}`)
      keepValue(field, value)
    }
    if (this.state === 'trailers') {
      if (field.role !== 'dropped' && !NOT_IN_TRAILERS.has(field.lower)) this.trailers.push(field.name, value)
      return 'need'
    }
    return this.keepField(field, value)
  }

  private keepField(field: FieldName, value: string): ParserEvent {
    switch (field.role) {
      case 'dropped':
        return 'need'
      case 'host':
        if (this.host !== undefined) return this.refuse('repeated-host', `${quote(this.host)} and ${quote(value)}`)
        this.host = value
        break
      case 'content-length':
        if (this.contentLength !== undefined) {
          return this.refuse('bad-content-length', `repeated: ${quote(this.contentLength)} and ${quote(value)}`)
        }
        this.contentLength = value
        break
      case 'transfer-encoding':
        this.transferEncoding = join(this.transferEncoding, value)
        break
      case 'connection':
        this.connection = join(this.connection, value)
        break
      case 'expect':
        this.expect = join(this.expect, value)
        break
      case 'forwarded':
        this.forwarded = true
        break
      case 'upgrade':
        this.upgrade = this.upgrade === '' ? value : `${this.upgrade}, ${value}`
        break
    }
    this.fields.push(field.name, value)
    return 'need'
  }

  // The end of a head ---------------------------------------------------------------------------------------------------------

  private finishHead(): ParserEvent {
    this.bytes += 2
    if (this.bytes > this.limits.head) return this.refuse('head-too-long', `over ${this.limits.head} bytes`)
    const { target } = this
    let path: string
    let query = ''
    let authority: string | undefined
    if (target.charCodeAt(0) === 0x2f) {
      if (this.method === 'CONNECT') return this.refuse('bad-target', `CONNECT ${quote(target)}`)
      const mark = target.indexOf('?')
      path = mark < 0 ? target : target.slice(0, mark)
      if (mark >= 0) query = target.slice(mark + 1)
    } else {
      const parts = splitTarget(this.method, target)
      if (typeof parts === 'string') return this.refuse(parts === 'bad-host' ? 'bad-host' : 'bad-target', `${this.method} ${quote(target)}`)
      ;({ path, query, authority } = parts)
    }
    const refused = this.checkHost()
    if (refused !== 'need') return refused
    const framing = this.readFraming()
    if (framing !== 'need') return framing
    if (this.expect !== undefined || this.expectsContinue) {
      const expectation = this.readExpectation()
      if (expectation !== 'need') return expectation
    }
    this.persistent = this.connection === undefined ? this.version !== '1.0' : this.readConnection(this.connection)
    if (this.upgrade !== '' && (this.version === '1.0' || !connectionTokens(this.connection ?? '').includes('upgrade'))) this.upgrade = ''
    this.head = {
      method: this.method, target, path, query, fields: this.fields, version: this.version, scheme: this.scheme,
      // RFC 9112 section 3.2.2: the target's authority goes before what Host says.
      authority: authority ?? this.host ?? '',
    }
    return 'head'
  }

  private checkHost(): ParserEvent {
    const { host } = this
    if (host === undefined) return this.version === '1.0' ? 'need' : this.refuse('missing-host', 'an HTTP/1.1 request without Host')
    if (host === lastHost) return 'need'
    if (!isHost(host)) return this.refuse('bad-host', quote(host))
    lastHost = copyOfText(host)
    return 'need'
  }

  /** How long the body is (RFC 9112 section 6.3). */
  private readFraming(): ParserEvent {
    const { contentLength, transferEncoding } = this
    if (transferEncoding !== undefined) return this.readTransferEncoding(transferEncoding)
    if (contentLength === undefined) {
      this.bodyLength = 0
      this.state = 'end'
      return 'need'
    }
    if (!LENGTH.test(contentLength)) {
      if (/^\d+$/.test(contentLength)) return this.refuse('body-too-long', `Content-Length of ${contentLength.length} digits`)
      return this.refuse('bad-content-length', quote(contentLength))
    }
    const length = Number(contentLength)
    if (this.limits.body > 0 && length > this.limits.body) {
      return this.refuse('body-too-long', `Content-Length ${length}, the limit is ${this.limits.body}`)
    }
    this.bodyLength = length
    this.remaining = length
    this.state = length === 0 ? 'end' : 'length'
    return 'need'
  }

  private readTransferEncoding(value: string): ParserEvent {
    if (this.contentLength !== undefined) {
      return this.refuse('framing-conflict', `Transfer-Encoding ${quote(value)}, Content-Length ${quote(this.contentLength)}`)
    }
    if (this.version === '1.0') return this.refuse('bad-transfer-encoding', `${quote(value)} in HTTP/1.0`)
    if (value.toLowerCase() !== 'chunked') {
      const codings = value.toLowerCase().split(',').map((coding) => trimWhitespace(coding, 0, coding.length))
      const chunkedLast = codings.indexOf('chunked') === codings.length - 1
      const unknown = codings.every((coding) => coding !== '') && (chunkedLast || (codings.length === 1 && TOKEN.test(value)))
      return this.refuse(unknown ? 'unknown-transfer-coding' : 'bad-transfer-encoding', quote(value))
    }
    this.bodyLength = null
    this.state = 'chunk-size'
    return 'need'
  }

  private readExpectation(): ParserEvent {
    const { expect } = this
    this.expectsContinue = false
    // RFC 9110 section 10.1.1: an HTTP/1.0 client cannot mean it.
    if (expect === undefined || this.version === '1.0') return 'need'
    const members = listOfTokens(expect)
    if (members.some((member) => member !== '100-continue')) return this.refuse('expectation-failed', quote(expect))
    this.expectsContinue = members.length > 0 && this.state !== 'end'
    return 'need'
  }

  private readConnection(value: string): boolean {
    if (value === 'keep-alive') return true
    if (value === 'close') return false
    const tokens = connectionTokens(value)
    if (tokens.includes('close')) return false
    return this.version !== '1.0' || tokens.includes('keep-alive')
  }

  // Bodies ----------------------------------------------------------------------------------------------------------------------

  private readData(from: number, to: number): ParserEvent {
    this.position = from
    if (from >= to) return 'need'
    const length = Math.min(this.remaining, to - from)
    this.dataFrom = from
    this.dataTo = from + length
    this.position = from + length
    this.remaining -= length
    if (this.remaining === 0) this.state = this.state === 'length' ? 'end' : 'chunk-cr'
    return 'data'
  }

  private readChunkLine(text: string, start: number, end: number): ParserEvent {
    const line = text.slice(start, end)
    const match = CHUNK_LINE.exec(line)
    if (match === null) return this.refuse('bad-chunk', `chunk line ${quote(line)}`)
    this.extensions += (match[2] as string).length
    if (this.extensions > MAX_CHUNK_EXTENSIONS) return this.refuse('chunk-line-too-long', `over ${MAX_CHUNK_EXTENSIONS} bytes of extensions in one body`)
    const size = Number.parseInt(match[1] as string, 16)
    if (!Number.isSafeInteger(size)) return this.refuse('bad-chunk', `chunk line ${quote(line)}`)
    if (size === 0) {
      this.state = 'trailers'
      this.lastField = BEFORE_FIRST
      this.lines = 1
      this.bytes = 0
      return 'need'
    }
    this.received += size
    if (this.limits.body > 0 && this.received > this.limits.body) return this.refuse('body-too-long', `over ${this.limits.body} bytes in chunks`)
    this.remaining = size
    this.state = 'chunk-data'
    return 'need'
  }

  private readChunkEnd(bytes: Buffer, from: number, to: number): ParserEvent {
    let position = from
    for (; position < to; position++) {
      if (bytes[position] !== (this.state === 'chunk-cr' ? CR : LF)) {
        this.position = position + 1
        return this.refuse('bad-chunk', 'no CRLF behind the data of a chunk')
      }
      if (this.state === 'chunk-cr') {
        this.state = 'chunk-lf'
        continue
      }
      this.state = 'chunk-size'
      return this.readLines(bytes, position + 1, to)
    }
    this.position = to
    return 'need'
  }

  private finish(): ParserEvent {
    this.state = 'end'
    return 'end'
  }
}

const join = (before: string | undefined, value: string): string => (before === undefined ? value : `${before}, ${value}`)

interface TargetParts { path: string; query: string; authority: string | undefined }

/** The forms of a target that do not begin with a slash (RFC 9112 section 3.2), each only for the methods that may have it. */
function splitTarget(method: string, target: string): TargetParts | 'bad-target' | 'bad-host' {
  if (method === 'CONNECT') {
    // authority-form: the port is not optional (RFC 9110 section 9.3.6).
    return isHost(target) && /[^:]:\d+$/.test(target) ? { path: '', query: '', authority: target } : 'bad-target'
  }
  if (target === '*') return method === 'OPTIONS' ? { path: '*', query: '', authority: undefined } : 'bad-target'
  const match = ABSOLUTE.exec(target)
  if (match === null) return 'bad-target'
  const [, , authority, path, query] = match as unknown as [string, string, string, string, string | undefined]
  if (authority === '' || authority.startsWith(':') || !isHost(authority)) return 'bad-host'
  // RFC 9112 section 3.2.4: OPTIONS for an authority without a path means the server as a whole.
  if (path === '' && query === undefined && method === 'OPTIONS') return { path: '*', query: '', authority }
  return { path: path === '' ? '/' : path, query: query ?? '', authority }
}

let lastConnection = ''
let lastTokens: readonly string[] = []

/** Of nearly all requests the same. */
function connectionTokens(value: string): readonly string[] {
  if (value !== lastConnection) {
    lastTokens = listOfTokens(value)
    lastConnection = copyOfText(value)
  }
  return lastTokens
}

/** The field line is its name, a colon, a space and this. */
function isValue(text: string, colon: number, end: number, value: string): boolean {
  return end - colon - 2 === value.length && text.charCodeAt(colon + 1) === SP && text.startsWith(value, colon + 2)
}
