/** Applications of node:http's world as WSGI applications, and as themselves behind a server. */
import { failedBy } from '../application-failure.ts'
import type { Exchange, Gateway } from '../exchange.ts'
import { applicationKind, ownGateway, type ApplicationWithGateway, type GatewayContext } from '../own-gateway.ts'
import { registerService, ServiceFailure } from '../service.ts'
import type { Environ, StartResponse, WSGIBody } from '../wsgi.ts'
import { EnvironExchange } from './environ-exchange.ts'
import { nodeTarget, type NodeApplication, type NodeTarget } from './node-application.ts'
import { callNode, type Place } from './node-exchange-call.ts'
import { pathBelow } from './request-url.ts'

/**
 * An application of the `(req, res)` kind as a WSGI application: an Express application, a Fastify or Nest instance, a Koa
 * application or its `callback()`, an `http.Server`, or any such function. A server reaches it directly, without an environ;
 * below a prefix or wrapped in middleware it is called with one.
 * `req` and `res` are node:http's own, so that what is written for them works; docs/frameworks.md says where the difference of
 * servers shows.
 * @throws {TypeError} for what is none of these
 */
export function fromNode(application: NodeApplication): ApplicationWithGateway {
  const target = nodeTarget(application)
  if (target === undefined) {
    const taken = 'a function (req, res), an http.Server, or an application of Express, Fastify, Koa or Nest'
    throw new TypeError(`fromNode() takes ${taken}, not ${typeof application}`)
  }
  const readiness = new Readiness(target)
  const callable = async (environ: Environ, startResponse: StartResponse): Promise<WSGIBody> => {
    if (!readiness.done) await readiness.wait()
    const exchange = new EnvironExchange(environ, startResponse)
    callNode(target, exchange, placeOf(exchange, environ.SCRIPT_NAME), (error) => exchange.failed(error))
    return exchange.result
  }
  const gateway: ApplicationWithGateway[typeof ownGateway] = (context) => {
    if (target.ready !== undefined) registerService(readiness)
    return nodeGateway(target, readiness, context)
  }
  return Object.assign(callable, { [ownGateway]: gateway, [applicationKind]: 'node' })
}

function nodeGateway(target: NodeTarget, readiness: Readiness, context: GatewayContext): Gateway {
  const { scriptName } = context.settings
  const call = (exchange: Exchange): void => {
    callNode(target, exchange, placeOf(exchange, scriptName), (error) => failedBy(exchange, context, error))
  }
  return (exchange) => {
    if (readiness.done) call(exchange)
    else readiness.wait().then(() => call(exchange), (error: unknown) => failedBy(exchange, context, error))
  }
}

/** What an application needs before its first request, and at the end: a service of the server that it is bare behind. */
class Readiness {
  done: boolean
  private readonly target: NodeTarget
  private pending: Promise<void> | undefined

  constructor(target: NodeTarget) {
    this.target = target
    this.done = target.ready === undefined
  }

  wait(): Promise<void> {
    return this.pending ??= Promise.resolve(this.target.ready?.()).then(() => { this.done = true })
  }

  async start(): Promise<void> {
    try {
      await this.wait()
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error))
      throw new ServiceFailure(`the application did not become ready: ${message}`, stack)
    }
  }

  async stop(): Promise<void> {
    await this.target.close?.()
  }
}

function placeOf({ head }: Exchange, scriptName: string): Place {
  const { target, path } = head
  if (scriptName === '' || !target.startsWith('/')) return { url: target, base: '' }
  const below = pathBelow(path, scriptName)
  const base = path.slice(0, path.length - below.length)
  const rest = target.slice(base.length)
  return { url: rest.startsWith('/') ? rest : `/${rest}`, base }
}
