/** Applications below prefixes, each reached by its own gateway: one in Python or of another kind is not called with an environ. */
import type { Mount } from '../config/mount.ts'
import type { Exchange, Gateway } from '../gateway/exchange.ts'
import { pathInfo } from '../gateway/environ.ts'
import { applicationKind, gatewayFor, ownGateway, type ApplicationWithGateway, type GatewayContext } from '../gateway/own-gateway.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import { wsgiGateway } from '../gateway/wsgi-gateway.ts'
import { isBelow, mount } from '../web/mount.ts'
import { loadTarget } from './load-target.ts'

export interface Mounted {
  readonly prefix: string
  readonly application: WSGIApplication
}

/**
 * One application of several. A target that is mounted twice is loaded once.
 * @param cwd what a relative path starts from
 * @throws {TargetError} for the first that cannot be loaded
 */
export async function loadMounts(mounts: readonly Mount[], cwd: string): Promise<ApplicationWithGateway> {
  const loaded = new Map<string, WSGIApplication>()
  for (const { target } of mounts) {
    if (!loaded.has(target)) loaded.set(target, (await loadTarget(target, cwd, null)).callable)
  }
  return mountedApplication(mounts.map(({ prefix, target }) => ({ prefix, application: loaded.get(target) as WSGIApplication })))
}

/** Those of several whose prefix is the longest take a request. */
export function mountedApplication(applications: readonly Mounted[]): ApplicationWithGateway {
  const longestFirst = [...applications].sort((a, b) => b.prefix.length - a.prefix.length)
  const callable = mount(Object.fromEntries(longestFirst.map(({ prefix, application }) => [`${prefix}/`, application])))
  return Object.assign(callable.bind(null), {
    [ownGateway]: (context: GatewayContext) => mountedGateway(longestFirst, callable, context), [applicationKind]: 'mount',
  })
}

function mountedGateway(applications: readonly Mounted[], callable: WSGIApplication, context: GatewayContext): Gateway {
  const { settings } = context
  const { scriptName } = settings
  const gateways = applications.map(({ prefix, application }) => {
    const below = { ...context, settings: Object.freeze({ ...settings, scriptName: scriptName + prefix }) }
    return { prefix, gateway: gatewayFor(application, below) }
  })
  // Where nothing is mounted, and where a proxy has taken the script's name off the path already.
  const otherwise = wsgiGateway(callable, context)
  return (exchange: Exchange) => {
    const path = pathInfo(exchange.head, scriptName)
    const found = gateways.find(({ prefix }) => isBelow(path, prefix))
    const named = scriptName === '' || path !== pathInfo(exchange.head, '')
    if (found !== undefined && named) found.gateway(exchange)
    else otherwise(exchange)
  }
}
