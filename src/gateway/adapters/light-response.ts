/**
 * A web-standard Response that is no more than what it was made of, until somebody asks for more: the platform's own costs
 * several times what all else of an answer does. It takes the place of the global one (`globals.ts`).
 */
import { Readable } from 'node:stream'
import { statusLine } from '../../http/statuses.ts'
import type { Fields } from '../exchange.ts'
import { hasContentType, headerPairs } from './header-pairs.ts'
import { passesFor, standInFor } from './platform-members.ts'
import type { ResponseParts } from './response-parts.ts'

type Content = string | Uint8Array | ReadableStream<Uint8Array> | null
type Body = ConstructorParameters<typeof Response>[0]

/** The platform's, also where the global has been replaced. */
export const PlatformResponse: typeof Response = globalThis.Response

const NO_FIELDS: Fields = []
const TEXT: readonly [string, string] = ['content-type', 'text/plain;charset=UTF-8']
const TEXT_ALONE: Fields = [TEXT]
const JSON_TYPE: readonly [string, string] = ['content-type', 'application/json']
const JSON_ALONE: Fields = [JSON_TYPE]
/** RFC 9112 section 4. */
const REASON = /^[\t\x20-\x7e\x80-\xff]*$/

/** What streams were made of here: one that nobody has read need not be read. */
const madeOf = new WeakMap<ReadableStream<Uint8Array>, string | Uint8Array>()

export class LightResponse {
  #status = 200
  #statusText = ''
  #fields: Fields = NO_FIELDS
  #content: Content = null
  /** Once somebody has asked for them they count, and #fields no more. */
  #headers: Headers | undefined
  /** Once somebody has asked for it the body is there. */
  #platform: Response | undefined

  constructor(body: Body = null, init: ResponseInit | undefined = undefined) {
    const known = readContent(body)
    if (known === undefined || (init !== undefined && !this.#take(init, known !== null))) {
      this.#adopt(new PlatformResponse(body, init))
      return
    }
    this.#content = known
    if (typeof known !== 'string') return
    if (this.#fields.length === 0) this.#fields = TEXT_ALONE
    else if (!hasContentType(this.#fields)) this.#fields = [...this.#fields, TEXT]
  }

  static json(data: unknown, init: ResponseInit | undefined = undefined): LightResponse {
    const text = JSON.stringify(data) as string | undefined
    const response = new LightResponse()
    if (text === undefined || (init !== undefined && !response.#take(init, true))) {
      return LightResponse.#of(PlatformResponse.json(data, init))
    }
    response.#content = text
    if (response.#fields.length === 0) response.#fields = JSON_ALONE
    else if (!hasContentType(response.#fields)) response.#fields = [...response.#fields, JSON_TYPE]
    return response
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return passesFor(value, this, LightResponse, PlatformResponse)
  }

  /** What goes to the client; undefined for what is no light response. */
  static parts(response: object): ResponseParts | undefined {
    if (!(#content in response)) return undefined
    const { status, fields } = response.#head
    if (response.#platform !== undefined) {
      if (response.#platform.bodyUsed) throw new TypeError('the fetch handler returned a Response whose body has been used already')
      return { status, fields, body: response.#platform.body }
    }
    const content = response.#content
    if (typeof content === 'string') return { status, fields, body: Buffer.from(content) }
    if (content === null || content instanceof Uint8Array) return { status, fields, body: content }
    if (isUsed(content)) throw new TypeError('the fetch handler returned a Response whose body has been used already')
    const source = madeOf.get(content)
    return { status, fields, body: source === undefined ? content : typeof source === 'string' ? Buffer.from(source) : source }
  }

  /** The platform's own object, with the body; its headers may be out of date. */
  static platform(response: LightResponse): Response {
    return response.#platform ??= new PlatformResponse(response.#content, {
      status: response.#status, statusText: response.#statusText, headers: response.headers,
    })
  }

  get status(): number {
    return this.#status
  }

  get ok(): boolean {
    return this.#status >= 200 && this.#status <= 299
  }

  get statusText(): string {
    return this.#statusText
  }

  get headers(): Headers {
    return this.#headers ??= this.#platform?.headers ?? new Headers(this.#fields as [string, string][])
  }

  get body(): ReadableStream<Uint8Array> | null {
    if (this.#platform !== undefined) return this.#platform.body
    const content = this.#content
    if (content === null || content instanceof ReadableStream) return content
    const stream = streamOf(content)
    madeOf.set(stream, content)
    this.#content = stream
    return stream
  }

  get bodyUsed(): boolean {
    if (this.#platform !== undefined) return this.#platform.bodyUsed
    return this.#content instanceof ReadableStream && isDisturbed(this.#content)
  }

  clone(): Response {
    const copy = LightResponse.#of(LightResponse.platform(this).clone())
    copy.#headers = new Headers(this.headers)
    return copy as unknown as Response
  }

  static #of(platform: Response): LightResponse {
    const response = new LightResponse()
    response.#adopt(platform)
    return response
  }

  #adopt(platform: Response): void {
    this.#platform = platform
    this.#status = platform.status
    this.#statusText = platform.statusText
  }

  get #head(): { readonly status: string, readonly fields: Fields } {
    const fields = this.#headers === undefined && this.#platform === undefined ? this.#fields : [...this.headers]
    return { status: this.#statusText === '' ? statusLine(this.#status) : `${this.#status} ${this.#statusText}`, fields }
  }

  /** False where the platform has to read it, or to refuse it. */
  #take(init: ResponseInit, hasBody: boolean): boolean {
    if (typeof init !== 'object' || init === null) return false
    const { headers, status, statusText } = init
    if (status !== undefined) {
      if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) return false
      // Fetch Standard, "null body status".
      if (hasBody && (status === 204 || status === 205 || status === 304)) return false
      this.#status = status
    }
    if (statusText !== undefined) {
      if (typeof statusText !== 'string' || !REASON.test(statusText)) return false
      this.#statusText = statusText
    }
    if (headers === undefined) return true
    const pairs = headerPairs(headers)
    if (pairs === undefined) return false
    this.#fields = pairs
    return true
  }
}

Object.setPrototypeOf(LightResponse, PlatformResponse)
Object.defineProperty(LightResponse, 'name', { value: 'Response', configurable: true })
standInFor(LightResponse.prototype, PlatformResponse.prototype, (response) => LightResponse.platform(response))

/** Undefined for what only the platform can read. Bytes are copied, as there: whose they are may change them. */
function readContent(body: unknown): Content | undefined {
  if (body === null || body === undefined) return null
  if (typeof body === 'string') return body
  if (body instanceof Uint8Array) return Buffer.from(body)
  if (body instanceof ArrayBuffer) return new Uint8Array(body.slice(0))
  if (body instanceof ReadableStream && !isUsed(body as ReadableStream<Uint8Array>)) return body as ReadableStream<Uint8Array>
  return undefined
}

const isDisturbed = (stream: ReadableStream<Uint8Array>): boolean => Readable.isDisturbed(stream as unknown as NodeJS.ReadableStream)
const isUsed = (stream: ReadableStream<Uint8Array>): boolean => stream.locked || isDisturbed(stream)

function streamOf(content: string | Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const bytes = new TextEncoder().encode(typeof content === 'string' ? content : undefined)
      const chunk = typeof content === 'string' ? bytes : new Uint8Array(content)
      if (chunk.length > 0) controller.enqueue(chunk)
      controller.close()
      controller.byobRequest?.respond(0)
    },
  })
}
