/** A request as a handler sees it: what pulsar calls WsgiRequest. Everything is worked out when it is first asked for. */
import { parseCookie } from 'cookie'
import type { ReadableStream } from 'node:stream/web'
import type { Settings } from '../config/settings.ts'
import type { Connection, Environ } from '../gateway/wsgi.ts'
import { evaluatePreconditions, type Validators, type Verdict } from '../http/preconditions.ts'
import { CharsetAccept, ContentAccept, EncodingAccept, LanguageAccept } from './accept.ts'
import type { Authorization } from './auth/authorization-header.ts'
import type { BodyLimits } from './body-limits.ts'
import { announcedLength } from './body-reader.ts'
import { parseCacheControl, type RequestCacheControl } from './cache-control.ts'
import { Form, valuesByName, type FormValues } from './form.ts'
import { parseOptionsHeader } from './header-values.ts'
import { BadRequest } from './http-error.ts'
import { RequestBody, type BodyOptions } from './request-body.ts'
import { RequestHeaders } from './request-headers.ts'
import { absoluteUri, hostOf, textOf, pathAndQuery, withQuery, type QueryValues } from './request-url.ts'
import { conditionLines } from './response-conditions.ts'
import { WsgiResponse, type RedirectStatus } from './response.ts'
import type { UploadedFile } from './uploaded-file.ts'

/** The values that a route found in a path. */
export type UrlArgs = Readonly<Record<string, unknown>>

/** What handles a request: the router that matched. */
export interface AppHandler {
  readonly name?: string
  readonly rule?: string
}

/** Whatever middleware and handlers keep for one request; add fields to it by declaration merging. */
export interface RequestCache { [key: string]: unknown }

/** The request is kept in its environ; under a symbol, which no application comes across, nor one in Python. */
const REQUEST: unique symbol = Symbol('pulsar.request')

interface Kept { [REQUEST]?: WsgiRequest }

const NO_PARAMS: UrlArgs = Object.freeze(Object.create(null) as UrlArgs)

/**
 * One for an environ: {@link WsgiRequest.from} gives the same object to every middleware and handler.
 * @typeParam Params the type of the route's values
 */
export class WsgiRequest<Params = UrlArgs> {
  readonly environ: Environ
  /** The router that handles the request; pulsar's `app_handler`. */
  app: AppHandler | undefined = undefined
  /** The values that the route found in the path. */
  params: Params

  private ownBody: RequestBody | undefined
  private ownPath: string | undefined = undefined
  private ownHeaders: RequestHeaders | undefined = undefined
  private ownQuery: URLSearchParams | undefined = undefined
  private ownCookies: Readonly<Record<string, string | undefined>> | undefined = undefined
  private ownTypes: ContentAccept | undefined = undefined
  private ownResponse: WsgiResponse | undefined = undefined

  private constructor(environ: Environ, body: RequestBody | undefined) {
    this.environ = environ
    this.ownBody = body
    this.params = NO_PARAMS as Params
  }

  /**
   * The request of an environ.
   * @param app the router that handles it from here on
   * @param params the values that its route found
   */
  static from<Params = UrlArgs>(environ: Environ, app?: AppHandler, params?: Params): WsgiRequest<Params> {
    const kept = (environ as Kept)[REQUEST]
    const request = (kept?.environ === environ ? kept : WsgiRequest.keep(environ)) as unknown as WsgiRequest<Params>
    if (app !== undefined) request.app = app
    if (params !== undefined) request.params = params
    return request
  }

  /** A copy of an environ, as for a mounted application, has another path, but the body that was perhaps read already. */
  private static keep(environ: Environ): WsgiRequest {
    const original = (environ as Kept)[REQUEST]
    const sameBody = original !== undefined && original.environ['wsgi.input'] === environ['wsgi.input']
    const request = new WsgiRequest(environ, sameBody ? original.body : undefined)
    ;(environ as Kept)[REQUEST] = request
    return request
  }

  private get body(): RequestBody {
    this.ownBody ??= new RequestBody(this.environ)
    return this.ownBody
  }

  /** A value of the environ. */
  get(key: string): unknown {
    return this.environ[key]
  }

  get cfg(): Settings {
    return this.environ['pulsar.cfg']
  }

  get connection(): Connection {
    return this.environ['pulsar.connection']
  }

  /** pulsar's name for {@link params}. */
  get urlargs(): Params {
    return this.params
  }

