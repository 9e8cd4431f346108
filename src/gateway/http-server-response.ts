/** The seed page's HttpServerResponse: one connection's parser, gateway and writer, fed by hand and writing to any transport. */
import type { Duplex } from 'node:stream'
import type { Settings } from '../config/settings.ts'
import { Events } from '../events.ts'
import type { CauseName } from '../http/causes.ts'
import { H1Connection } from '../http/h1/connection.ts'
import type { ErrorAnswer } from '../http/h1/exchange.ts'
import type { H1Host } from '../http/h1/host.ts'
import { ResponseWriter } from '../http/h1/response-writer.ts'
import type { Peer } from '../http/peer.ts'
import type { HttpVersion, RequestHead } from '../http/request-head.ts'
import { errorAnswer } from './error-answer.ts'
import type { Exchange, Fields, Gateway } from './exchange.ts'
import { newRequestId } from './request-id.ts'
import type { ExcInfo, StartResponse, WSGIApplication, Write } from './wsgi.ts'
import { wsgiGateway } from './wsgi-gateway.ts'

/** Where an HttpServerResponse writes to. */
export interface Transport {
  /** False: too much waits; call `flushed()` of the response when it has gone. */
  write(data: Buffer): boolean | void
  /** Ends the connection after what was written. */
  close(): void
  readonly peer?: Peer
}

const NOBODY: Peer = { remoteAddress: '127.0.0.1', remotePort: 0, localAddress: '127.0.0.1', localPort: 80, encrypted: false }

/**
 * The server's side of a connection without a socket (pulsar's protocol consumer). It is a facade over the very parser,
 * writer and gateway that the server uses, without time limits.
 *
 * ```ts
 * const response = new HttpServerResponse(hello, settings)
 * response.connectionMade({ write: (data) => chunks.push(data), close() {} })
 * response.dataReceived(Buffer.from('GET / HTTP/1.1\r\nHost: example.com\r\n\r\n'))
 * ```
 */
export class HttpServerResponse {
  /** The callable that handles requests. */
  readonly wsgiCallable: WSGIApplication
  readonly cfg: Settings
  /** What is said in `Server` and `SERVER_SOFTWARE`. */
  readonly serverSoftware: string
  /** Reports of what goes wrong: `applicationError`, `refused`, `warning`. */
  readonly events: Events = new Events()
  /** Status line and headers of the last answer, exactly as sent; null before. */
  headersSent: Buffer | null = null
  /** As given to startResponse(). */
  status: string | null = null
  /** As given to startResponse(). */
  headers: Fields = []

  private readonly http: H1Connection
  private readonly host: FacadeHost
  private begin: StartResponse | undefined
  private send: Write | undefined
  private exchange: Exchange | undefined

  constructor(wsgiCallable: WSGIApplication, cfg: Settings, serverSoftware: string = cfg.serverSoftware) {
    this.wsgiCallable = wsgiCallable
    this.cfg = cfg
    this.serverSoftware = serverSoftware
    const settings = { ...cfg, serverSoftware }
    const limits = {
      requestLine: cfg.limitRequestLine, fields: cfg.limitRequestFields, fieldSize: cfg.limitRequestFieldSize,
      head: cfg.limitRequestHead, body: cfg.limitRequestBody,
    }
    const gateway = wsgiGateway((environ, startResponse) => {
      this.begin = startResponse
      return wsgiCallable(environ, this.startResponse)
    }, { settings, events: this.events, multiprocess: false })
    this.host = new FacadeHost(this.events, (exchange) => {
      this.exchange = exchange
      this.status = null
      this.headers = []
      this.send = undefined
      gateway(exchange)
    }, (head) => { this.headersSent = head })
    this.http = new H1Connection(this.host, limits, 'http', new ResponseWriter(serverSoftware, Date.now))
    this.host.http = this.http
  }

  /** Of the request at hand; null before one. */
  get version(): HttpVersion | null {
    return this.exchange?.head.version ?? null
  }

  /** Gives the transport; nothing can be received before. */
  connectionMade(transport: Transport): void {
    this.host.transport = transport
  }

  /** Bytes from the client, in any pieces. A whole head calls the application; the body may follow. */
  dataReceived(data: Uint8Array): void {
    if (this.host.transport === undefined) throw new Error('no transport: call connectionMade() first')
    this.http.receive(Buffer.from(data), data.length)
  }

  /** The client has ended its side. */
  eofReceived(): void {
    this.http.ended()
  }

  /** The transport is gone. */
  connectionLost(): void {
    this.http.lost()
  }

  /** The transport has taken what was written. */
  flushed(): void {
    this.http.flushed()
  }

  /**
   * PEP 3333's start_response(), for the request at hand.
   * @throws {Error} on a second call without excInfo, `excInfo` itself when the headers are sent, a TypeError for what is malformed
   */
  readonly startResponse: StartResponse = (status: string, responseHeaders: Fields, excInfo?: ExcInfo): Write => {
    if (this.begin === undefined) throw new Error('there is no request to answer')
    this.send = this.begin(status, responseHeaders, excInfo)
    this.status = status
    this.headers = responseHeaders
    return this.write
  }

  /**
   * PEP 3333's write().
   * @param force sends the headers although `data` is empty
   * @returns the bytes taken, as a promise where the client is slow
   */
  readonly write = (data: Uint8Array, force?: boolean): number | Promise<number> => {
    if (this.send === undefined) throw new Error('write() before startResponse()')
    return this.send(data, force)
  }
}

class FacadeHost implements H1Host {
  transport: Transport | undefined
  http!: H1Connection

  private readonly events: Events
  private readonly gateway: Gateway
  private readonly headSent: (head: Buffer) => void
  /** The beginning of an answer whose head is not complete yet; null within a body. */
  private head: Buffer | null = Buffer.alloc(0)

  constructor(events: Events, gateway: Gateway, headSent: (head: Buffer) => void) {
    this.events = events
    this.gateway = gateway
    this.headSent = headSent
  }

  get peer(): Peer {
    return this.transport?.peer ?? NOBODY
  }

  request(exchange: Exchange): void {
    this.head = Buffer.alloc(0)
    this.gateway(exchange)
  }

  write(data: string | Uint8Array): boolean {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : Buffer.from(data)
    if (this.head !== null) this.findHead(Buffer.concat([this.head, bytes]))
    return this.transport?.write(bytes) !== false
  }

  /** Interim answers have heads too; the final one counts. */
  private findHead(bytes: Buffer): void {
    let from = 0
    for (;;) {
      const end = bytes.indexOf('\r\n\r\n', from)
      if (end < 0) {
        this.head = bytes.subarray(from)
        return
      }
      const head = bytes.subarray(from, end + 4)
      from = end + 4
      if (head.toString('latin1', 9, 10) === '1' && head.toString('latin1', 9, 12) !== '101') continue
      this.headSent(head)
      this.head = null
      return
    }
  }

  errorAnswer(cause: CauseName, head: RequestHead | null): ErrorAnswer {
    return errorAnswer(cause, head)
  }

  requestId(): string {
    return newRequestId()
  }

  refused(cause: CauseName, detail: string): void {
    const { current } = this.http
    this.events.publish('refused', { cause, detail, peer: this.peer, head: current?.head ?? null, id: current?.id ?? null })
  }

  end(): void {
    this.transport?.close()
  }

  close(): void {
    this.transport?.close()
    this.http.lost()
  }

  reset(): void {
    this.close()
  }

  pause(): void {}
  resume(): void {}
  wait(): void {}

  detach(): Duplex {
    throw new Error('this transport cannot be handed over: an upgrade needs the server')
  }
}
