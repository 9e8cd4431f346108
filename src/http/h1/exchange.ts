/** One request and its answer on an HTTP/1.1 connection. */
import type { Duplex } from 'node:stream'
import { joined, lengthOf, type BodyBlocks } from '../body-blocks.ts'
import { causes, type CauseName } from '../causes.ts'
import { ExchangeClosed } from '../exchange-closed.ts'
import { mayAnswer } from '../open-answer.ts'
import type { Peer } from '../peer.ts'
import type { Phases, PhaseTimes } from '../phases.ts'
import type { RequestBody } from '../request-body.ts'
import type { RequestHead } from '../request-head.ts'
import type { FieldPairs } from '../same-fields.ts'
import type { AnswerContext, AnswerFraming, ResponseWriter } from './response-writer.ts'

export interface ExchangeClosing {
  readonly cause: CauseName | null
  readonly status: number
  readonly bytes: number
  readonly fields: FieldPairs
  readonly phases: Phases | null
}

/** The server's own answer for a cause. */
export interface ErrorAnswer {
  readonly status: string
  readonly fields: FieldPairs
  readonly body: Uint8Array
}

/** What an exchange needs of its connection. */
export interface ExchangeOwner {
  readonly peer: Peer
  readonly writer: ResponseWriter
  readonly inputEnded: boolean
  /** False while the client is slow to take what was sent. */
  readonly writable: boolean
  /** Bytes that were sent may still be in use. */
  readonly busy: boolean
  /** The transport, for another process to write to; null where it cannot be had, or is still being written to. */
  lend(): object | null
  /** The request is read to its end. */
  readonly messageComplete: boolean
  /** What the head of an answer depends on; valid until the next call. */
  context(exchange: H1Exchange, bodyLength: number | null): AnswerContext
  /** Latin-1 text, and bytes and text behind it, in one write where it is small. False: the client is slow. */
  send(text: string, body?: Uint8Array, tail?: string): boolean
  sendBytes(bytes: Uint8Array): boolean
  /** Text, or none, and the bytes behind it, in one write where the system can. False: the client is slow. */
  sendBlocks(text: string, blocks: readonly Uint8Array[]): boolean
  drained(): Promise<void>
  /** A streamed answer has begun. */
  streaming(): void
  upgraded(): Duplex
  /** The exchange is about to end for a cause of the table. */
  failed(exchange: H1Exchange, cause: CauseName, detail: string): void
  errorAnswer(cause: CauseName, head: RequestHead): ErrorAnswer
  requestId(head: RequestHead): string
  /** The whole answer has been handed over. */
  answered(exchange: H1Exchange, persistent: boolean): void
  /** The answer cannot be completed; an unframed one must not look as if it were. */
  cut(exchange: H1Exchange, framing: AnswerFraming): void
}

/** Bodies up to this many bytes leave in one write with their head. */
const SMALL = 16384
/** More blocks than this are small ones, or few system calls' worth: they are joined. */
const MANY = 64
const EMPTY = new Uint8Array(0)
const NO_FIELDS: FieldPairs = []
const CRLF = Buffer.from('\r\n')
const LAST_CHUNK = '0\r\n\r\n'

const left = (): never => { throw new ExchangeClosed('client-gone', 'the connection has left HTTP') }

/** In place of a connection that has left HTTP: a closed exchange asks it for nothing but whether it is busy. */
const GONE: ExchangeOwner = {
  get peer(): never { return left() },
  get writer(): never { return left() },
  inputEnded: false, writable: false, busy: false, messageComplete: true,
  context: left, send: left, sendBytes: left, sendBlocks: left, lend: left, drained: left, streaming: left, upgraded: left,
  failed: left, errorAnswer: left, requestId: left, answered: left, cut: left,
}

export class H1Exchange {
  head: RequestHead
  readonly body: RequestBody
  begun = false
  closed = false
  times: PhaseTimes | undefined = undefined
  route: string | undefined = undefined
  kind: string | undefined = undefined

  private connection: ExchangeOwner
  /** Whom the connection's peer, a proxy, speaks for. */
  private client: Peer | undefined
  private framing: AnswerFraming = 'none'
  /** What is left of a declared length. */
  private left = 0
  /** The head of a streamed answer, until it leaves with the first block. */
  private pendingHead = ''
  private name: string | undefined
  private status = 0
  private fields: FieldPairs = NO_FIELDS
  private bytes = 0
  private persistent = false
  /** Most exchanges have one listener or none. */
  private listener: ((closing: ExchangeClosing) => void) | undefined
  private listeners: ((closing: ExchangeClosing) => void)[] | undefined
  private endListeners: (() => void)[] | undefined
  private closing: ExchangeClosing | undefined

