import type { Environ, StartResponse } from '../../gateway/wsgi.ts'
import { Http404 } from '../http-error.ts'
import type { MiddlewareResult } from '../middleware.ts'
import type { WsgiRequest } from '../request.ts'
import { WsgiResponse } from '../response.ts'
import { encodeNative } from '../router/path-text.ts'
import type { RouteParameters } from '../router/router-parameters.ts'
import { Router } from '../router/router.ts'
import { isThenable } from '../thenable.ts'
import { directoryAt, directoryPage } from './directory-page.ts'
import { filePath, type FilePath } from './file-path.ts'
import { StaticHandler, type Served } from './static-handler.ts'
import type { MediaRouterOptions } from './static-options.ts'

/** Nothing to serve: a 404, or for the next middleware to answer. */
class NoSuchFile extends Http404 {
  override readonly name: string = 'NoSuchFile'
}

/**
 * Serves the files of a directory: `new MediaRouter('media', './public')`. Whole, in parts, or that the client has them
 * already; packed where there is a packed sibling. No path leads out of the directory, links included.
 */
export class MediaRouter extends Router<string> {
  readonly #raise404: boolean

  /**
   * @param rule what their paths begin with; empty for all
   * @param directory where they are
   */
  constructor(rule: string, directory: string, options: MediaRouterOptions & RouteParameters = {}) {
    const files = new MediaFiles(directory, options)
    super(`${rule.replace(/\/+$/, '')}/<path:path>`, options, { get: (request) => files.respond(request) })
    this.#raise404 = options.raise404 ?? true
  }

  override respond(environ: Environ, startResponse: StartResponse): MiddlewareResult | PromiseLike<MiddlewareResult> {
    if (this.#raise404) return super.respond(environ, startResponse)
    try {
      const result = super.respond(environ, startResponse)
      return isThenable(result) ? result.then(undefined, passOn) : result
    } catch (error) {
      return passOn(error)
    }
  }
}

function passOn(error: unknown): undefined {
  if (!(error instanceof NoSuchFile)) throw error
}

class MediaFiles {
  readonly #directory: string
  readonly #options: MediaRouterOptions
  readonly #files: StaticHandler

  constructor(directory: string, options: MediaRouterOptions) {
    this.#directory = directory
    this.#options = options
    this.#files = new StaticHandler(directory, options, { links: 'inside' })
  }

  respond(request: WsgiRequest): WsgiResponse | Promise<WsgiResponse> {
    const wanted = filePath(String(request.params['path'] ?? ''), this.#options)
    if (wanted === undefined) throw new NoSuchFile()
    if (wanted.isDirectory) return this.#directoryAnswer(request, wanted.path)
    const served = this.#files.serve(request.environ, this.#withSuffix(wanted.path))
    return served instanceof WsgiResponse ? served : this.#otherwise(request, wanted, served)
  }

  /** Not a file that was known already. */
  async #otherwise(request: WsgiRequest, { path }: FilePath, first: Served | Promise<Served>): Promise<WsgiResponse> {
    const served = await first ?? (this.#withSuffix(path) === path ? undefined : await this.#files.serve(request.environ, path))
    if (served === undefined) throw new NoSuchFile()
    if (served !== 'directory') return served
    // Only where there is something to see: relative links on it need the slash.
    const shown = await this.#directoryAnswer(request, path)
    await shown.close()
    return this.#withSlash(request)
  }

  /** The default file, a list, or nothing. */
  async #directoryAnswer(request: WsgiRequest, path: string): Promise<WsgiResponse> {
    const { defaultFile = 'index.html', showIndexes = false } = this.#options
    const below = (name: string): string => (path === '' ? name : `${path}/${name}`)
    const served = await this.#files.serve(request.environ, below(defaultFile))
    if (served instanceof WsgiResponse) return served
    if (!showIndexes || (await this.#files.serve(request.environ, path)) !== 'directory') throw new NoSuchFile()
    const { SCRIPT_NAME, PATH_INFO } = request.environ
    const shown = Buffer.from(SCRIPT_NAME + PATH_INFO, 'latin1').toString()
    return (await directoryPage(directoryAt(this.#directory, path), shown, this.#options)).httpResponse(request)
  }

  #withSlash(request: WsgiRequest): WsgiResponse {
    const { SCRIPT_NAME, PATH_INFO, QUERY_STRING } = request.environ
    const location = `${encodeNative(SCRIPT_NAME + PATH_INFO)}/${QUERY_STRING === '' ? '' : `?${QUERY_STRING}`}`
    // Two slashes at the beginning would be another host (RFC 3986 section 4.2).
    if (location.startsWith('//')) throw new NoSuchFile()
    return WsgiResponse.redirect(location)
  }

  #withSuffix(path: string): string {
    const { defaultSuffix } = this.#options
    const name = path.slice(path.lastIndexOf('/') + 1)
    return defaultSuffix === undefined || name.includes('.') ? path : path + defaultSuffix
  }
}
