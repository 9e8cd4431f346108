/** What all connections of a server share. */
import type { Server, Socket } from 'node:net'
import type { Settings } from '../config/settings.ts'
import type { Events } from '../events.ts'
import type { Gateway } from '../gateway/exchange.ts'
import type { ParserLimits } from '../http/h1/request-parser.ts'
import { ResponseWriter } from '../http/h1/response-writer.ts'
import { H2HeadWriter } from '../http/h2/response-head.ts'
import type { Peer } from '../http/peer.ts'
import type { RequestHead } from '../http/request-head.ts'
import { Deadlines, type Watched } from './deadlines.ts'
import { Forwarding } from './forwarding.ts'
import { secondsClock } from './seconds-clock.ts'

/** In milliseconds; 0: none. */
export interface Times {
  readonly application: number
  readonly body: number
  readonly send: number
  readonly header: number
  readonly keepAlive: number
}

/** A connection that another process may go on with. */
export interface Released {
  /** As Node passes it between processes. */
  readonly handle: object
  /** Closes it here, and only here. */
  close(): void
}

/** A connection, as the server that stops knows it. */
export interface Tracked extends Watched {
  readonly peer: Peer
  /** The requests that are being handled. */
  readonly underWay: readonly RequestHead[]
  /** No further request. */
  retire(): void
  /** Ends it where nothing is going on. */
  endSilence(): void
  /** Where nothing is going on: stops reading, so that another process can. */
  release(): Released | null
  /** Ends it now, whatever goes on. */
  stop(): void
}

/** Told of connections; absent where nobody wants to know. */
export interface ConnectionListener {
  opened?(peer: Peer): void
  closed?(peer: Peer): void
}

export class ServerContext {
  readonly gateway: Gateway
  readonly events: Events
  readonly limits: ParserLimits
  readonly times: Times
  readonly writer: ResponseWriter
  readonly h2Writer: H2HeadWriter
  /** Who begins with HTTP/2 without TLS gets it (RFC 9113 section 3.3). */
  readonly priorKnowledge: boolean
  readonly forwarding: Forwarding
  readonly deadlines: Deadlines<Tracked>
  requests = 0
  /** Connections serve one request. */
  retired: boolean
  /** The server accepts no more and drains. */
  stopping = false
  listener: ConnectionListener | undefined
  /** Called when the last connection has closed. */
  emptied: (() => void) | undefined

  constructor(gateway: Gateway, settings: Settings, events: Events) {
    this.gateway = gateway
    this.events = events
    this.retired = settings.keepAlive === 0
    this.limits = {
      requestLine: settings.limitRequestLine, fields: settings.limitRequestFields, fieldSize: settings.limitRequestFieldSize,
      head: settings.limitRequestHead, body: settings.limitRequestBody,
    }
    this.times = {
      application: settings.timeout * 1000, body: settings.bodyTimeout * 1000, send: settings.sendTimeout * 1000,
      header: settings.headerTimeout * 1000, keepAlive: settings.keepAlive * 1000,
    }
    this.priorKnowledge = settings.http2 === 'on' && settings.certFile === null
    this.forwarding = new Forwarding(settings)
    this.writer = new ResponseWriter(settings.serverSoftware, secondsClock)
    this.h2Writer = new H2HeadWriter(settings.serverSoftware, secondsClock)
    this.deadlines = new Deadlines(Math.min(...Object.values(this.times).filter((time) => time > 0), 8000))
  }

  /** In no order; those that come and go move others. */
  get connections(): readonly Tracked[] {
    return this.deadlines.watched
  }

  /** No connection takes another request, those that are still to come included. */
  retire(): void {
    this.retired = true
    this.stopping = true
    for (const connection of [...this.connections]) connection.retire()
  }

  listenerOf(socket: Socket): Server | null {
    return (socket as Socket & { server?: Server }).server ?? null
  }

  /** One that is not a connection yet as others understand it, or is not announced. */
  track(connection: Tracked): void {
    this.deadlines.add(connection)
  }

  untrack(connection: Tracked): void {
    this.deadlines.remove(connection)
    if (this.connections.length === 0) this.emptied?.()
  }

  opened(connection: Tracked): void {
    this.track(connection)
    // The addresses are not to be had any more when it has closed.
    if (this.listener !== undefined) this.listener.opened?.(connection.peer)
  }

  closed(connection: Tracked): void {
    this.listener?.closed?.(connection.peer)
    this.untrack(connection)
  }
}
