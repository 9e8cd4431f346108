/**
 * An HTTP/1.1 connection from the server's side, without its socket: bytes in, exchanges out, answers back, in order
 * (RFC 9112 section 9). One request is read at a time; what a client sends ahead waits, within a bound.
 */
import type { Duplex } from 'node:stream'
import { causes, type CauseName } from '../causes.ts'
import { ExchangeClosed } from '../exchange-closed.ts'
import type { Peer } from '../peer.ts'
import { copyOf, IncomingBody, NO_BODY, WholeBody, type BodyOwner, type RequestBody } from '../request-body.ts'
import type { RequestHead } from '../request-head.ts'
import { H1Exchange, type ErrorAnswer, type ExchangeOwner } from './exchange.ts'
import type { H1Host } from './host.ts'
import { OUTPUT_SIZE, OutputBuffer } from './output-buffer.ts'
import type { ParserLimits, RequestParser } from './request-parser.ts'
import type { AnswerContext, AnswerFraming, ResponseWriter } from './response-writer.ts'
import { giveParser, takeParser } from './spare-parser.ts'

/** What a client may send ahead while its request is being answered, before it is no longer read from. */
const AHEAD = 65536
/** What is read and thrown away of a body that nobody wanted, to keep the connection; beyond it a new connection is cheaper. */
const UNWANTED = 65536

/** A body of at most so many bytes that came with its head is there, whole, when the application is called. */
const AT_HAND = 32768

/** A body of which at least so much is to come is worth a buffer that the application can keep. */
const WORTH_A_BUFFER = 32768
/** The largest such buffer, and the one for an application that takes what comes. */
const BUFFER = 65536

interface Reading {
  readonly bytes: Buffer
  readonly buffer: 'reused' | 'given'
  position: number
  readonly end: number
}

/** What leaves within one turn passes through it; null while a connection uses it. */
let spareOutput: OutputBuffer | null = new OutputBuffer()

/** Used up by the writer before anybody else can ask for one: there is no need of one for each connection. */
const contextOf: { -readonly [K in keyof AnswerContext]: AnswerContext[K] } = { version: '1.1', isHead: false, persistent: true, bodyLength: 0 }

export class H1Connection implements BodyOwner, ExchangeOwner {
  readonly host: H1Host
  readonly writer: ResponseWriter
  /** The client has ended its side. */
  inputEnded = false
  /** False while the client is slow to take what was sent. */
  writable = true
  /** No request after the present one: the server stops, or the connection is retired. */
  retired = false

  private readonly limits: ParserLimits
  private readonly scheme: 'http' | 'https'
  /** Null where nothing of a request is there. */
  private held: RequestParser | null = null
  private mode: 'http' | 'closing' | 'upgraded' | 'closed' = 'http'
  private exchange: H1Exchange | null = null
  private body: IncomingBody | null = null
  /** The client waits for `100 Continue` before it sends its body. */
  private continueAwaited = false
  private paused = false
  /** Part of the buffer at hand has been kept. */
  private kept = false
  /** Set while the answered request's body is still coming and thrown away. */
  private unwanted = -1
  /** Pieces that arrived ahead. */
  private ahead: Buffer | null = null
  private reading: Reading | null = null
  /** What leaves when the present input is worked off: the answers to pipelined requests go out in one write. */
  private output: OutputBuffer | null = null
  private gathering = false
  private waiters: { resolve: () => void; reject: (error: ExchangeClosed) => void }[] | undefined

  constructor(host: H1Host, limits: ParserLimits, scheme: 'http' | 'https', writer: ResponseWriter) {
    this.host = host
    this.limits = limits
    this.scheme = scheme
    this.writer = writer
  }

  /** Nothing is going on: no request, and no part of one. */
  get idle(): boolean {
    return this.mode === 'http' && this.exchange === null && this.unwanted < 0 && (this.held === null || this.held.idle)
  }

  private get parser(): RequestParser {
    return this.held ??= takeParser(this.limits, this.scheme)
  }

  get peer(): Peer {
    return this.host.peer
  }

  /** The present request has a field by which proxies speak of their clients. */
  get forwarded(): boolean {
    return this.parser.forwarded
  }

  get current(): H1Exchange | null {
    return this.exchange
  }

  // Input -----------------------------------------------------------------------------------------------------------------------

  /**
   * Bytes from the client.
   * @param buffer a `reused` one is the caller's again afterwards; of a `given` one parts may be kept
   * @returns true where part of a given buffer is kept
   */
  receive(bytes: Buffer, length: number, buffer: 'reused' | 'given' = 'reused'): boolean {
    if (this.mode !== 'http') return false
    this.kept = false
    if (this.exchange !== null && this.parser.complete) this.keepAhead(bytes, 0, length)
    else this.process(bytes, 0, length, buffer)
    return this.kept
  }

