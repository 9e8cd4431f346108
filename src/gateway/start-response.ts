/** The half of the contract that an application calls: start_response() and write() (PEP 3333, "The start_response() Callable"). */
import type { FieldRole } from '../http/field-names.ts'
import { checkField, readLength, readStatus } from '../http/h1/response-writer.ts'
import type { Exchange, Fields, ResponseSink } from './exchange.ts'
import type { ExcInfo, StartResponse, Write } from './wsgi.ts'

const NO_FIELDS: Fields = []

/** What an application has said of its answer so far. */
export class Answer {
  status = ''
  fields: Fields = NO_FIELDS
  /** The application's `Content-Length`; -1 without one. */
  declared = -1
  /** The status allows no body: 204, 205, 304. */
  bodiless = false
  /** Set when the headers are on their way. */
  sink: ResponseSink | null = null
  /** Bytes of the body so far. */
  bytes = 0

  private readonly exchange: Exchange
  private readonly hopDropped: (name: string) => void

  constructor(exchange: Exchange, hopDropped: (name: string) => void) {
    this.exchange = exchange
    this.hopDropped = hopDropped
  }

  get started(): boolean {
    return this.status !== ''
  }

  readonly startResponse: StartResponse = (status, responseHeaders, excInfo) => {
    if (excInfo === undefined || excInfo === null) {
      if (this.status !== '') throw new Error('startResponse() was called already: a second call needs excInfo (PEP 3333, "The start_response() Callable")')
    } else if (this.sink !== null || this.exchange.begun) {
      // Too late for another answer: whoever called gets its own error back.
      throw errorOf(excInfo)
    }
    const { code, bodiless } = readStatus(status)
    this.readHeaders(responseHeaders, code)
    this.status = status
    this.bodiless = bodiless
    return this.write
  }

  private readonly write: Write = (data, force) => {
    if (!(data instanceof Uint8Array)) throw new TypeError(`write() takes bytes, not ${typeof data} (PEP 3333, "The write() Callable")`)
    if (this.exchange.closed) return data.length
    if (data.length === 0) {
      if (force === true) this.open().flush()
      return 0
    }
    const sink = this.open()
    this.bytes += data.length
    if (sink.write(data)) return data.length
    const taken = sink.drained().then(() => data.length)
    // Not every application waits for a slow client; one that then goes away must not end the process.
    taken.catch(() => undefined)
    return taken
  }

  /** The headers are final: a streamed answer begins. */
  open(): ResponseSink {
    if (this.sink !== null) return this.sink
    if (this.status === '') throw new Error('the application gave a block before it called startResponse() (PEP 3333, "The start_response() Callable")')
    this.sink = this.exchange.begin(this.status, this.fields)
    return this.sink
  }

  /** All of them are good, or nothing changes. */
  private readHeaders(headers: Fields, code: number): void {
    if (!Array.isArray(headers)) throw new TypeError('responseHeaders is not an array of [name, value] (PEP 3333, "The start_response() Callable")')
    let hops = false
    let declared = -1
    for (let i = 0; i < headers.length; i++) {
      const header = headers[i] as unknown
      if (!Array.isArray(header) || header.length !== 2) throw new TypeError(`response header ${i} is not [name, value] (PEP 3333, "The start_response() Callable")`)
      const role = checkField(header[0] as string, header[1] as string)
      if (role === 'plain' || role === 'content-type') continue
      if (role === 'content-length') declared = readLength(header[1] as string, declared)
      else if (isHop(role, code)) hops = true
    }
    this.fields = hops ? this.withoutHops(headers, code) : headers
    this.declared = declared
  }

  private withoutHops(headers: Fields, code: number): Fields {
    return headers.filter(([name, value]) => {
      if (!isHop(checkField(name, value), code)) return true
      this.hopDropped(name)
      return false
    })
  }
}

/** PEP 3333, "Other HTTP Features": hop-by-hop fields are not the application's; HOP_HEADERS of the reference. */
function isHop(role: FieldRole, code: number): boolean {
  switch (role) {
    case 'hop': case 'proxy': case 'connection': case 'transfer-encoding': return true
    // RFC 9110 section 15.5.22: a 426 has to say what to upgrade to.
    case 'upgrade': return code !== 426
    default: return false
  }
}

/** The thing that was thrown, of Python's triple or alone. */
function errorOf(excInfo: ExcInfo): unknown {
  if (!Array.isArray(excInfo)) return excInfo
  return excInfo[1] instanceof Error ? excInfo[1] : excInfo[0]
}
