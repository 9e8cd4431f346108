/** A request and an answer of node:http as an exchange: for applications of this package in a server of somebody else. */
import { ServerResponse, type IncomingMessage } from 'node:http'
import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { causes, type CauseName } from '../../http/causes.ts'
import { ExchangeClosed } from '../../http/exchange-closed.ts'
import { HOP_HEADERS } from '../../http/field-names.ts'
import type { Peer } from '../../http/peer.ts'
import type { RequestHead } from '../../http/request-head.ts'
import { errorAnswer } from '../error-answer.ts'
import type { Closing, Exchange, Fields, ResponseSink } from '../exchange.ts'
import { MessageBody } from './message-body.ts'

/** Told of a failure. Where nothing was answered it may take it over, in place of an answer of the server's own: true where it has. */
export type Failed = (cause: CauseName, begun: boolean) => boolean

export class MessageExchange implements Exchange, ResponseSink {
  readonly id: string = randomUUID()
  readonly head: RequestHead
  readonly body: MessageBody
  closed = false

  private readonly request: IncomingMessage
  private readonly response: ServerResponse
  private readonly failed: Failed
  private readonly tunnel: Tunnel | undefined
  private closing: Closing | undefined
  private listeners: ((closing: Closing) => void)[] = []
  private bytes = 0
  private fields: Fields = []
  /** Of a declared length; infinite where there is none. */
  private left = Number.POSITIVE_INFINITY

  /**
   * @param tunnel what an upgrade needs, where the server has given it
   */
  constructor(request: IncomingMessage, response: ServerResponse, failed: Failed, tunnel?: Tunnel) {
    this.request = request
    this.response = response
    this.failed = failed
    this.tunnel = tunnel
    this.head = headOf(request)
    this.body = new MessageBody(request)
    response.once('close', () => this.over('client-gone'))
  }

  get peer(): Peer {
    const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = this.request.socket
    return { remoteAddress, remotePort, localAddress, localPort, encrypted: this.head.scheme === 'https' }
  }

  get begun(): boolean {
    return this.response.headersSent
  }

  get clientEnded(): boolean {
    return this.response.destroyed || this.request.socket.destroyed
  }

  answer(status: string, fields: Fields, body: Uint8Array | readonly Uint8Array[] = []): void {
    if (this.closed) return
    const content = body instanceof Uint8Array ? body : Buffer.concat(body)
    this.start(status, fields, content.length)
    this.bytes = content.length
    this.response.end(content)
    this.over(null)
  }

  begin(status: string, fields: Fields): ResponseSink {
    if (!this.closed) this.start(status, fields, null)
    return this
  }

  informational(status: string, fields: Fields): void {
    const { response } = this
    if (status.startsWith('102')) response.writeProcessing()
    if (!status.startsWith('103')) return
    const hints: Record<string, string | string[]> = {}
    for (const [name, value] of fields) hints[name.toLowerCase()] = [...[hints[name.toLowerCase()] ?? []].flat(), value]
    response.writeEarlyHints(hints)
  }

  upgrade(status: string, fields: Fields): Duplex {
    const { tunnel, response } = this
    if (tunnel === undefined) throw new Error('this server has not given the connection: server.on(\'upgrade\', handler.upgrade)')
    response.detachSocket(this.request.socket)
    tunnel.socket.write(`HTTP/1.1 ${status}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1')
    if (tunnel.head.length > 0) tunnel.socket.unshift(tunnel.head)
    this.over(null)
    return tunnel.socket
  }

  fail(cause: CauseName, detail: string): void {
    if (this.closed) return
    const { response } = this
    const begun = response.headersSent
    const taken = this.failed(cause, begun)
    if (begun || causes[cause].status === 0) {
      response.destroy(new ExchangeClosed(cause, detail))
    } else if (!taken) {
      const { status, fields, body } = errorAnswer(cause, this.head)
      this.start(status, fields, body.length)
      response.end(body)
    }
    this.over(cause)
  }

  onClose(listener: (closing: Closing) => void): void {
    if (this.closing !== undefined) listener(this.closing)
    else this.listeners.push(listener)
  }

  // The answer's body -----------------------------------------------------------------------------------------------------------------

  write(bytes: Uint8Array): boolean {
    if (this.closed) return false
    const content = bytes.length > this.left ? bytes.subarray(0, this.left) : bytes
    this.left -= content.length
    this.bytes += content.length
    return this.response.write(content)
  }

  flush(): void {
    this.response.flushHeaders()
  }

  drained(): Promise<void> {
    const { response } = this
    if (this.closed) return Promise.reject(new ExchangeClosed('client-gone', 'the exchange is over'))
    if (!response.writableNeedDrain) return Promise.resolve()
    return new Promise((resolve, reject) => {
      response.once('drain', resolve)
      response.once('close', () => reject(new ExchangeClosed('client-gone', 'the client will take no more')))
    })
  }

  end(trailers: Fields = []): void {
    if (this.closed) return
    const { response } = this
    // Sent short it would be completed with the next answer (RFC 9112 section 6.3).
    if (this.left > 0 && this.left !== Number.POSITIVE_INFINITY && this.head.method !== 'HEAD' && response.statusCode !== 304) {
      this.fail('short-answer', `${this.left} bytes are missing`)
      return
    }
    if (trailers.length > 0) response.addTrailers(trailers as [string, string][])
    response.end()
    this.over(null)
  }

  /** @param length of a body that is there whole */
  private start(status: string, fields: Fields, length: number | null): void {
    const { response } = this
    if (response.headersSent) throw new Error('the answer has begun already')
    this.fields = fields
    const seen = new Set<string>()
    for (const [name, value] of fields) {
      const lower = name.toLowerCase()
      if (HOP_HEADERS.has(lower)) continue
      // What the application says stands in place of what a framework has set before.
      if (seen.has(lower)) response.appendHeader(name, value)
      else response.setHeader(name, value)
      seen.add(lower)
      if (lower === 'content-length') this.left = Number(value)
    }
    const code = Number(status.slice(0, 3))
    if (length !== null && !seen.has('content-length') && code !== 204 && code !== 304) response.setHeader('Content-Length', length)
    response.writeHead(code, status.slice(4))
  }

  private over(cause: CauseName | null): void {
    if (this.closed) return
    this.closed = true
    const status = this.response.headersSent ? this.response.statusCode : 0
    const closing = this.closing = { cause, status, bytes: this.bytes, phases: null, fields: this.fields }
    for (const listener of this.listeners.splice(0)) listener(closing)
  }
}

/** What `upgrade` gives beside the request. */
export interface Tunnel {
  readonly socket: Duplex
  readonly head: Buffer
}

/** An answer on a socket that its server has let go of. */
export function responseOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket as ServerResponse['socket'] & {})
  response.once('finish', () => socket.end())
  return response
}

function headOf(request: IncomingMessage): RequestHead {
  // Where a framework has taken a prefix off the path, this is the whole.
  const target = (request as { originalUrl?: string }).originalUrl ?? request.url ?? '/'
  const mark = target.indexOf('?')
  return {
    method: request.method ?? 'GET', target, path: mark < 0 ? target : target.slice(0, mark), query: mark < 0 ? '' : target.slice(mark + 1),
    fields: request.rawHeaders, version: request.httpVersion === '2.0' ? '2' : request.httpVersion === '1.0' ? '1.0' : '1.1',
    scheme: (request.socket as { encrypted?: boolean }).encrypted === true ? 'https' : 'http', authority: request.headers.host ?? '',
  }
}
