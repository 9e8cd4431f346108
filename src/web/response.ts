/** The answer of a handler: what pulsar calls WsgiResponse. */
import { nodeCrypto } from '../gateway/node-crypto.ts'
import { FileWrapper } from '../gateway/file-wrapper.ts'
import type { Bytes, Environ, StartResponse, WSGIBody } from '../gateway/wsgi.ts'
import { parseEntityTag } from '../http/entity-tags.ts'
import { forbidsBody, statusLine, statusText } from '../http/statuses.ts'
import type { HeaderInit } from './header-names.ts'
import { encodedLocation } from './location.ts'
import { conditionalStatus } from './response-conditions.ts'
import {
  closeStream, encodedStream, encodeText, isStream, unreadStream, wholeBlocks, type ResponseContent, type TextEncoding,
} from './response-content.ts'
import { cookieIdentity, deleteCookieLine, setCookieLine, type CookieOptions } from './response-cookies.ts'
import { ResponseHeaders } from './response-headers.ts'

export interface WsgiResponseInit {
  /** 200 to 599; default 200. */
  readonly status?: number
  readonly content?: ResponseContent
  readonly headers?: HeaderInit
  /** Default for text: `text/plain`; with its charset where the type is a text one. */
  readonly contentType?: string
  /** What text is encoded as; default `utf-8`. */
  readonly encoding?: TextEncoding
}

/** What is left to say where the content gives its own type. */
export type TypedResponseInit = Omit<WsgiResponseInit, 'content' | 'contentType'>

export type RedirectStatus = 301 | 302 | 303 | 307 | 308

type TypeLine = readonly ['Content-Type', string]

const typeLine = (type: string): TypeLine => Object.freeze(['Content-Type', type] as const)

const JSON_LINE: TypeLine = typeLine('application/json')
const HTML_LINE: TypeLine = typeLine('text/html; charset=utf-8')
const TEXT_LINE: TypeLine = typeLine('text/plain; charset=utf-8')
const BYTES_LINE: TypeLine = typeLine('application/octet-stream')
const EMPTY_LINE: readonly [string, string] = Object.freeze(['Content-Length', '0'] as const)

const NO_INIT: WsgiResponseInit = {}
const NOTHING: readonly Bytes[] = []

/**
 * A status, headers, cookies and a content, which {@link start} serves. One whose content is whole may be served again and
 * again; one with a stream once.
 *
 * ```ts
 * const response = WsgiResponse.json({ id: 7 }, { status: 201 })
 * response.headers.set('Location', '/users/7')
 * response.setCookie('seen', 'yes', { httpOnly: true })
 * ```
 */
export class WsgiResponse {
  private code: number
  private body: ResponseContent
  private textEncoding: TextEncoding
  /** Stands for the headers as long as the type is all of them: most answers never need a container. */
  private type: TypeLine | undefined = undefined
  private fields: ResponseHeaders | undefined = undefined
  private cookieLines: Map<string, string> | undefined = undefined
  private streamTaken = false

  constructor(init: WsgiResponseInit = NO_INIT) {
    this.code = init.status === undefined ? 200 : checkedStatus(init.status)
    this.body = init.content
    this.textEncoding = init.encoding ?? 'utf-8'
    if (init.headers !== undefined) this.fields = new ResponseHeaders(init.headers)
    if (init.contentType !== undefined) this.contentType = init.contentType
  }

  /** JSON (RFC 8259: UTF-8, without a charset). @throws {TypeError} for what JSON cannot say: undefined, a function, a circle */
  static json(value: unknown, init?: TypedResponseInit): WsgiResponse {
    const text = JSON.stringify(value) as string | undefined
    if (text === undefined) throw new TypeError(`JSON cannot say ${typeof value}`)
    return WsgiResponse.typed(JSON_LINE, Buffer.from(text), init)
  }

  /** JSON that is a text already. @internal */
  static jsonText(text: string, init?: TypedResponseInit): WsgiResponse {
    return WsgiResponse.typed(JSON_LINE, text, init)
  }

  static html(content: ResponseContent, init?: TypedResponseInit): WsgiResponse {
    return WsgiResponse.typed(HTML_LINE, content, init)
  }

  static text(content: ResponseContent, init?: TypedResponseInit): WsgiResponse {
    return WsgiResponse.typed(TEXT_LINE, content, init)
  }

  /**
   * An answer that sends the client elsewhere (RFC 9110 section 15.4). What a URI cannot have is percent-encoded.
   * @throws {TypeError} for a location with a control character
   */
  static redirect(location: string | URL, status: RedirectStatus = 302, init?: TypedResponseInit): WsgiResponse {
    if (![301, 302, 303, 307, 308].includes(status)) throw new RangeError(`${String(status)} is no status of a redirect`)
    const response = new WsgiResponse({ ...init, status })
    response.headers.set('Location', encodedLocation(String(location)))
    return response
  }

