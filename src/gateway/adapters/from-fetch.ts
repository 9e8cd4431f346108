/** A fetch handler as a WSGI application: served directly where a server has it bare, else called with an environ. */
import { inspect } from 'node:util'
import { ExchangeClosed } from '../../http/exchange-closed.ts'
import { applicationKind, ownGateway, type ApplicationWithGateway, type GatewayContext } from '../own-gateway.ts'
import type { Exchange, Gateway } from '../exchange.ts'
import { registerService } from '../service.ts'
import type { Environ, StartResponse, WSGIApplication, WSGIBody } from '../wsgi.ts'
import { reportOf } from '../application-failure.ts'
import { errorAnswer } from '../error-answer.ts'
import { BackgroundWork } from './background-work.ts'
import { environSource } from './environ-source.ts'
import { answerFailed, answerWith, isGone } from './fetch-answer.ts'
import { FetchCall, type CallHost } from './fetch-call.ts'
import type { FetchApplication, FetchHandler } from './fetch-handler.ts'
import { wsgiBodyOf } from './fetch-wsgi-body.ts'
import { replaceGlobals } from './globals.ts'
import { LightRequest } from './light-request.ts'
import type { RequestSource } from './request-source.ts'
import { UnusableAuthority } from './request-url.ts'

export interface FetchOptions {
  /**
   * `light`, the default: the global `Response`, `Request` and `fetch` are replaced by ones that cost less and behave the same.
   * `platform`: they are left alone, and the handler gets the platform's own `Request`; each request costs several times as much.
   */
  readonly globals?: 'light' | 'platform'
}

/**
 * A fetch handler, `(request, env, context) => Response`, or an object that has one (Hono, h3, `{ fetch }`), as a WSGI
 * application like any other: for a server, under a prefix, or wrapped by middleware. `docs/frameworks.md` tells more.
 *
 * ```ts
 * new WSGIServer(fromFetch(new Hono().get('/', (c) => c.text('hello')))).start()
 * ```
 * @throws {TypeError} for what is no handler
 */
export function fromFetch(handler: FetchHandler | FetchApplication, options: FetchOptions = {}): WSGIApplication {
  const application: FetchApplication = typeof handler === 'function' ? { fetch: handler } : handler
  if (typeof application?.fetch !== 'function') throw new TypeError('a fetch application is a function (request, env, context), or an object with fetch()')
  const { globals = 'light' } = options
  if (globals === 'light') replaceGlobals()
  const served: Served = { application, requestOf: globals === 'light' ? lightRequest : platformRequest, background: new BackgroundWork() }
  // Wrapped in middleware it is not seen by the server that is to wait for it.
  registerService(served.background)
  const callable = (environ: Environ, startResponse: StartResponse): Promise<WSGIBody> => callWith(served, environ, startResponse)
  const gateway: ApplicationWithGateway[typeof ownGateway] = (context) => {
    registerService(served.background)
    return fetchGateway(served, context)
  }
  return Object.assign(callable, { [ownGateway]: gateway, [applicationKind]: 'fetch' })
}

/** A handler with what belongs to it. */
interface Served {
  readonly application: FetchApplication
  readonly background: BackgroundWork
  readonly requestOf: (source: RequestSource, scriptName: string) => unknown
}

const lightRequest = (source: RequestSource, scriptName: string): LightRequest => new LightRequest(source, scriptName)
const platformRequest = (source: RequestSource, scriptName: string): unknown => LightRequest.platform(new LightRequest(source, scriptName))

function fetchGateway(served: Served, context: GatewayContext): Gateway {
  const host: CallHost = {
    background: served.background, scriptName: context.settings.scriptName, report: (source, error) => reportOf(source, context, error),
  }
  return (exchange) => {
    try {
      const response = call(served, exchange, host)
      if (response instanceof Promise) settle(exchange, response, context)
      else if (isThenable(response)) settle(exchange, Promise.resolve(response), context)
      else answerWith(exchange, response, context)
    } catch (error) {
      answerFailed(exchange, context, error)
    }
  }
}

function settle(exchange: Exchange, response: Promise<unknown>, context: GatewayContext): void {
  response.then((made) => answerWith(exchange, made, context), (error: unknown) => answerFailed(exchange, context, error))
}

function call({ application, requestOf }: Served, source: RequestSource, host: CallHost): unknown {
  const request = requestOf(source, host.scriptName) as Request
  const made = new FetchCall(source, host)
  return application.fetch(request, { pulsar: made }, made)
}

async function callWith(served: Served, environ: Environ, startResponse: StartResponse): Promise<WSGIBody> {
  const source = environSource(environ)
  const report = (_: RequestSource, error: unknown): void => environ['wsgi.errors'].write(`${inspect(error)}\n`)
  try {
    const response = await call(served, source, { background: served.background, scriptName: environ.SCRIPT_NAME, report })
    // Upgraded, timed out, or nobody there.
    return source.closed ? [] : await wsgiBodyOf(response, source.head.method, startResponse)
  } catch (error) {
    if (isGone(source, error)) throw new ExchangeClosed('client-gone', error.message)
    if (!(error instanceof UnusableAuthority)) throw error
    const { status, fields, body } = errorAnswer('bad-host', source.head)
    startResponse(status, fields)
    return [body]
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
