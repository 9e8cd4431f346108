/** An exchange without a wire: keeps what was answered, and plays a fast, a slow or a vanished client. */
import { Duplex } from 'node:stream'
import { causes, type CauseName } from '../../src/http/causes.ts'
import { ExchangeClosed } from '../../src/http/exchange-closed.ts'
import { checkField, readStatus } from '../../src/http/h1/response-writer.ts'
import type { Peer } from '../../src/http/peer.ts'
import type { PhaseTimes } from '../../src/http/phases.ts'
import type { FieldLines, RequestHead } from '../../src/http/request-head.ts'
import type { BodySource, Closing, Exchange, Fields, ResponseSink } from '../../src/gateway/exchange.ts'

export interface RecordingOptions {
  readonly method?: string
  readonly target?: string
  /** Field lines of the request, flat. */
  readonly fields?: FieldLines
  readonly head?: Partial<RequestHead>
  readonly peer?: Partial<Peer>
  /** The request's body, piece by piece. */
  readonly body?: readonly Uint8Array[]
  /** The body's length as announced: what its pieces sum up to by default, null for a chunked one. */
  readonly bodyLength?: number | null
  readonly trailers?: FieldLines
  /** Bytes that the client lets wait before write() says no; none without it: the client is fast. */
  readonly highWater?: number
  /** `turn`, the default: a slow client takes all that waits in the next turn of the loop; `asked`: when take() is called. */
  readonly takes?: 'turn' | 'asked'
}

export interface Failure {
  readonly cause: CauseName
  readonly detail: string
}

export class RecordingExchange implements Exchange, ResponseSink {
  readonly id: string = 'recorded-1'
  readonly head: RequestHead
  readonly peer: Peer
  readonly body: BodySource
  begun = false
  closed = false
  clientEnded = false
  times: PhaseTimes | undefined

  /** The answer's status as given; empty where there was none. */
  status = ''
  fields: Fields = []
  /** What the client got of the body, write by write: nothing for HEAD, 204 and 304, nothing beyond Content-Length. */
  readonly pieces: Uint8Array[] = []
  trailers: Fields = []
  readonly interim: { readonly status: string; readonly fields: Fields }[] = []
  failure: Failure | undefined
  closing: Closing | undefined
  /** Resolves with how the exchange ended. */
  readonly over: Promise<Closing>
  /** True where the answer came in one call of answer(). */
  atOnce = false
  /** The most that ever waited for the client, in bytes. */
  mostWaiting = 0
  /** What was written to an upgraded connection; its stream takes push() for what the client sends. */
  readonly upgraded: Uint8Array[] = []

  #waiting = 0
  #left: number | null = null
  #bodiless = false
  #drains: { resolve: () => void; reject: (error: Error) => void }[] = []
  #listeners: ((closing: Closing) => void)[] = []
  readonly #options: RecordingOptions

  constructor(options: RecordingOptions = {}) {
    this.#options = options
    this.head = headOf(options)
    this.peer = {
      remoteAddress: '127.0.0.1',
      remotePort: 50000,
      localAddress: '127.0.0.1',
      localPort: 8060,
      encrypted: false,
      ...options.peer
    }
    this.body = new RecordedBody(options, () => (this.closed ? (this.closing?.cause ?? 'client-gone') : null))
    this.over = new Promise((resolve) => this.onClose(resolve))
  }

