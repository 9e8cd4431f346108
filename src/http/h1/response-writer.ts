/**
 * Heads of answers, as text for the wire (RFC 9112 sections 4 to 6), and how the body behind each is framed.
 * Nothing gets on the wire that could end a line early: what is not a token, or has a control character, is refused here.
 */
import { DateClock } from '../date-clock.ts'
import { fieldName, type FieldRole } from '../field-names.ts'
import { FORBIDDEN_IN_OUTPUT, listOfTokens } from '../grammar.ts'
import type { HttpVersion } from '../request-head.ts'
import { flat, isSame, type FieldPairs } from '../same-fields.ts'

/** How the end of the body is told: there is none, by `Content-Length`, by chunks, or by the end of the connection. */
export type AnswerFraming = 'none' | 'length' | 'chunked' | 'close'

interface StatusInfo {
  readonly code: number
  readonly line: string
  readonly bodiless: boolean
}

const STATUS = /^[1-5]\d\d [\t\x20-\x7e\x80-\xff]*$/
const statuses = new Map<string, StatusInfo>()
const STATUS_ENTRIES = 256

/**
 * @param status code, a space, reason
 * @throws {TypeError} for anything else
 */
export function readStatus(status: string): StatusInfo {
  const known = statuses.get(status)
  if (known !== undefined) return known
  if (typeof status !== 'string' || !STATUS.test(status)) {
    throw new TypeError(`status ${JSON.stringify(status)} is not three digits from 100 to 599, a space and a reason (RFC 9112 section 4)`)
  }
  const code = Number(status.slice(0, 3))
  const info: StatusInfo = { code, line: `HTTP/1.1 ${status}\r\n`, bodiless: code < 200 || code === 204 || code === 205 || code === 304 }
  if (statuses.size < STATUS_ENTRIES) statuses.set(status, info)
  return info
}

/** Of values, in characters: a longer one is looked at each time instead of being kept. */
const KEPT = 128

/**
 * What the field is to a server.
 * @throws {TypeError} for a name that is no token, or a value with a control character or beyond latin-1
 */
export function checkField(name: string, value: string): FieldRole {
  const field = typeof name === 'string' ? fieldName(name) : undefined
  if (field === undefined) throw new TypeError(`header name ${JSON.stringify(name)} is not a token (RFC 9110 section 5.1)`)
  if (value === field.sent) return field.role
  if (typeof value !== 'string') throw new TypeError(`the value of header ${name} is ${typeof value}, not a string`)
  if (FORBIDDEN_IN_OUTPUT.test(value)) {
    throw new TypeError(`the value of header ${name} has a control character, or one beyond latin-1: ${JSON.stringify(value.slice(0, 80))} (RFC 9110 section 5.5)`)
  }
  if (value.length <= KEPT) field.sent = value
  return field.role
}

/**
 * A `Content-Length`, beside the one before it (-1: none).
 * @throws {TypeError} for what is no number, or another one
 */
export function readLength(value: string, before: number): number {
  const length = /^\d{1,15}$/.test(value) ? Number(value) : -1
  if (length < 0) throw new TypeError(`header Content-Length ${JSON.stringify(value)} is not a decimal number (RFC 9110 section 8.6)`)
  if (before >= 0 && before !== length) throw new TypeError(`two headers Content-Length: ${before} and ${length} (RFC 9110 section 8.6)`)
  return length
}

/** What an answer's head depends on besides itself. */
export interface AnswerContext {
  readonly version: HttpVersion
  readonly isHead: boolean
  /** The connection may take another request after this answer, as far as the request and the server go. */
  readonly persistent: boolean
  /** Of the body, in bytes; null where it is sent in pieces. */
  readonly bodyLength: number | null
}

/** Where `Content-Length` is: nowhere, or more than once. */
const NONE = -1
const MANY = -2

/** A status and fields, and what they make of a head, but for its framing. */
interface HeadLines {
  readonly info: StatusInfo
  readonly status: string
  /** Names and values in turn, as they were: the application's own arrays may have changed since. */
  readonly fields: readonly string[]
  /** Which field is `Content-Length`; NONE, MANY. */
  readonly lengthAt: number
  /** The lines of the status and of those fields that are not the server's, `Date` and `Server` included. */
  readonly text: string
  /** The server's own `Date` line; empty where the application gave one. */
  readonly date: string
  readonly close: boolean
  readonly upgrade: boolean
}

/** One for all connections of a server: the properties tell of the last head, until the next one is made. */
export class ResponseWriter {
  text = ''
  code = 0
  framing: AnswerFraming = 'none'
  /** The `Content-Length` that is on the wire, with framing `length`. */
  length = 0
  persistent = true

  private readonly serverLine: string
  private readonly date: DateClock
  /** Most answers of an application have the head of the one before, at times but for the length: no line is made twice. */
  private last: HeadLines | null = null
  private lastDeclared = -1
  private readonly lastContext: { -readonly [K in keyof AnswerContext]: AnswerContext[K] } = { version: '1.1', isHead: false, persistent: true, bodyLength: 0 }