  /**
   * The size of a buffer to give with the next read, so that its bytes get to the application without being copied; 0: it is
   * not worth one. Its end is where the application's own reads end, if they go on as they are.
   */
  get bufferWanted(): number {
    const { body } = this
    if (body === null || !body.pulled || this.parser.remainingLength < WORTH_A_BUFFER) return 0
    const size = body.size >= WORTH_A_BUFFER && body.size <= BUFFER ? body.size : BUFFER
    return Math.min(size - body.received % size, this.parser.remainingLength)
  }

  /** The client has ended its side; an answer to a whole request can still go out (RFC 9112 section 9.6). */
  ended(): void {
    if (this.inputEnded) return
    this.inputEnded = true
    if (this.mode === 'closing') this.shut()
    if (this.mode !== 'http') return
    if (this.exchange !== null) {
      if (this.parser.complete) this.exchange.inputEnded()
      else this.broken('client-gone', 'the client ended within the body')
      return
    }
    if (!this.parser.idle && this.unwanted < 0) this.host.refused('client-gone', 'the client ended within the head')
    this.shut()
  }

  /** The transport is closed. */
  lost(cause: CauseName = 'client-gone'): void {
    if (this.mode === 'closed') return
    this.mode = 'closed'
    this.ahead = null
    this.drop()
    const { exchange } = this
    this.exchange = null
    this.body?.fail(cause, 'the connection is closed')
    exchange?.lost(cause)
    this.rejectWaiters(cause)
  }

  /** The transport has taken what was written. */
  flushed(): void {
    this.writable = true
    const { waiters } = this
    if (waiters === undefined) return
    this.waiters = undefined
    for (const waiter of waiters) waiter.resolve()
  }

  /** A wait took too long. */
  expired(cause: CauseName, detail: string): void {
    if (this.exchange !== null) this.exchange.fail(cause, detail)
    else if (this.mode === 'http' && !this.parser.idle && this.unwanted < 0) this.refuse(cause, detail)
    else this.shut()
  }

  private process(bytes: Buffer, from: number, to: number, buffer: 'reused' | 'given'): void {
    const { parser } = this
    const reading: Reading = { bytes, buffer, position: from, end: to }
    this.reading = reading
    parser.begin(bytes)
    while (this.mode === 'http' && reading.position < to) {
      if (this.exchange !== null && parser.complete) {
        this.keepAhead(bytes, reading.position, to)
        break
      }
      const event = parser.next(bytes, reading.position, to)
      reading.position = parser.position
      if (event === 'head') this.begin(reading)
      else if (event === 'data') this.take(reading)
      else if (event === 'end') this.complete()
      else if (event === 'refused') this.broken(parser.refusal.cause, parser.refusal.detail)
    }
    this.reading = null
    parser.over()
    if (this.mode === 'upgraded') {
      parser.reset()
      giveParser(parser)
    }
    if (this.continueAwaited && this.body?.wanted === true) this.sendContinue()
    this.gathering = false
    this.flush()
    if (this.mode !== 'http' || this.exchange !== null || this.unwanted >= 0) return
    if (this.inputEnded) this.shut()
    else if (parser.idle) this.waitForRequest()
    else this.host.wait('head')
  }

  private waitForRequest(): void {
    this.host.wait('idle')
    // While a read is worked off it is needed for what is left of that.
    if (this.reading !== null || this.held?.unused !== true) return
    giveParser(this.held)
    this.held = null
  }

  private begin(reading: Reading): void {
    const { parser } = this
    let body: RequestBody = NO_BODY
    if (parser.remainingLength > 0 && parser.remainingLength <= Math.min(AT_HAND, reading.end - reading.position)) {
      parser.next(reading.bytes, reading.position, reading.end)
      reading.position = parser.position
      body = new WholeBody(copyOf(reading.bytes, parser.dataFrom, parser.dataTo))
    } else if (!parser.complete) {
      this.continueAwaited = parser.expectsContinue
      body = this.body = new IncomingBody(parser.bodyLength, this)
    }
    const exchange = this.exchange = new H1Exchange(this, parser.head, body)
    this.gathering = true
    this.host.wait('application')
    this.host.request(exchange)
  }

  private take(reading: Reading): void {
    const { parser, body } = this
    this.continueAwaited = false
    if (this.unwanted >= 0) {
      this.unwanted += parser.dataTo - parser.dataFrom
      if (this.unwanted > UNWANTED) {
        this.linger()
        return
      }
    } else if (body !== null) {
      const { wanted } = body
      if (body.push(reading.bytes, parser.dataFrom, parser.dataTo, reading.buffer)) this.kept = true
      if (wanted) this.waitForApplication(body)
    }
    if (parser.complete) this.complete()
  }

