/** An application below a prefix, as the child of a router. */
import type { Environ, StartResponse, WSGIApplication } from '../../gateway/wsgi.ts'
import type { MiddlewareResult } from '../middleware.ts'
import { callBelow } from '../mount.ts'
import type { Route } from './route.ts'

export class Mounted {
  readonly route: Route<string, string>
  readonly #application: WSGIApplication

  constructor(route: Route<string, string>, application: WSGIApplication) {
    if (typeof application !== 'function') throw new TypeError(`what is mounted at '${route.path}' is no application (environ, startResponse)`)
    this.route = route
    this.#application = application
  }

  /** @param length how much of the path is the prefix */
  respond(environ: Environ, startResponse: StartResponse, length: number): MiddlewareResult | PromiseLike<MiddlewareResult> {
    return callBelow(this.#application, environ, startResponse, length)
  }
}
