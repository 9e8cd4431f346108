/** WSGI applications as Node handlers: in an Express application, a Fastify one, or a server of node:http. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { settingsFrom } from '../../config/settings-from.ts'
import type { SettingsParams } from '../../config/settings.ts'
import { Events } from '../../events.ts'
import type { RequestHead } from '../../http/request-head.ts'
import { percentDecode } from '../environ.ts'
import type { Gateway } from '../exchange.ts'
import { gatewayFor } from '../own-gateway.ts'
import type { WSGIApplication } from '../wsgi.ts'
import { MessageExchange, responseOn, type Failed, type Tunnel } from './message-exchange.ts'

/** A handler of node:http and of Express. */
export interface WsgiNodeHandler {
  /** @param next gets what the application throws, as long as nothing was answered; without it the answer is 500 */
  (request: IncomingMessage, response: ServerResponse, next?: (error: unknown) => void): void
  /** For `server.on('upgrade', handler.upgrade)`: the application's WebSockets. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** Prefixes for which a gateway is kept: a router may make them of what clients write. */
const KEPT = 64

/**
 * A WSGI application, or one of another kind that was made one, as a function `(req, res, next)`. Below a prefix of an Express
 * application that prefix is `SCRIPT_NAME`. The body must not have been read by a parser before.
 * What the application says of errors is written to standard error.
 * @param params settings, such as `debug` and `serverSoftware`; those of sockets and processes are the server's
 */
export function toNode(application: WSGIApplication, params: SettingsParams = {}): WsgiNodeHandler {
  const events = new Events()
  /** By the request's head, as what is thrown is told before the exchange fails. */
  const thrown = new WeakMap<RequestHead, unknown>()
  events.subscribe('applicationError', ({ error, head }) => {
    if (head !== null) thrown.set(head, error)
  })
  events.subscribe('errorsWritten', ({ text }) => { process.stderr.write(text) })
  events.subscribe('warning', ({ text }) => { process.stderr.write(`${text}\n`) })
  const gateways = new Map<string, Gateway>()
  const gatewayAt = (scriptName: string): Gateway => {
    const known = gateways.get(scriptName)
    if (known !== undefined) return known
    const made = gatewayFor(application, { settings: settingsFrom({ ...params, scriptName }), events, multiprocess: false })
    if (gateways.size < KEPT) gateways.set(scriptName, made)
    return made
  }

  const serve = (request: IncomingMessage, response: ServerResponse, next?: (error: unknown) => void, tunnel?: Tunnel): void => {
    const failed: Failed = (cause, begun) => {
      if (cause !== 'application-error') return false
      const error = thrown.get(exchange.head)
      const passed = next !== undefined && !begun
      if (passed) next(error)
      else process.stderr.write(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`)
      return passed
    }
    const exchange: MessageExchange = new MessageExchange(request, response, failed, tunnel)
    gatewayAt(scriptNameOf(request))(exchange)
  }
  const handle = (request: IncomingMessage, response: ServerResponse, next?: (error: unknown) => void): void => serve(request, response, next)
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    serve(request, responseOn(request, socket), undefined, { socket, head })
  }
  return Object.assign(handle, { upgrade })
}

/** What Express has taken off the path, decoded as `SCRIPT_NAME` is. */
function scriptNameOf(request: IncomingMessage): string {
  const { baseUrl } = request as { baseUrl?: string }
  return baseUrl === undefined ? '' : percentDecode(baseUrl)
}