  /** The client has done its part for now, or has to go on. */
  private waitForApplication(body: IncomingBody): void {
    if (body.wanted) this.host.wait('body')
    else this.host.wait(this.exchange?.begun === true ? 'answer' : 'application')
  }

  /** The message is read to its end. */
  private complete(): void {
    const { body, parser } = this
    if (body !== null) {
      this.body = null
      const { wanted } = body
      body.end(parser.trailers)
      if (wanted) this.waitForApplication(body)
    }
    if (this.unwanted >= 0) {
      this.unwanted = -1
      parser.reset()
    }
  }

  private keepAhead(bytes: Buffer, from: number, to: number): void {
    const more = Buffer.from(bytes.subarray(from, to))
    this.ahead = this.ahead === null ? more : Buffer.concat([this.ahead, more])
    if (this.ahead.length > AHEAD) this.pause()
  }

  /** The client's bytes cannot be read on. */
  private broken(cause: CauseName, detail: string): void {
    const { exchange } = this
    if (exchange === null) this.refuse(cause, detail)
    else exchange.fail(cause, detail)
  }

  /** An answer of the server's own where there is no exchange, and the end of the connection. */
  private refuse(cause: CauseName, detail: string): void {
    this.host.refused(cause, detail)
    if (causes[cause].status !== 0 && this.unwanted < 0) {
      const { status, fields, body } = this.host.errorAnswer(cause, null)
      this.writer.head(status, fields, { version: '1.1', isHead: false, persistent: false, bodyLength: body.length })
      this.send(this.writer.text, body)
    }
    this.linger()
  }

  // Output ----------------------------------------------------------------------------------------------------------------------

  send(text: string, body?: Uint8Array, tail?: string): boolean {
    this.addText(text)
    if (body !== undefined) this.addBytes(body)
    if (tail !== undefined) this.addText(tail)
    if (!this.gathering) this.flush()
    return this.writable
  }

  sendBytes(bytes: Uint8Array): boolean {
    this.flush()
    this.writable = this.host.write(bytes)
    return this.writable
  }

  private addText(text: string): void {
    if (text.length > OUTPUT_SIZE) {
      this.flush()
      this.writable = this.host.write(text)
    } else {
      this.outputFor(text.length).addText(text)
    }
  }

  private addBytes(bytes: Uint8Array): void {
    if (bytes.length > OUTPUT_SIZE) this.sendBytes(bytes)
    else this.outputFor(bytes.length).addBytes(bytes)
  }

  private outputFor(length: number): OutputBuffer {
    if (this.output !== null && this.output.room < length) this.flush()
    if (this.output === null) {
      // Another connection may be in the middle of it, where an application drives that one by itself.
      this.output = spareOutput ?? new OutputBuffer()
      spareOutput = null
    }
    return this.output
  }

  /** Bytes that were sent may still be in use. */
  get busy(): boolean {
    return this.host.busy ?? true
  }

  lend(): object | null {
    this.flush()
    return this.host.lend?.() ?? null
  }

  sendBlocks(text: string, blocks: readonly Uint8Array[]): boolean {
    const { host } = this
    this.flush()
    if (host.writeBlocks !== undefined) return this.writable = host.writeBlocks(text, blocks)
    if (text !== '') host.write(text)
    for (const block of blocks) this.writable = host.write(block)
    return this.writable
  }

  drained(): Promise<void> {
    this.flush()
    if (this.writable) return Promise.resolve()
    return new Promise((resolve, reject) => {
      (this.waiters ??= []).push({ resolve, reject })
    })
  }

  private flush(): void {
    const { output, host } = this
    if (output === null) return
    this.output = null
    this.writable = host.write(output.take())
    if (host.busy !== false) output.giveAway()
    spareOutput = output
  }

  private drop(): void {
    const { output } = this
    if (output === null) return
    this.output = null
    output.take()
    spareOutput = output
  }

  context(exchange: H1Exchange, bodyLength: number | null): AnswerContext {
    const { parser } = this
    contextOf.version = exchange.head.version
    contextOf.isHead = exchange.head.method === 'HEAD'
    contextOf.persistent = parser.persistent && !this.retired && this.inStep() && (!this.inputEnded || this.moreCame())
    contextOf.bodyLength = bodyLength
    return contextOf
  }

  /** The client has sent another request, or the beginning of one, already. */
  private moreCame(): boolean {
    const { ahead, reading } = this
    return ahead !== null || (reading !== null && reading.position < reading.end)
  }