  /** As the client wrote it: methods are case-sensitive (RFC 9110 section 9.1). */
  get method(): string {
    return this.environ.REQUEST_METHOD
  }

  /** PATH_INFO as text: percent-decoded UTF-8, U+FFFD for what is none. */
  get path(): string {
    this.ownPath ??= textOf(this.environ.PATH_INFO)
    return this.ownPath
  }

  get scheme(): 'http' | 'https' {
    return this.environ['wsgi.url_scheme']
  }

  get isSecure(): boolean {
    return this.environ['wsgi.url_scheme'] === 'https'
  }

  /** `host[:port]` that the client asked for. It is the client's word: check it before anything is decided by it. */
  get host(): string {
    return hostOf(this.environ)
  }

  /** The address of the client: of the socket, or what a trusted proxy said. */
  get clientAddress(): string {
    return this.environ.REMOTE_ADDR
  }

  /** pulsar's name for {@link clientAddress}. */
  get ipaddress(): string {
    return this.environ.REMOTE_ADDR
  }

  /** True where a script sent it that says so by `X-Requested-With`. */
  get isXhr(): boolean {
    return this.headers.get('x-requested-with')?.toLowerCase() === 'xmlhttprequest'
  }

  get headers(): RequestHeaders {
    this.ownHeaders ??= new RequestHeaders(this.environ)
    return this.ownHeaders
  }

  get query(): URLSearchParams {
    this.ownQuery ??= new URLSearchParams(this.environ.QUERY_STRING)
    return this.ownQuery
  }

  /** The query by name, blank values kept; a name that came several times has a list. */
  get urlData(): FormValues {
    return valuesByName(this.query)
  }

  /** By name, percent-decoded, without a prototype; the first of two counts. */
  get cookies(): Readonly<Record<string, string | undefined>> {
    this.ownCookies ??= parseCookie(this.headers.get('cookie') ?? '')
    return this.ownCookies
  }

  /**
   * The URL of the request, a new object each time.
   * @throws {HttpError} 400 where the client's Host makes none
   */
  get url(): URL {
    try {
      return new URL(this.uri)
    } catch (cause) {
      throw new BadRequest('the request has no URL', { cause })
    }
  }

  /** Scheme, host, path and query as a text. */
  get uri(): string {
    return this.absoluteUri()
  }

  /** Media type of the body without parameters, in lower case; empty where the client said none. */
  get contentType(): string {
    return this.contentTypeOptions[0].toLowerCase()
  }

  /** Media type and parameters of the body. */
  get contentTypeOptions(): [type: string, options: Record<string, string>] {
    return parseOptionsHeader(this.environ.CONTENT_TYPE)
  }

  /** Charset of the body. */
  get encoding(): string {
    return this.contentTypeOptions[1].charset ?? 'utf-8'
  }

  /** Announced length of the body in bytes; undefined where only its end will tell. */
  get contentLength(): number | undefined {
    return announcedLength(this.environ)
  }

  /** Media types that the client would like. */
  get contentTypes(): ContentAccept {
    this.ownTypes ??= new ContentAccept(this.headers.get('accept'))
    return this.ownTypes
  }

  get charsets(): CharsetAccept {
    return new CharsetAccept(this.headers.get('accept-charset'))
  }

  get encodings(): EncodingAccept {
    return new EncodingAccept(this.headers.get('accept-encoding'))
  }

  get languages(): LanguageAccept {
    return new LanguageAccept(this.headers.get('accept-language'))
  }

  /** The media type that the client likes best, the first of equals; undefined where it accepts none of them. */
  accepts(...types: readonly string[]): string | undefined {
    return this.contentTypes.bestMatch(types)
  }

  /** What the client asks of caches, by directive. */
  get cacheControl(): RequestCacheControl {
    return parseCacheControl(this.headers.get('cache-control'))
  }

  /** Who the client says it is; undefined without `authorizationMiddleware`, or without a field that it understood. */
  get auth(): Authorization | undefined {
    return (this.environ['http.authorization'] ?? undefined) as Authorization | undefined
  }

  /** For whoever keeps something until the request is over; copies of the environ share it. */
  get cache(): RequestCache {
    const cache = (this.environ['pulsar.cache'] ?? Object.create(null)) as RequestCache
    this.environ['pulsar.cache'] = cache
    return cache
  }