  answer(status: string, fields: Fields, content: Uint8Array | readonly Uint8Array[] = new Uint8Array(0)): void {
    const body = content instanceof Uint8Array ? content : Buffer.concat(content)
    if (!this.#start(status, fields)) return
    this.atOnce = true
    this.#left ??= this.#bodiless ? null : body.length
    this.#record(body)
    this.#finish()
  }

  begin(status: string, fields: Fields): ResponseSink {
    this.#start(status, fields)
    return this
  }

  write(bytes: Uint8Array): boolean {
    if (this.closed) return false
    this.#record(bytes)
    const { highWater = Infinity, takes = 'turn' } = this.#options
    if (this.#waiting <= highWater) return true
    if (takes === 'turn') setImmediate(() => this.take())
    return false
  }

  /** What is recorded of a head is recorded when it begins. */
  flush(): void {}

  drained(): Promise<void> {
    if (this.closed) return Promise.reject(new ExchangeClosed(this.closing?.cause ?? 'client-gone', 'the exchange is over'))
    if (this.#waiting <= (this.#options.highWater ?? Infinity)) return Promise.resolve()
    return new Promise((resolve, reject) => this.#drains.push({ resolve, reject }))
  }

  end(trailers: Fields = []): void {
    if (this.closed) return
    for (const [name, value] of trailers) checkField(name, value)
    this.trailers = trailers
    this.#finish()
  }

  informational(status: string, fields: Fields): void {
    if (this.begun) throw new Error('an interim answer after the final one has begun')
    for (const [name, value] of fields) checkField(name, value)
    if (readStatus(status).code >= 200) throw new TypeError(`${status} is not an interim status`)
    if (this.head.version !== '1.0') this.interim.push({ status, fields })
  }

  upgrade(status: string, fields: Fields): Duplex {
    if (!this.#start(status, fields)) throw new ExchangeClosed('client-gone', 'the exchange is over')
    const { upgraded } = this
    this.#over(null)
    return new Duplex({
      read: () => undefined,
      write: (chunk: Uint8Array, _encoding, done) => {
        upgraded.push(chunk)
        done()
      }
    })
  }

  fail(cause: CauseName, detail: string): void {
    if (this.closed) return
    this.failure = { cause, detail }
    if (!this.begun && causes[cause].status !== 0) this.status = String(causes[cause].status)
    this.#over(cause)
  }

  onClose(listener: (closing: Closing) => void): void {
    if (this.closing !== undefined) listener(this.closing)
    else this.#listeners.push(listener)
  }

  /** The client takes all that waits. */
  take(): void {
    this.#waiting = 0
    const drains = this.#drains
    this.#drains = []
    for (const { resolve } of drains) resolve()
  }

  /** The client goes away. */
  vanish(cause: CauseName = 'client-gone'): void {
    this.clientEnded = true
    this.#over(cause)
  }

  /** The body so far. */
  get content(): Buffer {
    return Buffer.concat(this.pieces)
  }

  /** The values of a field of the answer. */
  values(name: string): string[] {
    return this.fields.filter(([candidate]) => candidate.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
  }

  #start(status: string, fields: Fields): boolean {
    if (this.begun) throw new Error('the answer has begun already')
    if (this.closed) return false
    const { code, bodiless } = readStatus(status)
    for (const [name, value] of fields) checkField(name, value)
    this.begun = true
    this.times?.begin()
    this.status = status
    this.fields = fields
    this.#bodiless = bodiless || this.head.method === 'HEAD'
    const declared = this.values('content-length')
    if (new Set(declared).size > 1) throw new TypeError(`several Content-Length in the answer ${code}`)
    if (declared[0] !== undefined && !this.#bodiless) this.#left = Number(declared[0])
    return true
  }

  /** Keeps the bytes themselves, as a wire does: whoever writes over them afterwards is found out. */
  #record(bytes: Uint8Array): void {
    const kept = this.#bodiless ? bytes.subarray(0, 0) : bytes.subarray(0, this.#left ?? bytes.length)
    if (this.#left !== null) this.#left -= kept.length
    if (kept.length === 0) return
    this.pieces.push(kept)
    this.#waiting += kept.length
    this.mostWaiting = Math.max(this.mostWaiting, this.#waiting)
  }

  #finish(): void {
    if (this.#left === null || this.#left === 0) this.#over(null)
    else this.fail('short-answer', `${this.#left} bytes are missing at the end`)
  }

  #over(cause: CauseName | null): void {
    if (this.closed) return
    this.closed = true
    this.times?.end()
    const bytes = this.pieces.reduce((sum, piece) => sum + piece.length, 0)
    const status = this.status === '' ? 0 : Number(this.status.slice(0, 3))
    this.closing = { cause, status, bytes, fields: this.fields, phases: this.times ?? null }
    for (const { reject } of this.#drains) reject(new ExchangeClosed(cause ?? 'client-gone', 'the exchange is over'))
    this.#drains = []
    for (const listener of this.#listeners) listener(this.closing)
  }
}

function headOf(options: RecordingOptions): RequestHead {
  const { method = 'GET', target = '/', fields = [] } = options
  const question = target.indexOf('?')
  return {
    method,
    target,
    fields,
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? '' : target.slice(question + 1),
    version: '1.1',
    scheme: 'http',
    authority: 'example.org',
    ...options.head
  }
}

class RecordedBody implements BodySource {
  readonly length: number | null
  /** How often somebody asked for more. */
  pulls = 0
  trailers: FieldLines = []
  readonly #pieces: Uint8Array[]
  readonly #trailers: FieldLines
  readonly #ended: () => CauseName | null

  constructor(options: RecordingOptions, ended: () => CauseName | null) {
    this.#pieces = [...(options.body ?? [])]
    this.#trailers = options.trailers ?? []
    this.#ended = ended
    this.length =
      options.bodyLength === undefined ? this.#pieces.reduce((sum, piece) => sum + piece.length, 0) : options.bodyLength
  }

  pull(size: number = Number.POSITIVE_INFINITY): Uint8Array | null | Promise<Uint8Array | null> {
    this.pulls++
    const cause = this.#ended()
    if (cause !== null) return Promise.reject(new ExchangeClosed(cause, 'the exchange is over'))
    const [first] = this.#pieces
    if (first === undefined) {
      this.trailers = this.#trailers
      return null
    }
    if (size === Number.POSITIVE_INFINITY) return this.#pieces.shift() ?? null
    const all = Buffer.concat(this.#pieces.splice(0))
    if (all.length > size) this.#pieces.push(all.subarray(size))
    return all.subarray(0, size)
  }
}