  private static typed(line: TypeLine, content: ResponseContent, init: TypedResponseInit | undefined): WsgiResponse {
    const response = new WsgiResponse(init)
    response.body = content
    if (response.fields === undefined && response.textEncoding === 'utf-8') response.type = line
    else response.contentType = withCharset(line[1], response.textEncoding)
    return response
  }

  get status(): number {
    return this.code
  }

  /** @throws {RangeError} for what is no final status: 200 to 599 */
  set status(code: number) {
    this.code = checkedStatus(code)
  }

  /** The status's name: `Not Found`. */
  get reason(): string {
    return statusText(this.code)
  }

  get headers(): ResponseHeaders {
    if (this.fields === undefined) {
      this.fields = new ResponseHeaders()
      if (this.type !== undefined) this.fields.set(this.type[0], this.type[1])
      this.type = undefined
    }
    return this.fields
  }

  get content(): ResponseContent {
    return this.body
  }

  /** Replaces the content; a stream that was there and is not wanted any more is the caller's to close. */
  set content(content: ResponseContent) {
    this.body = content
    this.streamTaken = false
  }

  /** With parameters; undefined as long as nobody set one. */
  get contentType(): string | undefined {
    return this.fields === undefined ? this.type?.[1] : this.fields.get('Content-Type')
  }

  /** @throws {TypeError} for what could not go on the wire */
  set contentType(type: string | undefined) {
    if (type === undefined) this.headers.delete('Content-Type')
    else this.headers.set('Content-Type', type)
  }

  /** What text is encoded as. */
  get encoding(): TextEncoding {
    return this.textEncoding
  }

  set encoding(encoding: TextEncoding) {
    encodeText('', encoding)
    this.textEncoding = encoding
  }

  /** True where the content's length is known only at its end. */
  get isStreamed(): boolean {
    return isStream(this.body)
  }

  /** The content's bytes; undefined for a stream. */
  bytes(): Buffer | undefined {
    const blocks = wholeBlocks(this.body, this.textEncoding)
    if (blocks === undefined) return undefined
    const [only] = blocks
    if (blocks.length !== 1 || only === undefined) return Buffer.concat(blocks)
    return Buffer.from(only.buffer, only.byteOffset, only.byteLength)
  }

  /** In bytes; undefined for a stream. */
  length(): number | undefined {
    return wholeBlocks(this.body, this.textEncoding)?.reduce((sum, block) => sum + block.length, 0)
  }

  /**
   * The content as blocks of bytes, for whoever wraps it: `response.content = compressed(response.blocks())`. A stream's
   * close() comes along, to be called once.
   * @throws {Error} where a stream was taken before
   */
  blocks(): WSGIBody {
    const whole = wholeBlocks(this.body, this.textEncoding)
    if (whole !== undefined) return whole
    if (this.streamTaken) throw new Error('the content is a stream, and can be read once')
    this.streamTaken = true
    // The server sends a file by its own ways: it must see what it is.
    return this.body instanceof FileWrapper ? this.body : encodedStream(this.body, this.textEncoding)
  }

  /**
   * Sets a cookie, in the place of one with the same name, domain and path.
   * @throws {TypeError} for what browsers would refuse, or what could not go on the wire
   * @throws {RangeError} for a cookie longer than browsers take
   */
  setCookie(name: string, value: string, options?: CookieOptions): this {
    this.cookieLines ??= new Map()
    this.cookieLines.set(cookieIdentity(name, options), setCookieLine(name, value, options))
    return this
  }

  /** Makes the browser forget a cookie; path and domain must be those it was set with. */
  deleteCookie(name: string, options?: CookieOptions): this {
    this.cookieLines ??= new Map()
    this.cookieLines.set(cookieIdentity(name, options), deleteCookieLine(name, options))
    return this
  }

  /**
   * Sets `ETag` (RFC 9110 section 8.8.3): a request that has the same already is then answered with 304.
   * @param tag without its quotes, or with them, or `W/"..."`; without it a hash of the content is taken
   * @throws {TypeError} for what is no entity tag, or without a tag for a stream
   */
  etag(tag?: string): this {
    this.headers.set('ETag', tag === undefined ? this.hash() : quotedTag(tag))
    return this
  }

