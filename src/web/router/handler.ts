/** What answers a request when its route has matched. */
import type { UrlArgs, WsgiRequest } from '../request.ts'
import type { HandlerResult } from '../result.ts'

/**
 * @param request with the same values as `request.params`
 * @param params the values of the route's variables
 */
export type Handler<Params = UrlArgs> = (request: WsgiRequest<Params>, params: Params) => HandlerResult | PromiseLike<HandlerResult>

/** An object that handles requests: a router, a JSON-RPC object. */
export interface HandlerObject {
  handleRequest(request: WsgiRequest<UrlArgs>): HandlerResult | PromiseLike<HandlerResult>
}

/** Wherever a handler is taken. */
export type HandlerLike<Params = UrlArgs> = Handler<Params> | HandlerObject

/** Stands around a handler: calls it, or answers itself (pulsar's response_wrapper). */
export type ResponseWrapper = (
  handler: Handler<UrlArgs>, request: WsgiRequest<UrlArgs>,
) => HandlerResult | PromiseLike<HandlerResult>

/** A handler whose parameters its rule has checked already. */
export type StoredHandler = Handler<UrlArgs>

/** @throws {TypeError} for what cannot handle a request */
export function storedHandler(handler: unknown, what: string): StoredHandler {
  const { handleRequest } = (handler ?? {}) as Partial<HandlerObject>
  if (typeof handleRequest === 'function') return (request) => handleRequest.call(handler, request)
  if (typeof handler === 'function') return handler as StoredHandler
  throw new TypeError(`the handler of ${what} is ${handler === null ? 'null' : typeof handler}: expected a function (request, params)`)
}
