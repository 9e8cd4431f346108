/**
 * A web-standard Request that is made as it is asked for: who reads the method and the URL pays for no more. It passes
 * `instanceof Request`; whatever it does not know itself, the platform's own does, which is made of it then.
 */
import { LightHeaders } from './light-headers.ts'
import { standInFor } from './platform-members.ts'
import type { RequestSource } from './request-source.ts'
import { requestUrl } from './request-url.ts'

/** The platform's, also where the global has been replaced. */
export const PlatformRequest: typeof Request = globalThis.Request

/** Of the Fetch Standard: what its Request refuses (section "Methods", forbidden methods). */
const FORBIDDEN = /^(?:connect|trace|track)$/i

/** What the types of Node 20 do not have yet. */
type Init = RequestInit & { duplex: 'half' }

export class LightRequest {
  readonly #source: RequestSource
  readonly #scriptName: string
  #url: string | undefined
  #headers: Headers | undefined
  #controller: AbortController | undefined
  #platform: Request | undefined
  /** The body has been asked for here. */
  #used = false

  constructor(source: RequestSource, scriptName: string) {
    this.#source = source
    this.#scriptName = scriptName
  }

  /** The platform's own for one of these, anything else as it is. */
  static platform<T>(input: T): T | Request {
    return typeof input === 'object' && input !== null && #source in input ? (input as unknown as LightRequest).#whole : input
  }

  get method(): string {
    return this.#source.head.method
  }

  get url(): string {
    return this.#url ??= requestUrl(this.#source, this.#scriptName)
  }

  get headers(): Headers {
    return this.#headers ??= new LightHeaders(this.#source.head.fields) as unknown as Headers
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = this.#controller = new AbortController()
      const gone = (): void => controller.abort(new DOMException('The client has gone.', 'AbortError'))
      this.#source.onClose(({ cause }) => { if (cause !== null) gone() })
      this.#source.onClientEnd?.(gone)
    }
    return this.#controller.signal
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#hasBody ? this.#whole.body : null
  }

  get bodyUsed(): boolean {
    return this.#platform?.bodyUsed ?? (this.#used && this.#hasBody)
  }

  async text(): Promise<string> {
    return this.#platform === undefined ? decode(await this.#read()) : this.#platform.text()
  }

  async json(): Promise<unknown> {
    return this.#platform === undefined ? JSON.parse(decode(await this.#read())) : this.#platform.json()
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    if (this.#platform !== undefined) return this.#platform.arrayBuffer()
    return alone(await this.#read()).buffer
  }

  async bytes(): Promise<Uint8Array> {
    return this.#platform === undefined ? alone(await this.#read()) : new Uint8Array(await this.#platform.arrayBuffer())
  }

  /** The Fetch Standard knows no body of GET and HEAD. */
  get #hasBody(): boolean {
    const { head, body } = this.#source
    return body.length !== 0 && head.method !== 'GET' && head.method !== 'HEAD'
  }

  get #whole(): Request {
    return this.#platform ??= this.#makePlatform()
  }

  #makePlatform(): Request {
    const { method } = this
    const init: RequestInit = { method: FORBIDDEN.test(method) ? 'GET' : method, headers: this.headers, signal: this.signal }
    if (!this.#hasBody || FORBIDDEN.test(method)) return new PlatformRequest(this.url, init)
    const body = this.#used ? new ReadableStream<Uint8Array>({ start: (controller) => controller.close() }) : bodyStream(this.#source)
    const platform = new PlatformRequest(this.url, { ...init, body, duplex: 'half' } satisfies Init)
    // It has been read here: so it has there.
    if (this.#used) void platform.arrayBuffer()
    return platform
  }

  async #read(): Promise<Uint8Array> {
    if (!this.#hasBody) return new Uint8Array(0)
    if (this.#used) throw new TypeError('Body is unusable: Body has already been read')
    this.#used = true
    const { body } = this.#source
    const pieces: Uint8Array[] = []
    for (;;) {
      const next = body.pull()
      const piece = next instanceof Promise ? await next : next
      if (piece === null) return pieces.length === 1 ? pieces[0] as Uint8Array : Buffer.concat(pieces)
      pieces.push(piece)
    }
  }
}

Object.defineProperty(LightRequest.prototype, 'constructor', { value: PlatformRequest })
standInFor(LightRequest.prototype, PlatformRequest.prototype, (request) => LightRequest.platform(request) as Request)

/** Pulled as it is read: nothing is taken from the client that nobody wants. */
function bodyStream({ body }: RequestSource): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const piece = await body.pull()
      if (piece !== null) {
        // A byte stream takes the memory away from whoever else has it.
        controller.enqueue(alone(piece))
        return
      }
      controller.close()
      controller.byobRequest?.respond(0)
    },
  })
}

/** UTF-8, whatever the headers say, and without a byte order mark (Encoding Standard, "UTF-8 decode"). */
const decoder = new TextDecoder()
const decode = (bytes: Uint8Array): string => decoder.decode(bytes)

/** Bytes that share their memory with nobody. */
function alone(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer
  return whole ? new Uint8Array(bytes.buffer as ArrayBuffer) : new Uint8Array(bytes)
}