  constructor(connection: ExchangeOwner, head: RequestHead, body: RequestBody) {
    this.connection = connection
    this.head = head
    this.body = body
  }

  get id(): string {
    return this.name ??= this.connection.requestId(this.head)
  }

  get peer(): Peer {
    return this.client ?? this.connection.peer
  }

  /** As its client made it, by the word of a trusted proxy. */
  forwarded(head: RequestHead, peer: Peer): void {
    this.head = head
    this.client = peer
  }

  get clientEnded(): boolean {
    return this.closed ? this.closing?.cause !== null : this.connection.inputEnded
  }

  answer(status: string, fields: FieldPairs, body: BodyBlocks = EMPTY): void {
    if (!mayAnswer(this, status)) return
    const { connection } = this
    const { writer } = connection
    const length = lengthOf(body)
    writer.head(status, fields, connection.context(this, length))
    this.take(fields)
    if (writer.framing === 'none' || length === 0) {
      connection.send(writer.text)
    } else if (length > writer.length) {
      this.sendBody(writer.text, joined(body).subarray(0, writer.length), writer.length)
    } else {
      this.sendBody(writer.text, body, length)
    }
    if (writer.framing !== 'none' && length < writer.length) this.cut('short-answer')
    else this.finish(null)
  }

  private sendBody(head: string, body: BodyBlocks, length: number): void {
    const { connection } = this
    this.bytes = length
    if (length > SMALL) {
      connection.sendBlocks(head, body instanceof Uint8Array ? [body] : body)
    } else if (body instanceof Uint8Array) {
      connection.send(head, body)
    } else {
      connection.send(head, joined(body))
    }
  }

  begin(status: string, fields: FieldPairs): this {
    if (!mayAnswer(this, status)) return this
    const { connection } = this
    connection.writer.head(status, fields, connection.context(this, null))
    this.take(fields)
    this.times?.begin()
    this.framing = connection.writer.framing
    this.left = this.framing === 'length' ? connection.writer.length : 0
    this.pendingHead = connection.writer.text
    connection.streaming()
    return this
  }

  /** Bytes beyond the declared length are dropped: they would be read as the next answer (RFC 9112 section 6.3). */
  write(bytes: Uint8Array): boolean {
    if (this.closed) return false
    let content = bytes
    if (this.framing === 'length') {
      if (content.length > this.left) content = content.subarray(0, this.left)
      this.left -= content.length
    }
    const head = this.pendingHead
    if (content.length === 0 || this.framing === 'none') return this.connection.writable
    this.pendingHead = ''
    this.bytes += content.length
    const { connection } = this
    if (this.framing !== 'chunked') {
      if (content.length <= SMALL) return connection.send(head, content)
      if (head !== '') connection.send(head)
      return connection.sendBytes(content)
    }
    const size = `${head}${content.length.toString(16)}\r\n`
    if (content.length <= SMALL) return connection.send(size, content, '\r\n')
    return connection.sendBlocks(size, [content, CRLF])
  }

  /** Several at once: in one write, and one chunk where there are chunks. */
  writeBlocks(blocks: readonly Uint8Array[]): boolean {
    const { connection, framing } = this
    const length = lengthOf(blocks)
    const asTheyAre = length > SMALL && blocks.length <= MANY && (framing !== 'length' || length <= this.left)
    if (!asTheyAre || framing === 'none' || this.closed) return this.write(blocks.length === 1 ? blocks[0] as Uint8Array : joined(blocks))
    const head = this.pendingHead
    this.pendingHead = ''
    this.bytes += length
    if (framing === 'chunked') return connection.sendBlocks(`${head}${length.toString(16)}\r\n`, [...blocks, CRLF])
    if (framing === 'length') this.left -= length
    if (head !== '') connection.send(head)
    return connection.sendBlocks('', blocks)
  }

  lend(): object | null {
    if (this.closed || this.framing !== 'length') return null
    this.flush()
    return this.connection.lend()
  }

  wrote(bytes: number): boolean {
    if (bytes > this.left) return false
    this.left -= bytes
    this.bytes += bytes
    return true
  }

  get busy(): boolean {
    return this.connection.busy
  }

  /** Sends the head of a streamed answer although there is no block yet. */
  flush(): void {
    if (this.closed || this.pendingHead === '') return
    const head = this.pendingHead
    this.pendingHead = ''
    this.connection.send(head)
  }

  drained(): Promise<void> {
    if (this.closed) {
      const cause = this.closing?.cause ?? 'client-gone'
      return Promise.reject(new ExchangeClosed(cause, 'the exchange is over'))
    }
    return this.connection.drained()
  }

