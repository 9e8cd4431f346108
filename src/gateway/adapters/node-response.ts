/**
 * The answer of an exchange as node:http's own ServerResponse: a real one, whose head, body and end go to the exchange in place
 * of a socket. What keeps and checks headers is Node's.
 *
 * The functions below are set on each answer as its own, so that they stay when a framework exchanges the prototype, as Express
 * does; and who wraps `write` and `end`, as compressing middleware does, finds them there.
 */
import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Exchange } from '../exchange.ts'
import { AnswerState, type Callback } from './node-answer-state.ts'
import { fieldsOfLines, givenFields, storedFields } from './node-fields.ts'
import { kNeedDrain, kOutHeaders, kWritableFinished, type StoredHeaders } from './node-internals.ts'
import { expectBody, releaseRequest } from './node-request.ts'
import type { ExchangeSocket } from './node-socket.ts'

/** What one tick may write before it has to wait, in bytes: a loop that writes as long as it may must come to an end. */
const TICK = 65536

const STATE: unique symbol = Symbol('answer')

/** An answer as this file sees it; names with an underscore are Node's. */
interface Outgoing extends Omit<ServerResponse, 'socket' | 'finished' | 'destroyed' | 'write' | 'end'> {
  [STATE]: AnswerState
  [kOutHeaders]: StoredHeaders | null
  [kNeedDrain]: boolean
  [kWritableFinished]: boolean
  socket: ExchangeSocket | null
  finished: boolean
  destroyed: boolean
  /** Set when the head is settled. */
  _header: string | null
  _headerSent: boolean
  _hasBody: boolean
  _trailer: string
  _contentLength: number | null
  _closed: boolean
  _implicitHeader(): void
  _finish(): void
  _storeHeader: typeof storeHeader
  _send: typeof send
  _writeRaw: typeof writeRaw
  write: typeof write
  end: typeof end
}

export function nodeResponse(exchange: Exchange, request: IncomingMessage, socket: ExchangeSocket): ServerResponse {
  const response = new ServerResponse(request)
  const outgoing = response as unknown as Outgoing
  outgoing[STATE] = new AnswerState(exchange)
  outgoing._storeHeader = storeHeader
  outgoing._send = send
  outgoing._writeRaw = writeRaw
  outgoing.write = write
  outgoing.end = end
  outgoing.socket = socket
  // How long a connection lasts is the server's to say; an application can only end it.
  outgoing.shouldKeepAlive = true
  socket.attach(request, response)
  return response
}

/** The exchange has ended before the answer did: as in node:http when the connection closes. */
export function abortResponse(response: ServerResponse): void {
  const outgoing = response as unknown as Outgoing
  if (outgoing._closed) return
  outgoing.destroyed = true
  outgoing.socket?.closing()
  outgoing[STATE].settle(streamDestroyed())
  emitClose(outgoing)
}

// What node:http calls on its way to a socket ----------------------------------------------------------------------------------------

/** The head is settled. */
function storeHeader(this: Outgoing, statusLine: string, headers: object | null | undefined): void {
  const state = this[STATE]
  const status = statusLine.slice('HTTP/1.1 '.length, -2)
  if (status > '6') {
    // RFC 9110 section 15: there are no such codes, and a client may do anything with one.
    throw Object.assign(new RangeError(`Invalid status code: ${status.slice(0, 3)}`), { code: 'ERR_HTTP_INVALID_STATUS_CODE' })
  }
  if (!headers) state.fields = []
  else state.fields = headers === this[kOutHeaders] ? storedFields(headers as StoredHeaders) : givenFields(headers)
  if (!this.shouldKeepAlive) state.fields.push(['Connection', 'close'])
  state.status = status
  this._header = statusLine
}

/** Sends the head, and what is behind it: flushHeaders(). */
function send(this: Outgoing, data: string | Uint8Array, encoding?: BufferEncoding | null, callback?: Callback | null): boolean {
  this[STATE].add(bytesOf(data, encoding), callback ?? undefined)
  return flush(this)
}

/** An interim answer, as text. */
function writeRaw(
  this: Outgoing, data: string | Uint8Array, encoding?: BufferEncoding | Callback | null, callback?: Callback | null,
): boolean {
  const done = typeof encoding === 'function' ? encoding : callback
  const interim = /^HTTP\/1\.1 (1\d\d [^\r\n]*)\r\n([^]*)\r\n$/.exec(String(data))
  if (interim === null) throw new Error('what goes on the wire is the server\'s: answer by write() and end()')
  const [, status, lines] = interim as unknown as [string, string, string]
  const { exchange } = this[STATE]
  if (status.startsWith('100') && exchange.body.length !== 0) expectBody(this.req)
  else exchange.informational(status, fieldsOfLines(lines))
  if (done) process.nextTick(done)
  return true
}

// The body ------------------------------------------------------------------------------------------------------------------------------

