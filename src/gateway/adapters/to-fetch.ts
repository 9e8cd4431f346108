/** A WSGI application inside a fetch application: a route of Hono, a worker, a test. */
import { inspect } from 'node:util'
import { settingsFrom } from '../../config/settings-from.ts'
import type { SettingsParams } from '../../config/settings.ts'
import { Events } from '../../events.ts'
import type { Peer } from '../../http/peer.ts'
import { gatewayFor } from '../own-gateway.ts'
import type { WSGIApplication } from '../wsgi.ts'
import { FetchExchange } from './fetch-exchange.ts'

export interface ToFetchOptions {
  /** Those that an application sees, such as `scriptName` and `debug`. There is no server here: no limit of time or size holds. */
  readonly settings?: SettingsParams
  /** Who is at both ends of the connection, as far as the server tells its handlers; `env` is its second argument to them. */
  readonly peer?: (request: Request, env: unknown) => Partial<Peer>
  /** Gets what a server would log; without it, standard error. */
  readonly log?: (text: string) => void
}

/** Without a port of its own the server is what the request's authority says. */
const NOBODY: Peer = { remoteAddress: '127.0.0.1', remotePort: 0, localAddress: '', localPort: 0, encrypted: false }

/**
 * A fetch handler that calls a WSGI application. The promise that it gives is rejected with an `ExchangeClosed` where the
 * request's signal was aborted before there was an answer.
 *
 * ```ts
 * const app = new Hono()
 * app.mount('/old', toFetch(wsgiApp))
 * ```
 * @throws {SettingsError} for a setting that cannot be used
 */
export function toFetch(application: WSGIApplication, options: ToFetchOptions = {}): (request: Request, env?: unknown) => Promise<Response> {
  const { peer, log = (text: string): void => { process.stderr.write(text) } } = options
  const events = new Events()
  events.subscribe('applicationError', ({ error, head }) => log(`${head.method} ${head.path}: ${inspect(error)}\n`))
  events.subscribe('failure', ({ text, stack }) => log(`${text}\n${stack ?? ''}`))
  events.subscribe('warning', ({ text }) => log(`${text}\n`))
  events.subscribe('errorsWritten', ({ text }) => log(text))
  const gateway = gatewayFor(application, { settings: settingsFrom({ ...options.settings }), events, multiprocess: false })
  return (request, env) => {
    const exchange = new FetchExchange(request, { ...NOBODY, encrypted: request.url.startsWith('https:'), ...peer?.(request, env) })
    gateway(exchange)
    return exchange.response
  }
}
