/**
 * The exchange that is behind an environ: for applications that answer exchanges and are called as WSGI applications, below a
 * prefix or wrapped in middleware. What middleware has changed in the environ holds; the answer goes through start_response().
 */
import type { Duplex } from 'node:stream'
import type { CauseName } from '../../http/causes.ts'
import { ExchangeClosed } from '../../http/exchange-closed.ts'
import type { Peer } from '../../http/peer.ts'
import type { RequestHead } from '../../http/request-head.ts'
import { errorAnswer } from '../error-answer.ts'
import type { BodySource, Closing, Exchange, Fields, ResponseSink } from '../exchange.ts'
import type { Environ, StartResponse, Write, WSGIBody } from '../wsgi.ts'
import { BlockQueue } from './block-queue.ts'
import { environSource } from './environ-source.ts'
import type { RequestSource } from './request-source.ts'

const EMPTY = Buffer.alloc(0)

export class EnvironExchange implements Exchange, ResponseSink {
  readonly head: RequestHead
  readonly body: BodySource
  begun = false
  closed = false
  /** What the WSGI application returns; rejected with what the application behind it threw. */
  readonly result: Promise<WSGIBody>

  private readonly environ: Environ
  private readonly source: RequestSource
  private readonly startResponse: StartResponse
  private send: Write | undefined
  private readonly blocks: BlockQueue = new BlockQueue(() => this.over('client-gone'))
  private closing: Closing | undefined
  private status = 0
  private fields: Fields = []
  private switching = false
  private bytes = 0
  private listeners: ((closing: Closing) => void)[] = []
  private resolve!: (body: WSGIBody) => void
  private reject!: (error: unknown) => void

  constructor(environ: Environ, startResponse: StartResponse) {
    this.environ = environ
    this.startResponse = startResponse
    const source = this.source = environSource(environ)
    this.head = source.head
    this.body = source.body
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // Answered by somebody else: for the application there is nobody any more.
    source.onClose((closing?: Closing) => { if (!this.switching) this.over(closing?.cause ?? 'client-gone') })
  }

  get id(): string {
    return this.source.id
  }

  get peer(): Peer {
    return this.source.peer
  }

  get clientEnded(): boolean {
    return this.environ['pulsar.client_disconnected']()
  }

  /** What the application threw is its caller's to tell. */
  failed(error: unknown): void {
    this.reject(error)
    this.blocks.fail(error)
    this.over('application-error')
  }

  answer(status: string, fields: Fields, body: Uint8Array | readonly Uint8Array[] = []): void {
    if (this.closed) return
    this.start(status, fields)
    const blocks = body instanceof Uint8Array ? [body] : [...body]
    this.bytes = blocks.reduce((bytes, block) => bytes + block.length, 0)
    this.resolve(blocks)
    this.over(null)
  }

  begin(status: string, fields: Fields): ResponseSink {
    if (this.closed) return this
    this.send = this.start(status, fields)
    this.resolve(this.blocks)
    return this
  }

  informational(status: string, fields: Fields): void {
    this.source.informational(status, fields)
  }

  upgrade(status: string, fields: Fields): Duplex {
    this.switching = true
    try {
      const stream = this.source.upgrade(status, fields)
      this.begun = true
      this.resolve([])
      this.over(null)
      return stream
    } finally {
      this.switching = false
    }
  }

  fail(cause: CauseName, detail: string): void {
    if (this.closed) return
    // The server's own exchange, where no middleware stands for it.
    const outer = this.environ['pulsar.connection'] as Partial<Pick<Exchange, 'fail'>>
    if (outer.fail !== undefined) {
      outer.fail(cause, detail)
    } else if (!this.begun) {
      const { status, fields, body } = errorAnswer(cause, this.head)
      this.start(status, fields)
      this.resolve([body])
    }
    const error = new ExchangeClosed(cause, detail)
    this.resolve([])
    this.blocks.fail(error)
    this.over(cause)
  }

  onClientEnd(listener: () => void): void {
    this.source.onClientEnd?.(listener)
  }

  onClose(listener: (closing: Closing) => void): void {
    if (this.closing !== undefined) listener(this.closing)
    else this.listeners.push(listener)
  }

  // The answer's body -----------------------------------------------------------------------------------------------------------------

  write(bytes: Uint8Array): boolean {
    if (this.closed) return false
    this.bytes += bytes.length
    return this.blocks.put(bytes)
  }

  /** PEP 3333 keeps the head until there is a block; `force` is pulsar's addition. */
  flush(): void {
    if (this.bytes === 0) void this.send?.(EMPTY, true)
  }

  drained(): Promise<void> {
    return this.blocks.drained()
  }

  /** Trailers are not WSGI's: there is no way for them through middleware. */
  end(): void {
    if (this.closed) return
    this.over(null)
    this.blocks.end()
  }

  private start(status: string, fields: Fields): Write {
    if (this.begun) throw new Error('the answer has begun already')
    const send = this.startResponse(status, fields)
    this.begun = true
    this.status = Number(status.slice(0, 3))
    this.fields = fields
    return send
  }

  private over(cause: CauseName | null): void {
    if (this.closed) return
    this.closed = true
    const closing = this.closing = { cause, status: this.status, bytes: this.bytes, fields: this.fields, phases: null }
    if (cause !== null) {
      this.blocks.fail(new ExchangeClosed(cause, 'the exchange is over'))
      if (!this.begun) this.resolve([])
    }
    for (const listener of this.listeners.splice(0)) listener(closing)
  }
}