  /**
   * Serves the answer: calls startResponse() and gives the body. The content of an answer to GET or HEAD that has `ETag` or
   * `Last-Modified` is left out where the client has it (304), and refused where its preconditions fail (412).
   * @throws {Error} where a stream was served before
   */
  start(environ: Environ, startResponse: StartResponse): WSGIBody | Promise<WSGIBody> {
    const { fields } = this
    if (fields !== undefined && this.code === 200) {
      const status = conditionalStatus(environ, fields)
      if (status !== 200) return this.startWithout(status, startResponse)
    }
    if (forbidsBody(this.code) || this.code === 205) return this.startWithout(this.code, startResponse)
    const whole = wholeBlocks(this.body, this.textEncoding)
    // Of a file the server knows the length without reading it.
    const isUnread = environ.REQUEST_METHOD === 'HEAD' && !(this.body instanceof FileWrapper)
    const body = whole ?? (isUnread ? unreadStream(this.body) : this.blocks())
    startResponse(statusLine(this.code), this.toFields())
    return body
  }

  /** Ends a stream that will not be served. */
  close(): unknown {
    return this.isStreamed && !this.streamTaken ? closeStream(this.body) : undefined
  }

  /** The fields as they will be sent, cookies included. */
  toFields(): (readonly [name: string, value: string])[] {
    const fields = this.headerLines()
    if (this.cookieLines !== undefined) for (const line of this.cookieLines.values()) fields.push(['Set-Cookie', line])
    return fields
  }

  private headerLines(): (readonly [string, string])[] {
    if (this.fields === undefined) return [this.type ?? this.defaultLine()]
    const lines = [...this.fields]
    const at = lines.findIndex(([name]) => isContentType(name))
    if (at < 0) {
      if (this.hasContent || !this.fields.has('Content-Length')) lines.push(this.defaultLine())
    } else if (this.isText) {
      const [name, type] = lines[at] as readonly [string, string]
      lines[at] = [name, withCharset(type, this.textEncoding)]
    }
    return lines
  }

  /** Of bytes, files and web streams the encoding is not known here. */
  private get isText(): boolean {
    const { body } = this
    if (typeof body === 'string') return body !== ''
    return this.hasContent && !(body instanceof Uint8Array || body instanceof FileWrapper || 'getReader' in (body as object))
  }

  private get hasContent(): boolean {
    const { body } = this
    return body !== null && body !== undefined && body !== '' && !(body instanceof Uint8Array && body.length === 0)
  }

  /** What an answer without a type of its own has: text is text, of anything else nothing is known, and nothing has no bytes. */
  private defaultLine(): readonly [string, string] {
    if (!this.hasContent) return EMPTY_LINE
    const { body } = this
    if (typeof body !== 'string' && !(Array.isArray(body) && body.some((block) => typeof block === 'string'))) return BYTES_LINE
    return this.textEncoding === 'utf-8' ? TEXT_LINE : typeLine(withCharset('text/plain', this.textEncoding))
  }

  /** RFC 9110 sections 15.3.5 and 15.4.5: no content, and nothing that speaks of one. */
  private startWithout(status: number, startResponse: StartResponse): WSGIBody {
    const fields = this.toFields().filter(([name]) => !/^content-(?:type|length|encoding|language|range)$/i.test(name))
    // 205 and 412 are framed like any other answer.
    if (!forbidsBody(status)) fields.push(EMPTY_LINE)
    const body = this.isStreamed && !this.streamTaken ? unreadStream(this.body) : NOTHING
    startResponse(statusLine(status), fields)
    return body
  }

  private hash(): string {
    const blocks = wholeBlocks(this.body, this.textEncoding)
    if (blocks === undefined) throw new TypeError('the content is a stream: its ETag has to be given')
    const hash = nodeCrypto().createHash('sha256')
    for (const block of blocks) hash.update(block)
    return `"${hash.digest('base64url').slice(0, 27)}"`
  }
}

function checkedStatus(code: number): number {
  if (Number.isInteger(code) && code >= 200 && code <= 599) return code
  throw new RangeError(`${String(code)} is no status of an answer: 200 to 599`)
}

/** RFC 6657: text without a charset is ASCII; JSON has none at all (RFC 8259 section 8.1). */
function withCharset(type: string, encoding: TextEncoding): string {
  if (!/^(?:text\/|application\/(?:xml|xhtml\+xml|javascript)\b)/i.test(type)) return type
  return /;\s*charset=/i.test(type) ? type.replace(/(;\s*charset=)utf-8$/i, `$1${encoding}`) : `${type}; charset=${encoding}`
}

const isContentType = (name: string): boolean => name.length === 12 && name.toLowerCase() === 'content-type'

/** `tag`, `"tag"` or `W/"tag"`. */
function quotedTag(tag: string): string {
  const quoted = /^(?:W\/)?"/.test(tag) ? tag : `"${tag}"`
  if (parseEntityTag(quoted) !== undefined) return quoted
  throw new TypeError(`${JSON.stringify(tag)} is no entity tag (RFC 9110 section 8.8.3)`)
}
