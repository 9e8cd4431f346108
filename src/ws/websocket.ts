/** WebSockets at a path: a router that answers the handshake (pulsar's WebSocket). */
import type { Duplex } from 'node:stream'
import { isDirect } from '../gateway/direct-stream.ts'
import { leaveHttp } from '../gateway/left-http.ts'
import type { WsgiRequest } from '../web/request.ts'
import { WsgiResponse } from '../web/response.ts'
import type { RouterParameters } from '../web/router/router-parameters.ts'
import { Router } from '../web/router/router.ts'
import type { CheckedRule, RuleParams } from '../web/router/rule-params.ts'
import { WebSocketConnection, type Endpoint } from './connection.ts'
import { takeOver } from './framing.ts'
import type { WebSocketHandler } from './handler.ts'
import { agree } from './handshake.ts'
import { IdleWatch } from './idle-watch.ts'
import { connectionLimits, type WebSocketOptions } from './options.ts'

/**
 * ```ts
 * const app = new WsgiHandler([new WebSocket('/echo', new EchoWS())])
 * ```
 */
export class WebSocket<Rule extends string = string> extends Router<Rule> {
  /** @throws {RangeError} for what is no limit, and what a router throws for a bad rule */
  constructor(rule: Rule & CheckedRule<Rule>, handler: WebSocketHandler, options: WebSocketOptions = {}) {
    super(rule, { get: webSocketHandler(handler, options) } as unknown as RouterParameters<RuleParams<Rule>>)
  }
}

/** The same as a handler of any route: `router.get('/echo', webSocketHandler(new EchoWS()))`. */
export function webSocketHandler(handler: WebSocketHandler, options: WebSocketOptions = {}): (request: WsgiRequest) => WsgiResponse {
  const limits = connectionLimits(options)
  const endpoint: Endpoint = { handler, limits, idle: new IdleWatch(limits.pingInterval), failed: report }
  return (request) => {
    const agreement = agree(request, options, limits)
    const stream = request.connection.upgrade('101 Switching Protocols', agreement.fields)
    const before = isDirect(stream) ? stream.listeners('error') : NOBODY
    const socket = takeOver(stream, limits, agreement)
    // Errors are the library's now, to the end: those who looked after them so far need not be kept for each connection.
    for (const listener of before) stream.off('error', listener as () => void)
    const connection = new WebSocketConnection(endpoint, socket, agreement.compression === undefined ? stream : null, request)
    const owned = stream as OwnedStream
    owned[CONNECTION] = connection
    owned.on('retire', onRetire)
    leaveHttp(request.environ)
    // The answer has been given; this one is for nobody.
    return new WsgiResponse({ status: 204 })
  }
}

const NOBODY: readonly Function[] = []

/** The stream knows its connection, so that all streams share the same listener: an idle one should cost little. */
const CONNECTION = Symbol('connection')
interface OwnedStream extends Duplex { [CONNECTION]: WebSocketConnection }

// RFC 6455 section 7.4.1: 1001, the server is going away; clients connect again.
function onRetire(this: OwnedStream): void { this[CONNECTION].close(1001, 'the server stops') }

function report(error: unknown, request: WsgiRequest | null): void {
  request?.environ['wsgi.errors'].write(`${error instanceof Error ? error.stack ?? String(error) : String(error)}\n`)
}