  /** The end of the request's body is reached, or will be at a bearable price. */
  private inStep(): boolean {
    const { parser, body } = this
    if (parser.complete) return true
    // RFC 9110 section 10.1.1: without a 100 nobody knows whether the body still comes.
    if (parser.refused || body === null || this.continueAwaited) return false
    return body.pulled || body.length === null || body.length <= UNWANTED
  }

  // The exchange's side ---------------------------------------------------------------------------------------------------------

  bodyWanted(): void {
    // RFC 9110 section 10.1.1: none is needed where content has come already; what is left of this read will tell.
    if (this.continueAwaited && !this.moreCame()) this.sendContinue()
    this.host.wait('body')
  }

  private sendContinue(): void {
    this.continueAwaited = false
    if (this.exchange?.begun === false) this.send('HTTP/1.1 100 Continue\r\n\r\n')
  }

  bodyFull(): void {
    this.pause()
  }

  bodyDrained(): void {
    if (this.mode === 'http') this.resume()
  }

  private pause(): void {
    this.paused = true
    this.host.pause()
  }

  private resume(): void {
    if (!this.paused) return
    this.paused = false
    this.host.resume()
  }

  failed(exchange: H1Exchange, cause: CauseName, detail: string): void {
    if (exchange !== this.exchange) return
    this.host.refused(cause, detail)
    this.body?.fail(cause, detail)
  }

  answered(exchange: H1Exchange, persistent: boolean): void {
    if (exchange !== this.exchange) return
    this.exchange = null
    const { body, parser } = this
    if (body !== null) {
      this.body = null
      body.fail('client-gone', 'the request has been answered')
    }
    if (!persistent) {
      this.linger()
      return
    }
    if (parser.complete) {
      parser.reset()
    } else {
      this.unwanted = 0
      this.host.wait('body')
    }
    this.resume()
    if (!this.gathering) this.goOn()
  }

  streaming(): void {
    // PEP 3333, "Buffering and Streaming": blocks are not held back while the application makes the next one.
    this.gathering = false
    this.host.wait('answer')
  }

  errorAnswer(cause: CauseName, head: RequestHead): ErrorAnswer {
    return this.host.errorAnswer(cause, head)
  }

  requestId(head: RequestHead): string {
    return this.host.requestId(head)
  }

  cut(exchange: H1Exchange, framing: AnswerFraming): void {
    if (exchange !== this.exchange) return
    this.exchange = null
    this.body?.fail('client-gone', 'the answer was cut')
    this.body = null
    this.flush()
    this.mode = 'closed'
    this.rejectWaiters('client-gone')
    // Without a length or chunks a regular end would look like the end of the answer.
    if (framing === 'close') this.host.reset()
    else this.host.close()
  }

  get messageComplete(): boolean {
    return this.parser.complete
  }

  upgraded(): Duplex {
    const { reading, ahead } = this
    this.flush()
    this.gathering = false
    this.mode = 'upgraded'
    this.exchange = null
    this.ahead = null
    this.resume()
    this.host.wait('upgraded')
    const rest = reading === null ? null : Buffer.from(reading.bytes.subarray(this.parser.position, reading.end))
    this.held = null
    const leftover = ahead === null ? rest : rest === null ? ahead : Buffer.concat([ahead, rest])
    return this.host.detach(leftover !== null && leftover.length > 0 ? leftover : null)
  }

  /** Ends the connection when the present exchange is over; at once where nothing is going on. */
  retire(): void {
    this.retired = true
    if (this.idle) this.shut()
  }

  /** What arrived while the last request was being answered. */
  private goOn(): void {
    const { ahead } = this
    if (ahead !== null) {
      this.ahead = null
      this.process(ahead, 0, ahead.length, 'given')
      return
    }
    if (this.inputEnded) this.shut()
    else if (this.unwanted < 0) this.waitForRequest()
  }

  /** Ends this side and waits for the client to end its own, so that it reads the answer before a reset can destroy it (RFC 9112 section 9.6). */
  private linger(): void {
    if (this.mode !== 'http') return
    this.flush()
    this.ahead = null
    if (this.inputEnded) {
      this.shut()
      return
    }
    this.mode = 'closing'
    this.host.wait('closing')
    this.host.end()
    this.resume()
  }

  private shut(): void {
    if (this.mode === 'closed') return
    this.flush()
    this.mode = 'closed'
    this.host.close()
  }

  private rejectWaiters(cause: CauseName): void {
    const { waiters } = this
    this.waiters = undefined
    if (waiters === undefined) return
    for (const waiter of waiters) waiter.reject(new ExchangeClosed(cause, 'the client will take no more'))
  }
}
