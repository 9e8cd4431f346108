/** What is behind one rule: handlers by method (RFC 9110 section 9). */
import type { Environ } from '../../gateway/wsgi.ts'
import { MethodNotAllowed, NotAcceptable } from '../http-error.ts'
import type { MiddlewareResult } from '../middleware.ts'
import { WsgiRequest, type AppHandler, type UrlArgs } from '../request.ts'
import { WsgiResponse } from '../response.ts'
import { toResponse, type HandlerResult } from '../result.ts'
import { isThenable } from '../thenable.ts'
import type { ParamValue } from './converter.ts'
import type { ResponseWrapper, StoredHandler } from './handler.ts'

export interface ResourceInit {
  readonly app: AppHandler
  /** The full rule. */
  readonly route: string
  /** The names of all variables of the full rule, in their order. */
  readonly names: readonly string[]
  /** By method, as they were given. */
  readonly handlers: ReadonlyMap<string, StoredHandler>
  readonly contentTypes: readonly string[] | undefined
  readonly wrapper: ResponseWrapper | undefined
}

const NO_PARAMS: UrlArgs = Object.freeze({})

export class Resource {
  /** In the form of the `Allow` field. */
  readonly allowed: readonly string[]
  /** The router. */
  readonly app: AppHandler
  /** The full rule: what metrics and logs call it. */
  readonly route: string
  readonly #names: readonly string[]
  readonly #handlers: ReadonlyMap<string, StoredHandler>
  readonly #contentTypes: readonly string[] | undefined
  readonly #wrapper: ResponseWrapper | undefined

  constructor(init: ResourceInit) {
    const handlers = new Map(init.handlers)
    const get = handlers.get('GET')
    // RFC 9110 section 9.3.2: a HEAD is a GET whose content stays here; the server leaves it out.
    if (get !== undefined && !handlers.has('HEAD')) handlers.set('HEAD', get)
    this.allowed = [...handlers.keys(), ...(handlers.has('OPTIONS') ? [] : ['OPTIONS'])].sort()
    this.app = init.app
    this.route = init.route
    this.#names = init.names
    this.#handlers = handlers
    this.#contentTypes = init.contentTypes
    this.#wrapper = init.wrapper
  }

  /** @throws {MethodNotAllowed} and what handlers throw */
  respond(environ: Environ, values: readonly ParamValue[]): MiddlewareResult | PromiseLike<MiddlewareResult> {
    const handler = this.#handlers.get(environ.REQUEST_METHOD)
    if (handler === undefined) return this.#withoutHandler(environ)
    const request = WsgiRequest.from(environ, this.app, this.params(values))
    const result = this.#called(handler, request)
    if (result instanceof WsgiResponse) return result
    return isThenable(result) ? result.then((value) => toResponse(value, request)) : toResponse(result, request)
  }

  /** As respond(), for a request that has its parameters from whoever hands it over. */
  handle(request: WsgiRequest): HandlerResult | PromiseLike<HandlerResult> {
    const handler = this.#handlers.get(request.method)
    return handler === undefined ? this.#withoutHandler(request.environ) : this.#called(handler, request)
  }

  params(values: readonly ParamValue[]): UrlArgs {
    const names = this.#names
    if (names.length === 0) return NO_PARAMS
    const params: Record<string, ParamValue> = {}
    for (let i = 0; i < names.length; i++) params[names[i] as string] = values[i] as ParamValue
    return params
  }

  #called(handler: StoredHandler, request: WsgiRequest): HandlerResult | PromiseLike<HandlerResult> {
    if (this.#contentTypes !== undefined) this.#negotiate(this.#contentTypes, request)
    return this.#wrapper === undefined ? handler(request, request.params) : this.#wrapper(handler, request)
  }

  /** RFC 9110 section 12.5.1; without Accept the handler says what its answer is. */
  #negotiate(types: readonly string[], request: WsgiRequest): void {
    const accept = request.environ.HTTP_ACCEPT
    if (accept === undefined) return
    const best = request.accepts(...types)
    if (best === undefined) throw new NotAcceptable(`the answer is ${types.join(' or ')}, and the client accepts ${String(accept)}`)
    request.response.contentType = best
  }

  #withoutHandler(environ: Environ): WsgiResponse {
    if (environ.REQUEST_METHOD !== 'OPTIONS') throw new MethodNotAllowed(this.allowed)
    return new WsgiResponse({ status: 204, headers: [['Allow', this.allowed.join(', ')]] })
  }
}