function write(this: Outgoing, chunk: unknown, encoding?: BufferEncoding | Callback | null, callback?: Callback | null): boolean {
  if (typeof encoding === 'function') return this.write(chunk, undefined, encoding)
  if (this.finished || this.destroyed || !isContent(chunk)) {
    // Node's own errors, for what is none of ours.
    return ServerResponse.prototype.write.call(this, chunk, encoding as BufferEncoding, callback as Callback)
  }
  if (this._header === null) this._implicitHeader()
  if (!this._hasBody) {
    if (callback) process.nextTick(callback)
    return true
  }
  const state = this[STATE]
  state.add(bytesOf(chunk, encoding), callback ?? undefined)
  if (!state.scheduled) {
    state.scheduled = true
    process.nextTick(tickEnded, this)
  }
  if (state.full) flush(this)
  if (!state.blocked && state.tick < TICK) return true
  this[kNeedDrain] = true
  return false
}

function end(this: Outgoing, chunk?: unknown, encoding?: BufferEncoding | Callback | null, callback?: Callback | null): Outgoing {
  if (typeof chunk === 'function') return this.end(undefined, undefined, chunk as Callback)
  if (typeof encoding === 'function') return this.end(chunk, undefined, encoding)
  if (this.finished || (chunk && !isContent(chunk))) return endAgain(this, chunk, encoding, callback)
  if (this.destroyed) {
    this.finished = true
    if (callback) process.nextTick(callback, streamDestroyed())
    return this
  }
  const bytes = chunk ? bytesOf(chunk as string | Uint8Array, encoding) : undefined
  if (this._header === null) {
    this._contentLength = bytes?.length ?? 0
    this._implicitHeader()
  }
  if (callback) this.once('finish', callback)
  const state = this[STATE]
  if (bytes !== undefined) state.add(bytes, undefined)
  if (this._trailer === '' && state.whole) {
    state.answer()
    this._headerSent = true
    ended(this)
  } else {
    this.finished = true
    if (this._trailer === '') state.declareLength()
    flush(this)
    if (!state.blocked) complete(this)
  }
  return this
}

/** A second end(), or one with what is no content: Node's own errors. */
function endAgain(
  response: Outgoing, chunk: unknown, encoding: BufferEncoding | null | undefined, callback: Callback | null | undefined,
): Outgoing {
  if (!chunk && !response.writableFinished) {
    if (callback) response.once('finish', callback)
  } else {
    ServerResponse.prototype.end.call(response, chunk, encoding as BufferEncoding, callback as () => void)
  }
  return response
}

/** What was written in one tick leaves together. */
function tickEnded(response: Outgoing): void {
  const state = response[STATE]
  state.scheduled = false
  if (response.finished || response.destroyed) return
  flush(response)
  if (state.tick < TICK) state.tick = 0
  else if (!state.blocked) setImmediate(goOn, response)
}

/** False: the client is slow. */
function flush(response: Outgoing): boolean {
  const state = response[STATE]
  response._headerSent = true
  response.socket?.active()
  if (state.flush()) {
    if (!state.blocked) state.settle()
  } else if (!state.blocked) {
    state.blocked = true
    // Where it never does, the end of the exchange tells.
    state.drained().then(() => drained(response), () => undefined)
  }
  return !state.blocked
}

function drained(response: Outgoing): void {
  const state = response[STATE]
  if (response.destroyed) return
  state.blocked = false
  response.socket?.active()
  state.settle()
  if (response.finished) complete(response)
  else goOn(response)
}

/** Those who write may write again. */
function goOn(response: Outgoing): void {
  const state = response[STATE]
  if (state.blocked || response.finished || response.destroyed) return
  state.tick = 0
  if (!response[kNeedDrain]) return
  response[kNeedDrain] = false
  response.emit('drain')
}

// The end -------------------------------------------------------------------------------------------------------------------------------

function complete(response: Outgoing): void {
  response[STATE].end(fieldsOfLines(response._trailer))
  ended(response)
}

/** The exchange has all of the answer. */
function ended(response: Outgoing): void {
  response.finished = true
  response[STATE].settle()
  response._finish()
  process.nextTick(finish, response)
}

function finish(response: Outgoing): void {
  if (response._closed) return
  response[kWritableFinished] = true
  releaseRequest(response.req)
  response.socket?.detach()
  response.socket = null
  process.nextTick(emitClose, response)
  response.emit('finish')
}

function emitClose(response: Outgoing): void {
  if (response._closed) return
  response.destroyed = true
  response._closed = true
  response.emit('close')
}

const isContent = (chunk: unknown): chunk is string | Uint8Array => typeof chunk === 'string' || chunk instanceof Uint8Array

function bytesOf(data: string | Uint8Array, encoding: BufferEncoding | null | undefined): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data, encoding ?? 'utf8') : data
}

function streamDestroyed(): Error {
  return Object.assign(new Error('Cannot call write after a stream was destroyed'), { code: 'ERR_STREAM_DESTROYED' })
}
