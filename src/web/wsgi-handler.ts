/** Middleware, one behind the other, as one application (pulsar's WsgiHandler). */
import type { Environ, StartResponse } from '../gateway/wsgi.ts'
import { handleWsgiError } from './handle-wsgi-error.ts'
import { Http404 } from './http-error.ts'
import type { Middleware, MiddlewareResult, ResponseMiddleware } from './middleware.ts'
import { WsgiResponse } from './response.ts'
import { isThenable } from './thenable.ts'
import { callMiddleware, WsgiCallable } from './wsgi-callable.ts'

/**
 * ```ts
 * const app = new WsgiHandler([cleanPathMiddleware, router], [new GZipMiddleware()])
 * ```
 */
export class WsgiHandler extends WsgiCallable {
  /** Called in turn until one answers. */
  readonly middleware: Middleware[]
  /** Called in turn with each answer that is a WsgiResponse, an error's too; `false` for a handler within another. */
  readonly responseMiddleware: ResponseMiddleware[] | false

  /**
   * @param responseMiddleware `false` makes it part of another handler: what none of its middleware answers passes on, and its
   * errors are the other's
   */
  constructor(middleware: Iterable<Middleware> = [], responseMiddleware: Iterable<ResponseMiddleware> | false = []) {
    super()
    this.middleware = [...middleware]
    this.responseMiddleware = responseMiddleware === false ? false : [...responseMiddleware]
  }

  override respond(environ: Environ, startResponse: StartResponse): MiddlewareResult | PromiseLike<MiddlewareResult> {
    if (this.responseMiddleware === false) return this.#first(0, environ, startResponse)
    try {
      const result = this.#first(0, environ, startResponse)
      return isThenable(result) ? this.#later(environ, result) : this.#answer(environ, result)
    } catch (error) {
      return this.#failed(environ, error)
    }
  }

  /** The result of the first middleware from `index` on that has one. */
  #first(index: number, environ: Environ, startResponse: StartResponse): MiddlewareResult | PromiseLike<MiddlewareResult> {
    const { middleware } = this
    for (let i = index; i < middleware.length; i++) {
      const result = callMiddleware(middleware[i] as Middleware, environ, startResponse)
      if (isThenable(result)) return result.then((value) => value ?? this.#first(i + 1, environ, startResponse))
      if (result !== undefined && result !== null) return result
    }
    return undefined
  }

  async #later(environ: Environ, result: PromiseLike<MiddlewareResult>): Promise<MiddlewareResult> {
    try {
      return await this.#answer(environ, await result)
    } catch (error) {
      return await this.#failed(environ, error)
    }
  }

  /** What is no WsgiResponse has been started by whoever made it: there is nothing to change any more. */
  #answer(environ: Environ, result: MiddlewareResult): MiddlewareResult | PromiseLike<MiddlewareResult> {
    if (result === undefined || result === null) throw new Http404()
    return result instanceof WsgiResponse ? this.#changed(0, environ, result) : result
  }

  /** The response after response middleware from `index` on. */
  #changed(index: number, environ: Environ, response: WsgiResponse): WsgiResponse | PromiseLike<WsgiResponse> {
    const list = this.responseMiddleware || []
    let current = response
    for (let i = index; i < list.length; i++) {
      const result = (list[i] as ResponseMiddleware)(environ, current)
      if (isThenable(result)) return result.then((value) => this.#changed(i + 1, environ, value ?? current))
      current = result ?? current
    }
    return current
  }

  /** Answers to errors go through response middleware too; where that fails again, its error is answered as it is. */
  async #failed(environ: Environ, error: unknown): Promise<WsgiResponse> {
    const response = await handleWsgiError(environ, error, this.errorHandlers)
    try {
      return await this.#changed(0, environ, response)
    } catch (failure) {
      return await handleWsgiError(environ, failure, this.errorHandlers)
    }
  }
}