  /** The answer that a handler may fill; what a handler returns instead is put into it. */
  get response(): WsgiResponse {
    this.ownResponse ??= new WsgiResponse()
    return this.ownResponse
  }

  set response(response: WsgiResponse) {
    this.ownResponse = response
  }

  /** False as long as nobody asked for {@link response}. */
  get hasResponse(): boolean {
    return this.ownResponse !== undefined
  }

  /** What readings of the body may take that say nothing else. */
  get limits(): BodyLimits {
    return this.body.limits
  }

  set limits(limits: Partial<BodyLimits>) {
    this.body.limits = { ...this.body.limits, ...limits }
  }

  /** The body. @throws {HttpError} 413 over the limit `memory` */
  async bytes(options?: BodyOptions): Promise<Buffer> {
    return this.body.bytes(options)
  }

  /**
   * The body in its charset.
   * @throws {HttpError} 413; 400 for bytes that are not in the charset; 415 for an unknown one, or a content coding
   */
  async text(options?: BodyOptions): Promise<string> {
    return this.body.text(options)
  }

  /** As text(); without a wait, and with an error that is thrown, where the body came with its head. @internal */
  textNow(options?: BodyOptions): string | Promise<string> {
    return this.body.text(options)
  }

  /**
   * The body as JSON. It is a client's: check its shape before it is used.
   * @throws {HttpError} 415 for another type; 400 for bad JSON or keys that could reach a prototype; 413 for a long or deep one
   */
  json<T = unknown>(options?: BodyOptions): Promise<T> {
    return this.body.json(options) as Promise<T>
  }

  /**
   * The body as a form, urlencoded or multipart. Longer files are on disk, until the request is over.
   * @throws {HttpError} 415 for another type; 400 for a bad form; 413 over a limit
   */
  form(options?: BodyOptions): Promise<Form> {
    return this.body.form(options)
  }

  /** The body piece by piece, each of 64 KiB but the last. @throws {Error} where it was read already */
  stream(): ReadableStream<Uint8Array> {
    return this.body.stream()
  }

  /** pulsar's way: JSON or the form's fields, and the form's files; GET, HEAD, OPTIONS and DELETE have neither. */
  async dataAndFiles(): Promise<[data: unknown, files: readonly UploadedFile[]]> {
    if (['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(this.method)) return [valuesByName([]), []]
    if (this.contentType === '' && (await this.bytes()).length === 0) return [valuesByName([]), []]
    if (!['multipart/form-data', 'application/x-www-form-urlencoded'].includes(this.contentType)) return [await this.json(), []]
    const form = await this.form()
    return [form.toObject(), form.files]
  }

  /** The data of {@link dataAndFiles}. */
  async bodyData(): Promise<unknown> {
    return (await this.dataAndFiles())[0]
  }

  /**
   * An absolute URI. A location that begins with a slash is a path of this host, whatever follows; another is relative to the
   * request's path; an absolute one stays.
   * @throws {TypeError} for a control character, or an absolute location together with a scheme
   */
  absoluteUri(location?: string, scheme?: string): string {
    return absoluteUri(this.environ, location, scheme)
  }

  /** The absolute URI of a path of this application, with values as its query; without a path that of the request. */
  fullUrl(path?: string, query?: QueryValues): string {
    return this.absoluteUri(this.fullPath(path, query))
  }

  /** A path with values as its query; one without a leading slash goes on from the request's path, none is the request's own. */
  fullPath(path?: string, query?: QueryValues): string {
    if (path === undefined) return withQuery(pathAndQuery(this.environ), query)
    if (path.startsWith('/')) return withQuery(path, query)
    const base = pathAndQuery({ ...this.environ, QUERY_STRING: '' })
    return withQuery(`${base.replace(/\/$/, '')}/${path}`, query)
  }

  /** An answer that sends the client elsewhere; pulsar's `redirect`. */
  redirect(location: string | URL, status?: RedirectStatus): WsgiResponse {
    return WsgiResponse.redirect(location, status)
  }

  /**
   * What the request's preconditions say of what is there now (RFC 9110 section 13): for handlers that change something, to be
   * asked before. An answer to GET or HEAD with `ETag` or `Last-Modified` asks by itself.
   * @param current null where there is nothing yet
   */
  preconditions(current: Validators | null): Verdict {
    return evaluatePreconditions({ method: this.method, fields: conditionLines(this.environ), now: Date.now() }, current)
  }
}