  end(trailers: FieldPairs = []): void {
    if (this.closed) return
    const head = this.pendingHead
    this.pendingHead = ''
    if (this.framing === 'length' && this.left > 0) {
      if (head !== '') this.connection.send(head)
      this.cut('short-answer')
      return
    }
    if (this.framing === 'chunked') {
      this.connection.send(trailers.length === 0 ? head + LAST_CHUNK : `${head}0\r\n${this.connection.writer.fieldLines(trailers)}\r\n`)
    } else if (head !== '') {
      this.connection.send(head)
    }
    this.finish(null)
  }

  informational(status: string, fields: FieldPairs): void {
    if (this.begun) throw new Error('an interim answer after the final one has begun (RFC 9110 section 15.2)')
    const text = this.connection.writer.interim(status, fields)
    if (!status.startsWith('1') || status.startsWith('101')) throw new TypeError(`${status} is not an interim status`)
    // RFC 9110 section 15.2: never to an HTTP/1.0 client.
    if (!this.closed && this.head.version !== '1.0') this.connection.send(text)
  }

  upgrade(status: string, fields: FieldPairs): Duplex {
    if (this.closed) throw new ExchangeClosed(this.closing?.cause ?? 'client-gone', 'the exchange is over')
    if (this.begun) throw new Error('the answer has begun already')
    if (!this.connection.messageComplete) throw new Error('the body of the request must be read before the protocol can change (RFC 9110 section 7.8)')
    const switching = this.head.method === 'CONNECT' ? status.startsWith('2') : status.startsWith('101 ')
    if (!switching) throw new TypeError(`${status} does not switch protocols: 101, or 2xx to a CONNECT (RFC 9110 sections 7.8 and 9.3.6)`)
    this.connection.send(this.connection.writer.interim(status, fields))
    this.begun = true
    this.status = Number(status.slice(0, 3))
    this.fields = fields
    this.times?.begin()
    const stream = this.connection.upgraded()
    this.over(null)
    this.leave()
    return stream
  }

  /** An application may keep the exchange as long as the upgraded connection lasts: nothing of HTTP has to last with it. */
  private leave(): void {
    this.client = this.peer
    this.name = this.id
    this.connection = GONE
  }

  fail(cause: CauseName, detail: string): void {
    if (this.closed) return
    this.connection.failed(this, cause, detail)
    const { status, fault } = causes[cause]
    if (this.begun || status === 0) {
      this.cut(cause)
      return
    }
    const answer = this.connection.errorAnswer(cause, this.head)
    const { connection } = this
    const context = connection.context(this, answer.body.length)
    // What a client has broken cannot be trusted to be in step; what the application has, can.
    connection.writer.head(answer.status, answer.fields, fault === 'client' ? { ...context, persistent: false } : context)
    this.take(answer.fields)
    connection.send(connection.writer.text, connection.writer.framing === 'none' ? undefined : answer.body)
    this.bytes = answer.body.length
    this.finish(cause)
  }

  onClose(listener: (closing: ExchangeClosing) => void): void {
    if (this.closing !== undefined) listener(this.closing)
    else if (this.listener === undefined) this.listener = listener
    else if (this.listeners === undefined) this.listeners = [listener]
    else this.listeners.push(listener)
  }

  onClientEnd(listener: () => void): void {
    if (this.closed) return
    if (this.connection.inputEnded) listener()
    else if (this.endListeners === undefined) this.endListeners = [listener]
    else this.endListeners.push(listener)
  }

  /** The client has ended its side, behind a whole request. */
  inputEnded(): void {
    const { endListeners } = this
    this.endListeners = undefined
    if (endListeners === undefined) return
    for (const listener of endListeners) {
      if (!this.closed) listener()
    }
  }

  /** The connection is gone. */
  lost(cause: CauseName): void {
    this.over(cause)
  }

  private take(fields: FieldPairs): void {
    const { writer } = this.connection
    this.fields = fields
    this.begun = true
    this.status = writer.code
    this.persistent = writer.persistent
  }

  private finish(cause: CauseName | null): void {
    this.over(cause)
    this.connection.answered(this, this.persistent)
  }

  private cut(cause: CauseName): void {
    this.over(cause)
    this.connection.cut(this, this.framing)
  }

  private over(cause: CauseName | null): void {
    if (this.closed) return
    this.closed = true
    const { status, bytes, fields, times, listener, listeners } = this
    times?.end()
    this.closing = { cause, status, bytes, fields, phases: times ?? null }
    if (listener === undefined) return
    this.listener = this.listeners = undefined
    listener(this.closing)
    if (listeners === undefined) return
    for (const listener of listeners) listener(this.closing)
  }
}
