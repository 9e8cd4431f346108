import type { Environ, StartResponse, WSGIBody } from '../../gateway/wsgi.ts'
import { listOfTokens, TOKEN } from '../../http/grammar.ts'
import { WsgiResponse } from '../response.ts'
import { ResponseMiddlewareBase } from './response-middleware.ts'

/** `*` for all, one, several, or those that a function says yes to. */
export type AllowedOrigin = string | readonly string[] | ((origin: string) => boolean)

export interface AccessControlOptions {
  /** As browsers send them: `https://example.org`. Default `*`. */
  readonly origin?: AllowedOrigin
  /** What a preflight allows; default GET, HEAD, PUT, POST, DELETE and PATCH. */
  readonly methods?: readonly string[]
  /** Request fields that a preflight allows; default: those that it asks for. */
  readonly headers?: readonly string[]
  /** Fields of the answer that scripts may read beyond the few that they always may. */
  readonly exposeHeaders?: readonly string[]
  /** Whether cookies and authorization count; not with `*`. */
  readonly credentials?: boolean
  /** Seconds for which a preflight's answer may be kept. */
  readonly maxAge?: number
}

const defaultMethods = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH'] as const

/**
 * Lets scripts of other origins read answers (Fetch standard, "HTTP-CORS protocol"). As response middleware it also answers
 * the preflights that nothing else did; `preflight`, put first among the middleware, answers them before authentication and
 * the application are asked.
 */
export class AccessControl extends ResponseMiddlewareBase {
  readonly #options: AccessControlOptions
  readonly #methods: string
  /** Middleware that answers preflights and lets everything else pass. */
  readonly preflight: (environ: Environ, startResponse: StartResponse) => WSGIBody | Promise<WSGIBody> | undefined

  /** @throws {TypeError} for credentials of all origins, which browsers refuse, and for what is no name of a field or method */
  constructor(options: AccessControlOptions = {}) {
    super()
    const { credentials, headers = [], methods = defaultMethods, exposeHeaders = [] } = options
    if (credentials === true && (options.origin ?? '*') === '*') {
      throw new TypeError('credentials are not for all origins: name them (Fetch standard, "CORS protocol and credentials")')
    }
    const wrong = [...headers, ...methods, ...exposeHeaders].find((name) => !TOKEN.test(name))
    if (wrong !== undefined) throw new TypeError(`no name of a field or method: ${JSON.stringify(wrong)}`)
    this.#options = options
    this.#methods = methods.join(', ')
    this.preflight = (environ, startResponse) =>
      isPreflight(environ) ? this.#preflightAnswer(environ).start(environ, startResponse) : undefined
  }

  override execute(environ: Environ, response: WsgiResponse): WsgiResponse | undefined {
    if (isPreflight(environ)) {
      response.close()
      return this.#preflightAnswer(environ)
    }
    this.#allowOrigin(environ, response)
    const { exposeHeaders = [] } = this.#options
    if (exposeHeaders.length > 0 && response.headers.has('Access-Control-Allow-Origin')) {
      response.headers.set('Access-Control-Expose-Headers', exposeHeaders.join(', '))
    }
    return undefined
  }

  /** The answer to a preflight; of one that is refused, without a word of what would be allowed. */
  #preflightAnswer(environ: Environ): WsgiResponse {
    const response = new WsgiResponse({ status: 204 })
    if (!this.#allowOrigin(environ, response)) return response
    const { headers } = response
    headers.set('Access-Control-Allow-Methods', this.#methods)
    const asked = environ['HTTP_ACCESS_CONTROL_REQUEST_HEADERS']
    if (this.#options.headers === undefined) headers.vary('Access-Control-Request-Headers')
    const allowed = this.#options.headers ?? (typeof asked === 'string' ? listOfTokens(asked).filter((name) => TOKEN.test(name)) : [])
    if (allowed.length > 0) headers.set('Access-Control-Allow-Headers', allowed.join(', '))
    if (this.#options.maxAge !== undefined) headers.set('Access-Control-Max-Age', this.#options.maxAge)
    return response
  }

  /** True where the origin may read the answer. */
  #allowOrigin(environ: Environ, response: WsgiResponse): boolean {
    const { origin: allowed = '*', credentials } = this.#options
    const { headers } = response
    if (allowed === '*') {
      headers.set('Access-Control-Allow-Origin', '*')
      return true
    }
    // One fixed origin is the same for everybody; else a cache must not give one origin's answer to another.
    const origin = environ['HTTP_ORIGIN']
    if (typeof allowed !== 'string') headers.vary('Origin')
    const known = typeof allowed === 'string' ? allowed : undefined
    const granted = known ?? (typeof origin === 'string' && isAllowed(allowed, origin) ? origin : undefined)
    if (granted === undefined) return false
    headers.set('Access-Control-Allow-Origin', granted)
    if (credentials === true) headers.set('Access-Control-Allow-Credentials', 'true')
    return known === undefined || known === origin
  }
}

function isAllowed(allowed: AllowedOrigin, origin: string): boolean {
  return typeof allowed === 'function' ? allowed(origin) : allowed.includes(origin)
}

/** Fetch standard, "CORS-preflight request". */
function isPreflight(environ: Environ): boolean {
  return environ.REQUEST_METHOD === 'OPTIONS' && environ['HTTP_ORIGIN'] !== undefined &&
    environ['HTTP_ACCESS_CONTROL_REQUEST_METHOD'] !== undefined
}
