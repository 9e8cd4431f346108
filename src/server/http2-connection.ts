/** HTTP/2 on a real socket (RFC 9113): frames by Node's http2, each stream an exchange. */
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { errorAnswer } from '../gateway/error-answer.ts'
import { readHead } from '../http/h2/request-head.ts'
import { ResetBudget } from '../http/h2/reset-budget.ts'
import type { Peer } from '../http/peer.ts'
import type { RequestHead } from '../http/request-head.ts'
import { mentionsForwarding } from './forwarding.ts'
import { Http2Exchange, type Http2Owner } from './http2-exchange.ts'
import { END_STREAM, ENHANCE_YOUR_CALM, NO_ERROR, nodeHttp2 } from './node-http2.ts'
import type { Released, ServerContext, Tracked } from './server-context.ts'

/** Requests that a client may have open at a time; RFC 9113 section 5.1.2 asks for no less than 100. */
const MAX_STREAMS = 128
/** Of a stream, in bytes: what a client may send before the application reads. */
const WINDOW = 262_144
/** Of a session's buffers, in MB: beyond it the library refuses streams. */
const SESSION_MEMORY = 16
/** How long the client may take to read last answers and close, in milliseconds. */
const LINGER = 2000
/** RFC 9113 section 6.8: a stop is announced before its last stream is named, so that none under way is lost. */
const ANY_STREAM = 2 ** 31 - 1

export class Http2Connection implements Http2Owner, Tracked {
  readonly context: ServerContext
  readonly peer: Peer
  place = -1
  deadline = 0

  private readonly session: ServerHttp2Session
  private readonly exchanges = new Set<Http2Exchange>()
  private readonly resets: ResetBudget
  private retired = false
  private ending = false
  private lingering: NodeJS.Timeout | undefined

  /** @param socket nothing read of it, but for what was put back; not flowing */
  constructor(context: ServerContext, socket: Socket, peer: Peer) {
    this.context = context
    this.peer = peer
    this.resets = new ResetBudget(performance.now())
    const { limits } = context
    // Who has ended its side of the connection wants no more of its streams.
    socket.allowHalfOpen = false
    const session = this.session = nodeHttp2().performServerHandshake(socket, {
      // Beyond our own limits the client gets an answer that says so; far beyond, the library resets the stream.
      maxHeaderListPairs: 2 * limits.fields + 16,
      maxSessionMemory: SESSION_MEMORY,
      settings: { maxConcurrentStreams: MAX_STREAMS, initialWindowSize: WINDOW, maxHeaderListSize: 2 * limits.head, enablePush: false },
    })
    session.on('stream', (stream: ServerHttp2Stream, _headers: unknown, flags: number, ...rest: unknown[]) => this.open(stream, flags, rest[0] as string[]))
    session.on('error', (error: Error) => this.failed(error))
    session.on('frameError', () => undefined)
    session.on('close', () => this.closed())
    this.deadline = context.deadlines.after(context.times.header)
    if (context.stopping) this.retire()
  }

  get underWay(): readonly RequestHead[] {
    return [...this.exchanges].map(({ head }) => head)
  }

  private open(stream: ServerHttp2Stream, flags: number, list: readonly string[]): void {
    const { context, peer } = this
    this.deadline = 0
    const read = readHead(list, peer.encrypted ? 'https' : 'http', context.limits, (flags & END_STREAM) !== 0)
    if ('cause' in read) {
      context.events.publish('refused', { ...read, peer, head: null, id: null })
      this.refuse(stream, read.cause)
      return
    }
    const forwarded = mentionsForwarding(read.head.fields) ? context.forwarding.apply(read.head, peer) : undefined
    if (typeof forwarded === 'string') {
      context.events.publish('refused', { cause: 'bad-forwarded', detail: forwarded, peer, head: read.head, id: null })
      this.refuse(stream, 'bad-forwarded')
      return
    }
    const exchange = new Http2Exchange(this, stream, forwarded === undefined ? read : { ...read, head: forwarded.head }, forwarded?.peer ?? peer)
    this.exchanges.add(exchange)
    context.requests++
    context.gateway(exchange)
    // Connections that serve one request each: this was it.
    if (context.retired && !this.retired) this.endSilence()
  }

  private refuse(stream: ServerHttp2Stream, cause: Parameters<typeof errorAnswer>[0]): void {
    const { status, fields, body } = errorAnswer(cause, null)
    const { block } = this.context.h2Writer.head(status, fields, false, body.length)
    stream.on('error', () => undefined)
    stream.on('close', () => this.wait())
    stream.respond(block)
    stream.end(body)
    stream.once('finish', () => stream.close(NO_ERROR))
  }

  streamClosed(exchange: Http2Exchange, how: 'reset' | 'done'): void {
    this.exchanges.delete(exchange)
    if (how === 'reset' && !this.session.destroyed && !this.resets.take(performance.now())) {
      const detail = 'the client takes back request after request'
      this.context.events.publish('refused', { cause: 'http2-error', detail, peer: this.peer, head: null, id: null })
      // Without an error the code would not count.
      this.session.destroy(new Error(detail), ENHANCE_YOUR_CALM)
      return
    }
    this.wait()
  }

  dead(): void {
    this.session.destroy()
  }

  /** Nothing is going on: the client may be silent for so long. */
  private wait(): void {
    if (this.exchanges.size > 0) return
    if (this.ending) this.linger()
    else this.deadline = this.context.deadlines.after(this.context.times.keepAlive)
  }

  retire(): void {
    this.retired = true
    if (!this.session.destroyed) this.session.goaway(NO_ERROR, ANY_STREAM)
  }

  /** Streams that are open come to their end; none is opened after this. */
  endSilence(): void {
    if (this.ending) return
    this.ending = true
    if (!this.session.closed) this.session.close()
    if (this.exchanges.size === 0) this.linger()
  }

  /** The library does not always notice that a client has gone; with a timer of its own, since such a session keeps no process alive. */
  private linger(): void {
    this.deadline = 0
    if (!this.session.destroyed) this.lingering ??= setTimeout(() => this.session.destroy(), LINGER)
  }

  /** An HTTP/2 connection has a state that no other process could go on with. */
  release(): Released | null {
    return null
  }

  stop(): void {
    for (const exchange of this.exchanges) exchange.fail('stopped', 'the server stops')
    this.endSilence()
    this.linger()
  }

  due(): void {
    this.endSilence()
  }

  /** The exchanges are not watched each by itself: with short requests that would cost more than it saves. */
  look(now: number): void {
    for (const exchange of this.exchanges) {
      if (exchange.deadline !== 0 && now >= exchange.deadline) exchange.due()
      exchange.look(now)
    }
  }

  private failed(error: Error): void {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    // The socket's own errors are a client that has gone.
    if (!code.startsWith('ERR_HTTP2')) return
    this.context.events.publish('refused', { cause: 'http2-error', detail: error.message, peer: this.peer, head: null, id: null })
  }

  private closed(): void {
    this.deadline = 0
    clearTimeout(this.lingering)
    this.context.closed(this)
  }
}
