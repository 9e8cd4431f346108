/** One exchange given to an application of node:http's world. */
import type { IncomingMessage } from 'node:http'
import type { Exchange } from '../exchange.ts'
import type { NodeTarget } from './node-application.ts'
import { abortRequest, nodeRequest } from './node-request.ts'
import { abortResponse, nodeResponse } from './node-response.ts'
import { ExchangeSocket } from './node-socket.ts'
import { UpgradeSocket } from './node-upgrade-socket.ts'

/** Where in the paths of the server the application is. */
export interface Place {
  /** The target, without the path that the application is mounted at. */
  readonly url: string
  /** That path; empty at the root. */
  readonly base: string
}

/** @param failed what the handler threw, or its promise was rejected with */
export function callNode(target: NodeTarget, exchange: Exchange, place: Place, failed: (error: unknown) => void): void {
  try {
    if (!takesOver(target, exchange, place)) answerRequest(target, exchange, place, failed)
  } catch (error) {
    failed(error)
  }
}

function answerRequest(target: NodeTarget, exchange: Exchange, place: Place, failed: (error: unknown) => void): void {
  const { server } = target
  const socket = new ExchangeSocket(exchange, server)
  const request = requestAt(place, exchange, socket)
  const response = nodeResponse(exchange, request, socket)
  const asked = server !== null && server.listenerCount('checkContinue') > 0 && expectsContinue(request)
  const outcome: unknown = asked ? server.emit('checkContinue', request, response) : target.handle(request, response)
  if (isThenable(outcome)) outcome.then(undefined, failed)
  if (exchange.closed && response.writableEnded) return
  exchange.onClose(({ cause }) => {
    if (cause === null) return
    abortRequest(request)
    abortResponse(response)
  })
  // As node:http does: that a client has gone shows by the end of its side, and handlers that wait have to know.
  exchange.onClientEnd?.(() => {
    if (!response.writableEnded) exchange.fail('client-gone', 'the client has ended its side')
  })
}

/** Listeners to upgrade and connect get the connection instead of an answer to write. True where there are some. */
function takesOver({ server }: NodeTarget, exchange: Exchange, place: Place): boolean {
  const { head, body } = exchange
  const tunnel = head.method === 'CONNECT'
  if (!tunnel && (server === null || body.length !== 0 || !asksForUpgrade(head.fields))) return false
  const event = tunnel ? 'connect' : 'upgrade'
  if (server === null || server.listenerCount(event) === 0) {
    if (tunnel) exchange.fail('connect-refused', 'the application has no listener to connect')
    return tunnel
  }
  const socket = new UpgradeSocket(exchange, server)
  const request = requestAt(place, exchange, socket)
  Object.assign(request, { upgrade: true })
  server.emit(event, request, socket, Buffer.alloc(0))
  return true
}

/** Frameworks read `originalUrl` and `baseUrl` where a part of the path is not theirs. */
function requestAt({ url, base }: Place, exchange: Exchange, socket: ExchangeSocket | UpgradeSocket): IncomingMessage {
  const request = nodeRequest(exchange, socket as ExchangeSocket, url)
  if (base !== '') Object.assign(request, { originalUrl: base + url, baseUrl: base })
  return request
}

const NAMES_UPGRADE = /(?:^|,)\s*upgrade\s*(?:,|$)/i

/** RFC 9110 section 7.8. */
function asksForUpgrade(fields: readonly string[]): boolean {
  let named = false
  let asked = false
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    if (name.length === 7 && name.toLowerCase() === 'upgrade') named = true
    else if (name.length === 10 && name.toLowerCase() === 'connection') asked ||= NAMES_UPGRADE.test(fields[i + 1] as string)
  }
  return named && asked
}

/** RFC 9110 section 10.1.1. */
function expectsContinue(request: IncomingMessage): boolean {
  return request.httpVersion === '1.1' && request.headers.expect?.toLowerCase() === '100-continue'
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
