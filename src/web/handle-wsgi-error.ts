/** The answer to what was thrown. */
import { inspect } from 'node:util'
import type { Environ, ExcInfo } from '../gateway/wsgi.ts'
import { ExchangeClosed } from '../http/exchange-closed.ts'
import { errorContent } from './error-content.ts'
import { HttpError } from './http-error.ts'
import { WsgiRequest } from './request.ts'
import { WsgiResponse } from './response.ts'
import { toResponse, type HandlerResult } from './result.ts'
import { isThenable } from './thenable.ts'

/**
 * Makes the answer to an error; what it returns is taken as the result of any handler, with the error's status and headers.
 * @param error an error that was no HttpError is the `cause` of one with status 500
 */
export type ErrorHandler = (request: WsgiRequest, error: HttpError) => HandlerResult | PromiseLike<HandlerResult>

/** By the status that they answer; `default` answers what has none of its own. */
export type ErrorHandlers = ReadonlyMap<number | 'default', ErrorHandler>

/** The key of the environ where middleware may leave an {@link ErrorHandler} for all errors of the request. */
export const ERROR_HANDLER = 'error.handler' as const

/**
 * The answer to an error: by the handler for its status, the environ's `error.handler`, or a page in the form that the client
 * asks for: HTML, JSON or plain text. What was not thrown as an HttpError is a bare 500, and is written to `wsgi.errors` whole.
 * @param error what was caught, or an `[error, ...]` as startResponse() takes it
 * @throws {ExchangeClosed} again: there is nobody to answer
 */
export function handleWsgiError(environ: Environ, error: unknown, handlers?: ErrorHandlers): WsgiResponse | Promise<WsgiResponse> {
  const thrown = thrownOf(error)
  if (thrown instanceof ExchangeClosed) throw thrown
  const httpError = asHttpError(thrown)
  if (httpError.status >= 500) log(environ, thrown)
  const handler = handlers?.get(httpError.status) ?? handlers?.get('default') ?? environ[ERROR_HANDLER] as ErrorHandler | undefined
  if (typeof handler !== 'function') return withHeaders(page(environ, httpError), httpError)
  return handled(environ, httpError, handler)
}

/** A triple of Python's has the error in its middle, one of ours at its beginning. */
function thrownOf(error: unknown): unknown {
  if (!Array.isArray(error)) return error
  const [first, second] = error as unknown as readonly unknown[]
  return second instanceof Error ? second : first
}

/**
 * An error of another library counts with its own status only where it says that clients may see it, as those of http-errors
 * do: else a 404 of some service that was asked would become our own.
 */
function asHttpError(thrown: unknown): HttpError {
  if (thrown instanceof HttpError) return thrown
  const { status, expose, message } = (thrown ?? {}) as { readonly status?: unknown, readonly expose?: unknown, readonly message?: unknown }
  if (thrown instanceof Error && expose === true && typeof status === 'number' && Number.isInteger(status) && status >= 400 && status < 600) {
    return new HttpError(status, typeof message === 'string' ? message : undefined, { cause: thrown, expose })
  }
  return new HttpError(500, undefined, { cause: thrown })
}

/** Not every handler is right: one that fails must not leave the client without an answer. */
function handled(environ: Environ, error: HttpError, handler: ErrorHandler): WsgiResponse | Promise<WsgiResponse> {
  const request = WsgiRequest.from(environ)
  // What the failed handler had begun to say is no part of the answer.
  request.response = new WsgiResponse({ status: error.status })
  const failed = (failure: unknown): WsgiResponse => {
    log(environ, failure)
    return WsgiResponse.text('An error occurred, and so did one while it was answered.\n', { status: 500 })
  }
  const made = (result: HandlerResult): WsgiResponse => withHeaders(toResponse(result, request), error)
  try {
    const result = handler(request, error)
    return isThenable(result) ? Promise.resolve(result).then(made).catch(failed) : made(result)
  } catch (failure) {
    return failed(failure)
  }
}

function page(environ: Environ, error: HttpError): WsgiResponse {
  const { fields, body } = errorContent(environ, error)
  return new WsgiResponse({ status: error.status, content: body, headers: fields })
}

/** The error's own headers, those that a handler did not set otherwise. */
function withHeaders(response: WsgiResponse, error: HttpError): WsgiResponse {
  if (error.headers.length === 0) return response
  const own = new Set([...response.headers].map(([name]) => name.toLowerCase()))
  for (const [name, value] of error.headers) {
    const lower = name.toLowerCase()
    if (!own.has(lower) || lower === 'set-cookie') response.headers.append(name, value)
    else if (lower === 'vary') response.headers.append(name, value)
  }
  return response
}

function log(environ: Environ, error: unknown): void {
  environ['wsgi.errors'].write(`${environ.REQUEST_METHOD} ${JSON.stringify(environ.PATH_INFO)}: ${inspect(error)}\n`)
}

/** What startResponse() takes as excInfo for something that was thrown. */
export function excInfoOf(thrown: unknown): ExcInfo {
  return thrown instanceof Error ? thrown : [thrown]
}
