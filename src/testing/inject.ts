/** A request to an application without a socket. */
import { settingsFrom } from '../config/settings-from.ts'
import type { SettingsParams } from '../config/settings.ts'
import { Events } from '../events.ts'
import type { Fields } from '../gateway/exchange.ts'
import { testRequest, type TestRequest } from '../gateway/test-environ.ts'
import { wsgiGateway } from '../gateway/wsgi-gateway.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import { H1Connection } from '../http/h1/connection.ts'
import { ResponseWriter } from '../http/h1/response-writer.ts'
import type { Peer } from '../http/peer.ts'
import { readAnswer } from './answer-reader.ts'
import { InjectHost } from './inject-host.ts'
import { InjectedResponse } from './injected-response.ts'

/** Text goes as UTF-8; a form with its Content-Type; pieces one by one, of which the application need not wait for the last. */
export type InjectBody = string | Uint8Array | URLSearchParams | FormData | AsyncIterable<Uint8Array>

export interface InjectOptions {
  /** Path and query, or a URL, which gives `Host` too; what a URI cannot have is percent-encoded as UTF-8. Default `/`. */
  readonly path?: string
  /** Default `GET`. */
  readonly method?: string
  /** By name or as pairs. `Host`, and with a body what frames it, are added where they are missing. */
  readonly headers?: Fields | Readonly<Record<string, string>>
  readonly body?: InjectBody
  /** Sent as JSON, with its Content-Type. */
  readonly json?: unknown
  /** Over TLS; default: where the path is an `https:` URL. */
  readonly secure?: boolean
  /** Where the client is; default `127.0.0.1`. */
  readonly remoteAddress?: string
  /** Put into the environ before the application is called. */
  readonly extra?: Readonly<Record<string, unknown>>
  /** Settings of the server, such as `debug` or `limitRequestBody`. */
  readonly settings?: SettingsParams
  /** Aborted: the client goes away. */
  readonly signal?: AbortSignal
}

/**
 * Sends a request to an application through the server's own parser, gateway and writer, without a socket and without time
 * limits: the answer is, byte for byte, what a client would get.
 *
 * ```ts
 * const response = await inject(app, { method: 'POST', path: '/users', json: { name: 'Ada' } })
 * assert.equal(response.status, 201)
 * ```
 * @throws {TypeError} for a header that could not go on the wire
 * @throws {Error} where the application ended the connection without an answer, or `signal` was aborted
 */
export async function inject(application: WSGIApplication, options: InjectOptions = {}): Promise<InjectedResponse> {
  options.signal?.throwIfAborted()
  const { request, pieces } = await requestOf(options)
  return new Injection(application, options, request).run(pieces)
}

class Injection {
  private readonly options: InjectOptions
  private readonly request: TestRequest
  private readonly host: InjectHost
  private readonly connection: H1Connection
  private readonly errors: unknown[] = []
  private readonly log: string[] = []
  private wake: () => void = () => undefined

  constructor(application: WSGIApplication, options: InjectOptions, request: TestRequest) {
    this.options = options
    this.request = request
    const settings = settingsFrom(options.settings ?? {})
    const called: WSGIApplication = (environ, startResponse) => application(Object.assign(environ, options.extra), startResponse)
    const gateway = wsgiGateway(called, { settings, events: this.events(), multiprocess: false })
    this.host = new InjectHost(peerOf(request, options), gateway, () => this.wake())
    const limits = {
      requestLine: settings.limitRequestLine, fields: settings.limitRequestFields, fieldSize: settings.limitRequestFieldSize,
      head: settings.limitRequestHead, body: settings.limitRequestBody,
    }
    this.connection = new H1Connection(this.host, limits, request.scheme, new ResponseWriter(settings.serverSoftware, Date.now))
  }

  async run(pieces: AsyncIterable<Uint8Array> | undefined): Promise<InjectedResponse> {
    const { host, connection } = this
    const { signal } = this.options
    const gone = (): void => { connection.lost() }
    signal?.addEventListener('abort', gone, { once: true })
    try {
      this.send(this.request.bytes)
      if (pieces !== undefined) await this.sendPieces(pieces)
      await this.until(() => host.over)
      // What follows the answer at once, such as close() of its body, is over then, and all is written.
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
      return this.response()
    } finally {
      signal?.removeEventListener('abort', gone)
      if (host.stream === undefined) connection.lost()
    }
  }

  private response(): InjectedResponse {
    const { host, errors, log } = this
    const answer = readAnswer(host.written, this.options.method?.toUpperCase() ?? 'GET', host.wasReset)
    if (answer === undefined) throw new Error(`there is no answer: ${host.cause ?? 'nothing was written'}`, { cause: errors[0] })
    return new InjectedResponse({ ...answer, cause: host.cause, errors, log: log.join(''), stream: host.stream })
  }

  /** RFC 9112 section 7.1: a chunk for each piece, as long as somebody reads. */
  private async sendPieces(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const piece of pieces) {
      await this.until(() => !this.host.paused || this.host.over)
      if (this.host.over) return
      if (piece.length === 0) continue
      this.send(Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]))
    }
    this.send(Buffer.from('0\r\n\r\n'))
  }

  private send(bytes: Buffer): void {
    this.connection.receive(bytes, bytes.length, 'given')
  }

  private until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.wake = () => {
        if (condition()) resolve()
      }
      this.wake()
    })
  }

  private events(): Events {
    const events = new Events()
    events.subscribe('applicationError', ({ error }) => { this.errors.push(error) })
    events.subscribe('errorsWritten', ({ text }) => { this.log.push(text) })
    return events
  }
}

interface Prepared {
  readonly request: TestRequest
  readonly pieces: AsyncIterable<Uint8Array> | undefined
}

async function requestOf(options: InjectOptions): Promise<Prepared> {
  const { path = '/', method = 'GET', secure } = options
  const headers: (readonly [string, string])[] = [...pairsOf(options.headers)]
  const { body, type } = await bodyOf(options)
  const has = (name: string): boolean => headers.some(([candidate]) => candidate.toLowerCase() === name)
  if (type !== undefined && !has('content-type')) headers.push(['Content-Type', type])
  const facts = { path, method, headers, ...(secure !== undefined && { secure }) }
  const isWhole = typeof body === 'string' || body instanceof Uint8Array
  if (isWhole) return { request: testRequest({ ...facts, body }), pieces: undefined }
  if (!has('transfer-encoding')) headers.push(['Transfer-Encoding', 'chunked'])
  return { request: testRequest(facts), pieces: body }
}

interface SentBody {
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>
  readonly type?: string | undefined
}

async function bodyOf({ body = '', json }: InjectOptions): Promise<SentBody> {
  if (json !== undefined) return { body: JSON.stringify(json), type: 'application/json' }
  if (body instanceof URLSearchParams) return { body: String(body), type: 'application/x-www-form-urlencoded' }
  if (!(body instanceof FormData)) return { body }
  // The web's own way of writing a form.
  const form = new Response(body)
  return { body: new Uint8Array(await form.arrayBuffer()), type: form.headers.get('content-type') ?? undefined }
}

function pairsOf(headers: InjectOptions['headers'] = []): Fields {
  return Array.isArray(headers) ? headers as Fields : Object.entries(headers)
}

function peerOf({ authority, scheme }: TestRequest, { remoteAddress = '127.0.0.1' }: InjectOptions): Peer {
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(authority) as RegExpExecArray
  const encrypted = scheme === 'https'
  return {
    remoteAddress, remotePort: 49152, encrypted,
    localAddress: name.replace(/^\[|\]$/g, ''), localPort: Number(port ?? (encrypted ? 443 : 80)),
  }
}
