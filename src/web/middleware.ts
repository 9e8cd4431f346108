/** What a WsgiHandler calls, one behind the other. */
import type { Environ, StartResponse, WSGIBody } from '../gateway/wsgi.ts'
import type { WsgiResponse } from './response.ts'

/** Nothing passes the request on; a body is that of a WSGI application that has called startResponse(). */
export type MiddlewareResult = WsgiResponse | WSGIBody | null | undefined | void

/** Answers a request, prepares it, or lets it pass; a WSGI application is one that always answers. */
export type Middleware = (environ: Environ, startResponse: StartResponse) => MiddlewareResult | PromiseLike<MiddlewareResult>

/** Changes an answer, or gives another; undefined leaves it as it is. */
export type ResponseMiddleware = (environ: Environ, response: WsgiResponse) => WsgiResponse | undefined | void | PromiseLike<WsgiResponse | undefined | void>
