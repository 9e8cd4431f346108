/** A fetch handler as a WSGI application: served directly where a server has it bare, else called with an environ. */
import { ownGateway, type ApplicationWithGateway, type GatewayContext } from '../own-gateway.ts'
import type { Exchange, Gateway } from '../exchange.ts'
import { registerService } from '../service.ts'
import type { Environ, StartResponse, WSGIApplication, WSGIBody } from '../wsgi.ts'
import { reportOf } from '../application-failure.ts'
import { BackgroundWork } from './background-work.ts'
import { environSource } from './environ-source.ts'
import { answerFailed, answerWith } from './fetch-answer.ts'
import { FetchCall, type CallHost } from './fetch-call.ts'
import type { FetchApplication, FetchHandler } from './fetch-handler.ts'
import { wsgiBodyOf } from './fetch-wsgi-body.ts'
import { LightRequest } from './light-request.ts'
import type { RequestSource } from './request-source.ts'

/**
 * A fetch handler, `(request, env, context) => Response`, or an object that has one (Hono, h3, `{ fetch }`), as a WSGI
 * application like any other: for a server, under a prefix, or wrapped by middleware. `docs/frameworks.md` tells more.
 *
 * ```ts
 * new WSGIServer(fromFetch(new Hono().get('/', (c) => c.text('hello')))).start()
 * ```
 * @throws {TypeError} for what is no handler
 */
export function fromFetch(handler: FetchHandler | FetchApplication): WSGIApplication {
  const application: FetchApplication = typeof handler === 'function' ? { fetch: handler } : handler
  if (typeof application?.fetch !== 'function') throw new TypeError('a fetch application is a function (request, env, context), or an object with fetch()')
  const background = new BackgroundWork()
  // Wrapped in middleware it is not seen by the server that is to wait for it.
  registerService(background)
  const callable = (environ: Environ, startResponse: StartResponse): Promise<WSGIBody> =>
    callWith(application, background, environ, startResponse)
  const gateway: ApplicationWithGateway[typeof ownGateway] = (context) => {
    registerService(background)
    return fetchGateway(application, background, context)
  }
  return Object.assign(callable, { [ownGateway]: gateway })
}

function fetchGateway(application: FetchApplication, background: BackgroundWork, context: GatewayContext): Gateway {
  const host: CallHost = {
    background, scriptName: context.settings.scriptName, report: (source, error) => reportOf(source, context, error),
  }
  return (exchange) => {
    try {
      const response = call(application, exchange, host)
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

function call(application: FetchApplication, source: RequestSource, host: CallHost): unknown {
  const request = new LightRequest(source, host.scriptName) as unknown as Request
  const made = new FetchCall(source, host)
  return application.fetch(request, { pulsar: made }, made)
}

async function callWith(
  application: FetchApplication, background: BackgroundWork, environ: Environ, startResponse: StartResponse,
): Promise<WSGIBody> {
  const source = environSource(environ)
  const errors = environ['wsgi.errors']
  const report = (_: RequestSource, error: unknown): void => errors.write(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`)
  const response = await call(application, source, { background, scriptName: environ.SCRIPT_NAME, report })
  return source.closed ? [] : wsgiBodyOf(response, startResponse)
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
