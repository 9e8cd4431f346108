/** An object that is a WSGI application, and in a WsgiHandler a middleware that may let a request pass. */
import type { Environ, StartResponse, WSGIBody } from '../gateway/wsgi.ts'
import { excInfoOf, handleWsgiError, type ErrorHandler } from './handle-wsgi-error.ts'
import { Http404 } from './http-error.ts'
import type { Middleware, MiddlewareResult } from './middleware.ts'
import { WsgiResponse } from './response.ts'
import { isThenable } from './thenable.ts'

export interface WsgiCallable {
  /** As a WSGI application: always with an answer, a 404 where nothing else is. */
  (environ: Environ, startResponse: StartResponse): WSGIBody | Promise<WSGIBody>
}

/**
 * Its instances are functions, `instance(environ, startResponse)`, with the class as their prototype: fields, methods and
 * `instanceof` are as with any class, and those of Function.prototype are not there.
 */
export abstract class WsgiCallable {
  /** What answers errors where this is the outermost: by status, or `default`. */
  declare readonly errorHandlers: Map<number | 'default', ErrorHandler>

  constructor() {
    const self = Object.setPrototypeOf(
      (environ: Environ, startResponse: StartResponse) => serve(self, environ, startResponse), new.target.prototype,
    ) as this
    // A function's own name cannot be written, and would hide what a subclass means by it. A field of this class itself would be
    // on the object that is given up here.
    Object.defineProperties(self, {
      name: { value: new.target.name, writable: true, configurable: true },
      errorHandlers: { value: new Map<number | 'default', ErrorHandler>() },
    })
    return self
  }

  /**
   * As a middleware: an answer, or nothing where the request is not for this.
   * @throws what handlers throw: whoever called answers it
   */
  abstract respond(environ: Environ, startResponse: StartResponse): MiddlewareResult | PromiseLike<MiddlewareResult>

  /** Sets what answers an error: `onError(404, (request) => ({ gone: request.path }))`. */
  onError(status: number | 'default', handler: ErrorHandler): this {
    this.errorHandlers.set(status, handler)
    return this
  }
}

/** Calls a middleware: one of ours may pass, any other function says so itself. */
export function callMiddleware(
  middleware: Middleware, environ: Environ, startResponse: StartResponse,
): MiddlewareResult | PromiseLike<MiddlewareResult> {
  return middleware instanceof WsgiCallable ? middleware.respond(environ, startResponse) : middleware(environ, startResponse)
}

function serve(callable: WsgiCallable, environ: Environ, startResponse: StartResponse): WSGIBody | Promise<WSGIBody> {
  try {
    const result = callable.respond(environ, startResponse)
    return isThenable(result) ? serveLater(callable, environ, startResponse, result) : started(result, environ, startResponse)
  } catch (error) {
    return startError(callable, environ, startResponse, error)
  }
}

async function serveLater(
  callable: WsgiCallable, environ: Environ, startResponse: StartResponse, result: PromiseLike<MiddlewareResult>,
): Promise<WSGIBody> {
  try {
    return await started(await result, environ, startResponse)
  } catch (error) {
    return await startError(callable, environ, startResponse, error)
  }
}

function started(result: MiddlewareResult, environ: Environ, startResponse: StartResponse): WSGIBody | Promise<WSGIBody> {
  if (result instanceof WsgiResponse) return result.start(environ, startResponse)
  if (result === undefined || result === null) throw new Http404()
  return result
}

/** Whoever failed may have called startResponse() before: a second call has to say why (PEP 3333, "Error Handling"). */
function startError(
  callable: WsgiCallable, environ: Environ, startResponse: StartResponse, error: unknown,
): WSGIBody | Promise<WSGIBody> {
  const again: StartResponse = (status, headers) => startResponse(status, headers, excInfoOf(error))
  const response = handleWsgiError(environ, error, callable.errorHandlers)
  return response instanceof WsgiResponse ? response.start(environ, again) : response.then((made) => made.start(environ, again))
}
