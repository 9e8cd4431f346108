/** Applications below prefixes of the path. */
import { pathInfo } from '../gateway/environ.ts'
import type { Gateway } from '../gateway/exchange.ts'
import { applicationKind, gatewayFor, kindOf, ownGateway, type ApplicationWithGateway, type GatewayContext } from '../gateway/own-gateway.ts'
import type { Connection, Environ, StartResponse, WSGIApplication, WSGIBody } from '../gateway/wsgi.ts'
import { wsgiGateway } from '../gateway/wsgi-gateway.ts'
import { handleWsgiError } from './handle-wsgi-error.ts'
import { Http404 } from './http-error.ts'
import { nativeText } from './router/path-text.ts'
import { WsgiResponse } from './response.ts'

/**
 * One application of several: the longest prefix of the path, ending where a segment does, takes the request, and has its
 * prefix in `SCRIPT_NAME` and the rest of the path in `PATH_INFO` (PEP 3333, "environ Variables"). Behind a server each is
 * reached as it would be alone: one in Python, or of another kind, is not called with an environ.
 *
 * ```ts
 * const app = mount({ '/': site, '/api': api })
 * ```
 * @throws {TypeError} for a prefix without a leading slash, or two that are the same
 */
export function mount(applications: Readonly<Record<string, WSGIApplication>>): WSGIApplication {
  const mounted = Object.entries(applications).map(([path, application]) => ({ prefix: prefixOf(path), application, kind: kindOf(application) }))
  mounted.sort((a, b) => b.prefix.length - a.prefix.length)
  if (new Set(mounted.map(({ prefix }) => prefix)).size < mounted.length) throw new TypeError('two applications have the same prefix')
  const called: WSGIApplication = (environ, startResponse) => {
    const found = mounted.find(({ prefix }) => isBelow(environ.PATH_INFO, prefix))
    if (found === undefined) return notFound(environ, startResponse)
    const connection = environ['pulsar.connection'] as Connection | undefined
    if (connection !== undefined) connection.kind = found.kind
    return callBelow(found.application, environ, startResponse, found.prefix.length)
  }
  const gateway: ApplicationWithGateway[typeof ownGateway] = (context) => mountGateway(mounted, called, context)
  return Object.assign(called, { [ownGateway]: gateway, [applicationKind]: 'mount' })
}

interface Mounted {
  readonly prefix: string
  readonly application: WSGIApplication
  readonly kind: string
}

/** Each application by the gateway that it would have alone, told that it is mounted further down. */
function mountGateway(mounted: readonly Mounted[], called: WSGIApplication, context: GatewayContext): Gateway {
  const { settings } = context
  const { scriptName } = settings
  const gateways = mounted.map(({ prefix, application, kind }) => ({
    prefix, kind,
    gateway: gatewayFor(application, { ...context, settings: Object.freeze({ ...settings, scriptName: scriptName + prefix }) }),
  }))
  const otherwise = wsgiGateway(called, context)
  return (exchange) => {
    const path = pathInfo(exchange.head, scriptName)
    const found = gateways.find(({ prefix }) => isBelow(path, prefix))
    // Where the path does not begin with scriptName, what is above and below the prefix is known to an environ alone.
    if (found === undefined || (scriptName !== '' && path === pathInfo(exchange.head, ''))) otherwise(exchange)
    else {
      exchange.kind = found.kind
      found.gateway(exchange)
    }
  }
}

/**
 * Calls an application with a part of the path moved from `PATH_INFO` to `SCRIPT_NAME`. The environ is a copy: what is outside
 * goes on with its own.
 * @param length of the part, in characters
 */
export function callBelow(
  application: WSGIApplication, environ: Environ, startResponse: StartResponse, length: number,
): WSGIBody | PromiseLike<WSGIBody> {
  if (length === 0) return application(environ, startResponse)
  const path = environ.PATH_INFO
  return application({ ...environ, SCRIPT_NAME: environ.SCRIPT_NAME + path.slice(0, length), PATH_INFO: path.slice(length) }, startResponse)
}

function prefixOf(path: string): string {
  if (!path.startsWith('/')) throw new TypeError(`the prefix '${path}' does not begin with a slash`)
  return nativeText(path.replace(/\/+$/, ''))
}

/** True where the path is the prefix, or goes on with a segment of its own; every path is below the empty one. */
export function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || prefix === '' || path.charCodeAt(prefix.length) === 0x2f)
}

function notFound(environ: Environ, startResponse: StartResponse): WSGIBody | Promise<WSGIBody> {
  const response = handleWsgiError(environ, new Http404())
  return response instanceof WsgiResponse ? response.start(environ, startResponse) : response.then((made) => made.start(environ, startResponse))
}
