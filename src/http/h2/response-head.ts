/** The head of an answer as HTTP/2 has it (RFC 9113 section 8.3.2): lower-case fields, none of a connection's. */
import { DateClock } from '../date-clock.ts'
import { fieldName } from '../field-names.ts'
import { checkField, readLength, readStatus } from '../h1/response-writer.ts'
import { flat, isSame, type FieldPairs } from '../same-fields.ts'

/** As the frames library takes it: several values only for `set-cookie`. */
export type HeaderBlock = Record<string, string | number | string[]>

/** Fields of a connection beside those that are hop-by-hop in every version (RFC 9113 section 8.2.2). */
const OF_CONNECTION = new Set(['proxy-connection', 'http2-settings'])

export interface H2ResponseHead {
  readonly code: number
  /** Not to be changed: the next answer may have the same. */
  readonly block: HeaderBlock
  /** No body follows. */
  readonly bodiless: boolean
  /** Of the body, as far as it was told; null where only its end will. */
  readonly length: number | null
  /** A `Trailer` field announces trailers. */
  readonly trailers: boolean
}

/** What a head was made of. */
interface Made {
  readonly status: string
  readonly fields: readonly string[]
  readonly isHead: boolean
  readonly bodyLength: number | null
  readonly date: string
  readonly head: H2ResponseHead
}

/** One for all connections of a server. */
export class H2HeadWriter {
  private readonly server: string
  private readonly date: DateClock
  /** Most answers of an application have the head of the one before. */
  private last: Made | null = null

  /** @param now milliseconds since the epoch */
  constructor(serverSoftware: string, now: () => number) {
    this.server = serverSoftware
    this.date = new DateClock(now)
  }

  /**
   * A final answer's head.
   * @param bodyLength of the body, in bytes; null where it is sent in pieces
   * @throws {TypeError} see checkField() and readStatus()
   */
  head(status: string, fields: FieldPairs, isHead: boolean, bodyLength: number | null): H2ResponseHead {
    const { last } = this
    const date = this.date.read()
    if (last !== null && last.bodyLength === bodyLength && last.isHead === isHead && last.date === date && last.status === status
      && isSame(last.fields, fields)) return last.head
    const head = this.make(status, fields, isHead, bodyLength, date)
    this.last = { status, fields: flat(fields), isHead, bodyLength, date, head }
    return head
  }

  private make(status: string, fields: FieldPairs, isHead: boolean, bodyLength: number | null, date: string): H2ResponseHead {
    const { code, bodiless } = readStatus(status)
    if (code < 200) throw new TypeError(`status ${status} is an interim one: it cannot be the answer (RFC 9110 section 15.2)`)
    const block = blockOf(code, fields)
    const given = block['content-length'] as string | undefined
    delete block['content-length']
    if (block.date === undefined) block.date = date
    if (block.server === undefined && this.server !== '') block.server = this.server
    const declared = given === undefined ? -1 : readLength(given, -1)
    const length = declared >= 0 ? declared : bodyLength
    // RFC 9110 section 8.6: none with 204; with 304 and HEAD only what the GET would have had.
    if (code === 205) block['content-length'] = 0
    else if (code !== 204 && length !== null && (declared >= 0 || (!bodiless && !(isHead && length === 0)))) block['content-length'] = length
    return { code, block, bodiless: bodiless || isHead, length, trailers: block.trailer !== undefined }
  }

  /** @throws {TypeError} for a status that is none of those, and fields that could not be sent */
  interim(status: string, fields: FieldPairs): HeaderBlock {
    const { code } = readStatus(status)
    if (code >= 200 || code === 101) throw new TypeError(`${status} is not an interim status of HTTP/2 (RFC 9113 section 8.6)`)
    return blockOf(code, fields)
  }

  /** RFC 9113 section 8.1. */
  trailers(fields: FieldPairs): HeaderBlock {
    const block = blockOf(0, fields)
    delete block[':status']
    return block
  }
}

function blockOf(code: number, fields: FieldPairs): HeaderBlock {
  const block = Object.create(null) as HeaderBlock
  block[':status'] = code
  let declared = -1
  for (const [name, value] of fields) {
    const role = checkField(name, value)
    const { lower } = fieldName(name) as { lower: string }
    if (role === 'content-length') declared = readLength(value, declared)
    if (role === 'connection' || role === 'transfer-encoding' || role === 'hop' || role === 'upgrade' || OF_CONNECTION.has(lower)) continue
    const before = block[lower]
    if (lower === 'set-cookie') (block[lower] = (before ?? []) as string[]).push(value)
    // RFC 9110 section 5.3: the same as the lines one by one.
    else block[lower] = before === undefined || role === 'content-length' ? value : `${before as string}, ${value}`
  }
  return block
}