  /** @param now milliseconds since the epoch */
  constructor(serverSoftware: string, now: () => number) {
    if (serverSoftware !== '') checkField('Server', serverSoftware)
    this.serverLine = serverSoftware === '' ? '' : `Server: ${serverSoftware}\r\n`
    this.date = new DateClock(now, 'Date: ', '\r\n')
  }

  /** A final answer's head. @throws {TypeError} see checkField() and readStatus() */
  head(status: string, fields: FieldPairs, context: AnswerContext): void {
    const { last, lastContext } = this
    const date = this.date.read()
    const known = last !== null && (last.date === '' || last.date === date) && last.status === status
      && last.lengthAt !== MANY && isSame(last.fields, fields, last.lengthAt)
    const lines = known ? last : this.lines(status, fields, date)
    let declared = -1
    if (lines.lengthAt >= 0) declared = readLength((fields[lines.lengthAt] as readonly [string, string])[1], -1)
    else if (lines.lengthAt === MANY) declared = declaredIn(fields)
    if (known && declared === this.lastDeclared && isSameContext(context, lastContext)) return
    this.last = null
    const { info } = lines
    this.code = info.code
    this.persistent = context.persistent && !lines.close
    let text = lines.text + this.frame(info, declared, context)
    if (lines.upgrade) text += this.persistent ? 'Connection: upgrade\r\n' : 'Connection: close, upgrade\r\n'
    else if (!this.persistent) text += 'Connection: close\r\n'
    else if (context.version === '1.0') text += 'Connection: keep-alive\r\n'
    this.text = `${text}\r\n`
    this.last = lines
    this.lastDeclared = declared
    lastContext.version = context.version
    lastContext.isHead = context.isHead
    lastContext.persistent = context.persistent
    lastContext.bodyLength = context.bodyLength
  }

  private lines(status: string, fields: FieldPairs, date: string): HeadLines {
    const info = readStatus(status)
    if (info.code < 200) throw new TypeError(`status ${status} is an interim one: it cannot be the answer (RFC 9110 section 15.2)`)
    let text = info.line
    let lengthAt = NONE
    let hasDate = false
    let hasServer = false
    let upgrade = false
    let close = false
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i] as readonly [string, string]
      const name = field[0]
      const value = field[1]
      switch (checkField(name, value)) {
        case 'content-length':
          lengthAt = lengthAt === NONE ? i : MANY
          continue
        case 'connection':
          if (listOfTokens(value).includes('close')) close = true
          continue
        case 'transfer-encoding':
        case 'hop':
          continue
        case 'upgrade':
          if (info.code !== 426) continue
          upgrade = true
          break
        case 'date':
          hasDate = true
          break
        case 'server':
          hasServer = true
          break
      }
      text += `${name}: ${value}\r\n`
    }
    // RFC 9110 section 6.6.1: an origin server with a clock sends Date.
    if (!hasDate) text += date
    if (!hasServer) text += this.serverLine
    return { info, status, fields: flat(fields), lengthAt, text, date: hasDate ? '' : date, close, upgrade }
  }

  /** An interim answer, or the switch of protocols: fields as they are, and no framing (RFC 9110 section 15.2). */
  interim(status: string, fields: FieldPairs): string {
    return `${readStatus(status).line}${this.fieldLines(fields)}\r\n`
  }

  /** Field lines alone: of an interim answer, or of a trailer section (RFC 9112 section 7.1.2). */
  fieldLines(fields: FieldPairs): string {
    let text = ''
    for (const [name, value] of fields) {
      checkField(name, value)
      text += `${name}: ${value}\r\n`
    }
    return text
  }

  /** RFC 9112 section 6.3, from the sender's side. */
  private frame(info: StatusInfo, declared: number, context: AnswerContext): string {
    const { bodyLength, version, isHead } = context
    if (info.bodiless || isHead) {
      this.framing = 'none'
      // RFC 9110 section 8.6: none with 204; with 304 and HEAD only what the GET would have had.
      if (info.code === 204) return ''
      // RFC 9110 section 15.3.6: no content, and the length says so.
      if (info.code === 205) return 'Content-Length: 0\r\n'
      if (declared >= 0) return `Content-Length: ${declared}\r\n`
      return isHead && !info.bodiless && bodyLength !== null && bodyLength > 0 ? `Content-Length: ${bodyLength}\r\n` : ''
    }
    const length = declared >= 0 ? declared : bodyLength
    if (length !== null) {
      this.framing = 'length'
      this.length = length
      return `Content-Length: ${length}\r\n`
    }
    if (version !== '1.0') {
      this.framing = 'chunked'
      return 'Transfer-Encoding: chunked\r\n'
    }
    this.framing = 'close'
    this.persistent = false
    return ''
  }
}

function isSameContext(a: AnswerContext, b: AnswerContext): boolean {
  return a.bodyLength === b.bodyLength && a.persistent === b.persistent && a.isHead === b.isHead && a.version === b.version
}

/** @throws {TypeError} where they differ */
function declaredIn(fields: FieldPairs): number {
  let declared = -1
  for (const [name, value] of fields) if (checkField(name, value) === 'content-length') declared = readLength(value, declared)
  return declared
}
