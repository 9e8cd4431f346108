/** The request of an exchange as node:http's own IncomingMessage: a real one, whose body is pulled from the exchange. */
import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Exchange } from '../exchange.ts'
import type { FieldLines, RequestHead } from '../../http/request-head.ts'
import type { ExchangeSocket } from './node-socket.ts'

const EXCHANGE: unique symbol = Symbol('exchange')

/** What is set on a request as its own, so that it stays when a framework exchanges the prototype, as Express does. */
interface Internals {
  [EXCHANGE]: Exchange
  /** Somebody reads the body. */
  _consuming: boolean
  _readableState: { readingMore: boolean }
  _read: typeof readBody
  _destroy: typeof destroyRequest
  /** As Node's parser calls it: of the head, or, where the message is complete, of its trailers. */
  _addHeaderLines(lines: readonly string[], length: number): void
  _dump(): void
}

/** As this file sees a request. */
type Incoming = IncomingMessage & Internals

/** @param url the request's target, without the path that the application is mounted at */
export function nodeRequest(exchange: Exchange, socket: ExchangeSocket, url: string): IncomingMessage {
  const { head, body } = exchange
  const request = new IncomingMessage(socket as unknown as Socket) as Incoming
  request[EXCHANGE] = exchange
  request._read = readBody
  request._destroy = destroyRequest
  request.method = head.method
  request.url = url
  setVersion(request, head)
  const fields = fieldLines(exchange)
  request._addHeaderLines(fields, fields.length)
  request.complete = body.length === 0
  return request
}

/** What is written for HTTP/1.1 takes a request that announces no body for one without: HTTP/2 need not (RFC 9113 section 8.1). */
function fieldLines({ head, body }: Exchange): FieldLines {
  if (head.version !== '2' || body.length !== null) return head.fields
  return [...head.fields, 'transfer-encoding', 'chunked']
}

function setVersion(request: IncomingMessage, { version }: RequestHead): void {
  request.httpVersion = version === '2' ? '2.0' : version
  request.httpVersionMajor = version === '2' ? 2 : 1
  request.httpVersionMinor = version === '1.1' ? 1 : 0
}

/** The answer is sent: what nobody has read of the body is not read any more, and the request ends. */
export function releaseRequest(request: IncomingMessage): void {
  const incoming = request as Incoming
  // There is nothing to end and nobody who would be told: several ticks less.
  if (!incoming._consuming && incoming.complete && incoming.listenerCount('end') === 0 && incoming.listenerCount('close') === 0) return
  if (!incoming._consuming) incoming._dump()
  else if (!incoming.complete) incoming.destroy()
}

/** Begins to read a body that is waited for: its client is told to go on (RFC 9110 section 10.1.1). */
export function expectBody(request: IncomingMessage): void {
  request.read(0)
}

/** The exchange has ended before its answer did. */
export function abortRequest(request: IncomingMessage): void {
  if (request.destroyed) return
  request.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
}

/** Readable's demand. */
function readBody(this: Incoming): void {
  this._readableState.readingMore = false
  const dumped = !this._consuming && this[EXCHANGE].closed
  this._consuming = true
  if (dumped) {
    this.push(null)
    return
  }
  const piece = this[EXCHANGE].body.pull()
  if (piece instanceof Promise) piece.then((bytes) => take(this, bytes), () => abortRequest(this))
  else take(this, piece)
}

function take(request: Incoming, piece: Uint8Array | null): void {
  if (request.destroyed) return
  if (piece !== null) {
    (request.socket as unknown as ExchangeSocket).active()
    request.push(piece)
    return
  }
  request.complete = true
  const { trailers } = request[EXCHANGE].body
  if (trailers.length > 0) request._addHeaderLines(trailers, trailers.length)
  request.push(null)
}

/** A request that is given up before its end takes the connection with it, as in node:http. */
function destroyRequest(this: Incoming, error: Error | null, done: (error?: Error | null) => void): void {
  if (!this.readableEnded || !this.complete) this.socket.destroy(error ?? undefined)
  IncomingMessage.prototype._destroy.call(this, error, done)
}
