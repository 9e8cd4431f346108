/** One request and its answer on a stream of an HTTP/2 connection (RFC 9113 section 8.1). */
import type { ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import { errorAnswer } from '../gateway/error-answer.ts'
import type { Closing, Exchange, Fields, ResponseSink } from '../gateway/exchange.ts'
import { joined, lengthOf, type BodyBlocks } from '../http/body-blocks.ts'
import { causes, type CauseName } from '../http/causes.ts'
import { ExchangeClosed } from '../http/exchange-closed.ts'
import type { H2Head } from '../http/h2/request-head.ts'
import type { H2ResponseHead, HeaderBlock } from '../http/h2/response-head.ts'
import { mayAnswer } from '../http/open-answer.ts'
import type { Peer } from '../http/peer.ts'
import type { PhaseTimes } from '../http/phases.ts'
import { IncomingBody, NO_BODY, type BodyOwner, type RequestBody } from '../http/request-body.ts'
import type { RequestHead } from '../http/request-head.ts'
import { CANCEL, INTERNAL_ERROR, NO_ERROR } from './node-http2.ts'
import { requestName } from './request-name.ts'
import type { ServerContext } from './server-context.ts'

const EMPTY = new Uint8Array(0)
const NO_FIELDS: Fields = []
const WITH_BODY = { endStream: false }
const WITHOUT_BODY = { endStream: true }
/** What is read and thrown away of a body that nobody wanted, before the client is told to stop. */
const UNWANTED = 65536

/** What an exchange needs of its connection. */
export interface Http2Owner {
  readonly peer: Peer
  readonly context: ServerContext
  /** The stream is closed; `reset` by the client, while the answer was still being made. */
  streamClosed(exchange: Http2Exchange, reset: 'reset' | 'done'): void
  /** A stream was ended, and does not come to an end: the library has given the connection up without a word. */
  dead(): void
}

/** What went wrong is in the code that the stream is closed with. */
const ignore = (): void => undefined

export class Http2Exchange implements Exchange, ResponseSink, BodyOwner {
  readonly head: RequestHead
  readonly peer: Peer
  readonly body: RequestBody
  begun = false
  closed = false
  deadline = 0
  route: string | undefined = undefined
  kind: string | undefined = undefined
  times: PhaseTimes | undefined = undefined

  private readonly owner: Http2Owner
  private readonly stream: ServerHttp2Stream
  private readonly incoming: IncomingBody | null
  private readonly takesTrailers: boolean
  private continueAwaited: boolean
  private reading = false
  private received = 0
  /** Of a body that is still coming while its request has been answered. */
  private unwanted = 0
  /** Of a streamed answer: its head, until it leaves with the first block. */
  private pending: H2ResponseHead | null = null
  private bodiless = false
  /** What is left of a declared length; null where there is none. */
  private left: number | null = null
  private trailerFields = NO_FIELDS
  private status = 0
  private fields = NO_FIELDS
  private name: string | undefined
  private bytes = 0
  /** Of a client that is slow to take the answer: how far it was, and since when. */
  private progress = 0
  private stuckSince = 0
  private abandoned = false
  private waiters: { resolve: () => void; reject: (error: ExchangeClosed) => void }[] | null = null
  private listeners: ((closing: Closing) => void)[] | null = null
  /** Of a closed exchange. */
  private cause: CauseName | null = null

  /** @param peer the connection's, or the client that it speaks for */
  constructor(owner: Http2Owner, stream: ServerHttp2Stream, { head, bodyLength, expectsContinue, takesTrailers }: H2Head, peer: Peer) {
    this.owner = owner
    this.peer = peer
    this.stream = stream
    this.head = head
    this.takesTrailers = takesTrailers
    this.continueAwaited = expectsContinue
    this.incoming = bodyLength === 0 ? null : new IncomingBody(bodyLength, this)
    this.body = this.incoming ?? NO_BODY
    this.deadline = owner.context.deadlines.after(owner.context.times.application)
    stream.on('error', ignore)
    stream.on('close', () => this.streamClosed())
    if (this.incoming !== null) stream.on('trailers', (_headers, _flags, ...rest: unknown[]) => { this.takeTrailers(rest[0]) })
  }

  get id(): string {
    return this.name ??= requestName(this.owner.context, this.owner.peer, this.head)
  }

  get clientEnded(): boolean {
    return this.closed ? this.cause !== null : this.stream.aborted
  }

  // The request's body ------------------------------------------------------------------------------------------------------------

  bodyWanted(): void {
    const { context } = this.owner
    this.deadline = context.deadlines.after(context.times.body)
    if (this.continueAwaited && !this.begun) this.stream.additionalHeaders({ ':status': 100 })
    this.continueAwaited = false
    this.read()
  }

  private read(): void {
    if (this.reading) {
      this.stream.resume()
      return
    }
    this.reading = true
    this.stream.on('data', (bytes: Buffer) => this.take(bytes))
    this.stream.on('end', () => this.bodyEnded())
  }

  bodyFull(): void {
    this.stream.pause()
  }

  bodyDrained(): void {
    this.stream.resume()
  }

  private take(bytes: Buffer): void {
    const { incoming, owner: { context: { limits } } } = this
    this.received += bytes.length
    if (this.closed) {
      this.unwanted += bytes.length
      if (this.unwanted > UNWANTED) this.refuseRest()
      return
    }
    if (limits.body > 0 && this.received > limits.body) {
      this.fail('body-too-long', `over ${limits.body} bytes`)
      return
    }
    incoming?.push(bytes, 0, bytes.length, 'given')
    this.waitOn()
  }

  private takeTrailers(list: unknown): void {
    const { incoming } = this
    if (incoming === null || !Array.isArray(list)) return
    incoming.trailers = list as string[]
  }

  private bodyEnded(): void {
    const { incoming } = this
    if (this.stream.aborted || incoming === null || this.closed) return
    incoming.end(incoming.trailers)
    this.waitOn()
  }

  /** The client has done its part for now, or has to go on. */
  private waitOn(): void {
    const { deadlines, times } = this.owner.context
    if (this.incoming?.wanted === true) this.deadline = deadlines.after(times.body)
    else this.deadline = this.begun ? 0 : deadlines.after(times.application)
  }

  // The answer ----------------------------------------------------------------------------------------------------------------------

  answer(status: string, fields: Fields, body: BodyBlocks = EMPTY): void {
    if (!mayAnswer(this, status)) return
    const length = lengthOf(body)
    const head = this.takeHead(status, fields, length)
    const content = head.length !== null && length > head.length ? joined(body).subarray(0, head.length) : joined(body)
    if (head.bodiless || content.length === 0) {
      this.respond(head.block, head.bodiless || head.length === 0 ? WITHOUT_BODY : WITH_BODY)
    } else {
      this.respond(head.block, WITH_BODY)
      this.bytes = content.length
      // With the end at once it is one frame.
      if (head.length === null || length >= head.length) this.stream.end(content)
      else this.stream.write(content)
    }
    if (!head.bodiless && head.length !== null && length < head.length) {
      this.cut('short-answer')
      return
    }
    this.finish(null)
  }

  begin(status: string, fields: Fields): this {
    if (!mayAnswer(this, status)) return this
    const head = this.takeHead(status, fields, null)
    this.pending = head
    this.left = head.bodiless ? null : head.length
    this.bodiless = head.bodiless
    if (this.incoming?.wanted !== true) this.deadline = 0
    return this
  }

  /** Bytes beyond the declared length are dropped, as over HTTP/1.1. */
  write(bytes: Uint8Array): boolean {
    if (this.closed) return false
    let content = bytes
    if (this.left !== null) {
      if (content.length > this.left) content = content.subarray(0, this.left)
      this.left -= content.length
    }
    if (content.length === 0 || this.bodiless) return !this.stream.writableNeedDrain
    this.flush()
    this.bytes += content.length
    return this.stream.write(content)
  }

  flush(): void {
    const { pending } = this
    if (pending === null || this.closed) return
    this.pending = null
    const waitForTrailers = !pending.bodiless && (this.takesTrailers || pending.trailers)
    if (waitForTrailers) this.stream.once('wantTrailers', () => this.sendTrailers())
    this.respond(pending.block, { endStream: pending.bodiless, waitForTrailers })
  }

  drained(): Promise<void> {
    if (this.closed) return Promise.reject(new ExchangeClosed(this.cause ?? 'client-gone', 'the exchange is over'))
    if (!this.stream.writableNeedDrain) return Promise.resolve()
    if (this.waiters === null) this.stream.once('drain', () => this.drain())
    const waiters = this.waiters ??= []
    return new Promise((resolve, reject) => { waiters.push({ resolve, reject }) })
  }

  end(trailers: Fields = NO_FIELDS): void {
    if (this.closed) return
    if (trailers.length > 0) this.owner.context.h2Writer.trailers(trailers)
    this.trailerFields = trailers
    this.flush()
    if (this.left !== null && this.left > 0) this.cut('short-answer')
    else this.finish(null)
  }

  informational(status: string, fields: Fields): void {
    if (this.begun) throw new Error('an interim answer after the final one has begun (RFC 9110 section 15.2)')
    const block = this.owner.context.h2Writer.interim(status, fields)
    if (!this.closed && !this.stream.destroyed) this.stream.additionalHeaders(block)
  }

  upgrade(status: string): Duplex {
    if (this.closed) throw new ExchangeClosed(this.cause ?? 'client-gone', 'the exchange is over')
    if (this.begun) throw new Error('the answer has begun already')
    if (this.head.method !== 'CONNECT' || !status.startsWith('2')) {
      throw new TypeError(`${status} does not switch protocols: HTTP/2 has only 2xx to a CONNECT (RFC 9113 sections 8.5 and 8.6)`)
    }
    this.begun = true
    this.status = Number(status.slice(0, 3))
    this.times?.begin()
    this.respond({ ':status': this.status }, WITH_BODY)
    this.deadline = 0
    this.over(null)
    return this.stream
  }

  fail(cause: CauseName, detail: string): void {
    if (this.closed) return
    this.owner.context.events.publish('refused', { cause, detail, peer: this.peer, head: this.head, id: this.id })
    this.incoming?.fail(cause, detail)
    if (this.begun || causes[cause].status === 0) {
      this.cut(cause)
      return
    }
    const answer = errorAnswer(cause, this.head)
    const head = this.takeHead(answer.status, answer.fields, answer.body.length)
    this.respond(head.block, head.bodiless ? WITHOUT_BODY : WITH_BODY)
    if (!head.bodiless) this.stream.end(answer.body)
    this.bytes = head.bodiless ? 0 : answer.body.length
    this.finish(cause)
  }

  onClose(listener: (closing: Closing) => void): void {
    if (this.closed) listener(this.closing())
    else (this.listeners ??= []).push(listener)
  }

  private closing(): Closing {
    return { cause: this.cause, status: this.status, bytes: this.bytes, fields: this.fields, phases: this.times ?? null }
  }

  private takeHead(status: string, fields: Fields, bodyLength: number | null): H2ResponseHead {
    const head = this.owner.context.h2Writer.head(status, fields, this.head.method === 'HEAD', bodyLength)
    this.begun = true
    this.status = head.code
    this.fields = fields
    this.times?.begin()
    return head
  }

  private respond(block: HeaderBlock, options: { endStream?: boolean, waitForTrailers?: boolean }): void {
    // Closed by the client in this very turn: its event is on the way.
    const { stream } = this
    if (stream.destroyed || stream.closed) return
    stream.respond(block, options)
    // A stream whose request has ended need not be read, but where its answer comes in pieces the library would send a needless
    // RST_STREAM behind it. Where it comes whole, reading would only have the stream taken down before the library is done with it.
    if (options !== WITH_BODY && this.incoming === null) stream.resume()
  }

  private sendTrailers(): void {
    if (this.trailerFields.length > 0) this.stream.sendTrailers(this.owner.context.h2Writer.trailers(this.trailerFields))
    else this.stream.close()
  }

  private drain(): void {
    this.stuckSince = 0
    const waiters = this.waiters ?? []
    this.waiters = null
    for (const { resolve } of waiters) resolve()
  }

  private finish(cause: CauseName | null): void {
    const { stream, incoming } = this
    if (!stream.writableEnded) stream.end()
    this.over(cause)
    if (incoming === null || stream.readableEnded) return
    // RFC 9113 section 8.1: a client can be told that the rest is not wanted; a short one is read, as not all understand.
    if (this.continueAwaited || (incoming.length ?? 0) - this.received > UNWANTED) {
      stream.once('finish', () => this.refuseRest())
    } else {
      const { deadlines, times } = this.owner.context
      this.deadline = deadlines.after(times.body)
      this.read()
    }
  }

  private refuseRest(): void {
    if (!this.stream.readableEnded) this.stream.close(NO_ERROR)
  }

  private cut(cause: CauseName): void {
    this.over(cause)
    this.stream.close(causes[cause].fault === 'client' ? CANCEL : INTERNAL_ERROR)
  }

  private over(cause: CauseName | null): void {
    if (this.closed) return
    this.closed = true
    this.deadline = 0
    this.cause = cause
    this.times?.end()
    this.incoming?.fail(cause ?? 'client-gone', 'the request has been answered')
    const { waiters, listeners } = this
    this.waiters = this.listeners = null
    if (waiters !== null) for (const { reject } of waiters) reject(new ExchangeClosed(cause ?? 'client-gone', 'the client will take no more'))
    if (listeners === null) return
    const closing = this.closing()
    for (const listener of listeners) listener(closing)
  }

  private streamClosed(): void {
    const reset = this.stream.aborted || !this.closed
    this.over('client-gone')
    this.owner.streamClosed(this, reset ? 'reset' : 'done')
  }

  // Time limits -----------------------------------------------------------------------------------------------------------------------

  due(): void {
    this.deadline = 0
    const { times } = this.owner.context
    if (this.closed) this.refuseRest()
    else if (this.incoming?.wanted === true) this.fail('body-timeout', `no byte of the body for ${times.body / 1000} s`)
    else this.fail('application-timeout', `no answer begun within ${times.application / 1000} s`)
  }

  /** Who takes nothing of an answer for so long is taken for gone; an answer that was handed over whole is no exception. */
  look(now: number): void {
    const { stream, owner: { context: { times } } } = this
    if (this.abandoned) {
      this.owner.dead()
      return
    }
    const pending = this.closed ? stream.writableLength > 0 || !stream.writableFinished : stream.writableNeedDrain
    if (times.send === 0 || !pending || !this.begun) {
      this.stuckSince = 0
      return
    }
    const progress = stream.writableLength + stream.bufferSize
    if (this.stuckSince === 0 || progress !== this.progress) {
      this.progress = progress
      this.stuckSince = now
    } else if (now - this.stuckSince >= times.send) {
      this.stuckSince = 0
      this.owner.context.events.publish('refused', {
        cause: 'send-timeout', detail: `no byte of the answer taken for ${times.send / 1000} s`, peer: this.peer, head: this.head, id: this.id,
      })
      this.over('send-timeout')
      this.abandoned = true
      stream.close(CANCEL)
    }
  }
}
