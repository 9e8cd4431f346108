import { basename, dirname } from 'node:path'
import type { Environ, StartResponse } from '../../gateway/wsgi.ts'
import { Http404 } from '../http-error.ts'
import type { MiddlewareResult } from '../middleware.ts'
import { WsgiResponse } from '../response.ts'
import type { RouteParameters } from '../router/router-parameters.ts'
import { Router } from '../router/router.ts'
import { isThenable } from '../thenable.ts'
import { StaticHandler } from './static-handler.ts'
import type { FileOptions } from './static-options.ts'

export interface FileRouterOptions extends FileOptions {
  /** Of every answer, whatever the client asks for; default: 200, with ranges and conditions answered. */
  readonly statusCode?: number
  /** False: while the file is not there, requests are left to the next middleware. Default: 404. */
  readonly raise404?: boolean
}

class NoFile extends Http404 {
  override readonly name: string = 'NoFile'
}

/** Serves one file: `new FileRouter('favicon.ico', './assets/favicon.ico')`. It may be a link that leads anywhere. */
export class FileRouter extends Router<string> {
  readonly #raise404: boolean

  constructor(rule: string, file: string, options: FileRouterOptions & RouteParameters = {}) {
    const files = new StaticHandler(dirname(file), options, { links: 'anywhere', status: options.statusCode })
    const name = basename(file)
    const checked = (served: unknown): WsgiResponse => {
      if (served instanceof WsgiResponse) return served
      throw new NoFile()
    }
    super(rule, options, {
      get: ({ environ }) => {
        const served = files.serve(environ, name)
        return served instanceof Promise ? served.then(checked) : checked(served)
      },
    })
    this.#raise404 = options.raise404 ?? true
  }

  override respond(environ: Environ, startResponse: StartResponse): MiddlewareResult | PromiseLike<MiddlewareResult> {
    if (this.#raise404) return super.respond(environ, startResponse)
    const passOn = (error: unknown): undefined => {
      if (!(error instanceof NoFile)) throw error
    }
    try {
      const result = super.respond(environ, startResponse)
      return isThenable(result) ? result.then(undefined, passOn) : result
    } catch (error) {
      return passOn(error)
    }
  }
}
