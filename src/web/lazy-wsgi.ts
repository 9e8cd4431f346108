/** An application that is made when the first request comes (pulsar's LazyWsgi). */
import type { Environ, StartResponse } from '../gateway/wsgi.ts'
import type { Middleware, MiddlewareResult } from './middleware.ts'
import { isThenable } from './thenable.ts'
import { callMiddleware, WsgiCallable } from './wsgi-callable.ts'

/**
 * ```ts
 * class Site extends LazyWsgi {
 *   setup() {
 *     return new WsgiHandler([new Router('/', { get: () => 'hello' })])
 *   }
 * }
 * ```
 */
export abstract class LazyWsgi extends WsgiCallable {
  /** For whatever belongs to this application in this process. */
  readonly local: Map<string, unknown> = new Map()
  #handler: Middleware | Promise<Middleware> | undefined

  /** Makes the application; called once in a process, and again only after it has failed. */
  abstract setup(environ?: Environ): Middleware | Promise<Middleware>

  /** The application; the first call makes it. */
  handler(environ?: Environ): Middleware | Promise<Middleware> {
    if (this.#handler !== undefined) return this.#handler
    const made = this.setup(environ)
    this.#handler = made
    if (isThenable(made)) {
      Promise.resolve(made).then(
        (handler) => { this.#handler = handler },
        // The request that waits for it has the error; the next one tries again.
        () => { this.#handler = undefined },
      )
    }
    return made
  }

  override respond(environ: Environ, startResponse: StartResponse): MiddlewareResult | PromiseLike<MiddlewareResult> {
    const handler = this.handler(environ)
    return isThenable(handler)
      ? handler.then((made) => callMiddleware(made, environ, startResponse))
      : callMiddleware(handler, environ, startResponse)
  }
}
