/** An exchange on a fetch request: its answer is a Response. */
import type { Duplex } from 'node:stream'
import { causes, type CauseName } from '../../http/causes.ts'
import { ExchangeClosed } from '../../http/exchange-closed.ts'
import { fieldName } from '../../http/field-names.ts'
import { checkField, readLength, readStatus } from '../../http/h1/response-writer.ts'
import type { Peer } from '../../http/peer.ts'
import type { RequestHead } from '../../http/request-head.ts'
import { errorAnswer } from '../error-answer.ts'
import type { Closing, Exchange, Fields, ResponseSink } from '../exchange.ts'
import { newRequestId } from '../request-id.ts'
import { StreamBody } from './stream-body.ts'

const NOTHING = new Uint8Array(0)
const HOPS: ReadonlySet<string> = new Set(['hop', 'connection', 'transfer-encoding', 'upgrade'])

interface Head {
  readonly status: string
  readonly code: number
  readonly fields: [string, string][]
  /** The declared length; -1 without one. */
  readonly declared: number
  readonly bodiless: boolean
}

export class FetchExchange implements Exchange, ResponseSink {
  readonly id: string = newRequestId()
  readonly head: RequestHead
  readonly peer: Peer
  readonly body: StreamBody
  /** Rejects with an {@link ExchangeClosed} where nobody waits for it any more. */
  readonly response: Promise<Response>
  begun = false
  closed = false

  private resolve!: (response: Response) => void
  private reject!: (error: ExchangeClosed) => void
  private answerHead: Head | undefined
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined
  private readonly waiting: { readonly resolve: () => void, readonly reject: (error: ExchangeClosed) => void }[] = []
  private readonly listeners: ((closing: Closing) => void)[] = []
  private closing: Closing | undefined
  private bytes = 0

  constructor(request: Request, peer: Peer) {
    this.head = headOf(request)
    this.peer = peer
    const announced = request.headers.get('content-length')
    this.body = new StreamBody(request.body, announced !== null && /^\d{1,15}$/.test(announced) ? Number(announced) : null)
    this.response = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    if (request.signal.aborted) this.over('client-gone')
    else request.signal.addEventListener('abort', () => this.over('client-gone'), { once: true })
  }

  get clientEnded(): boolean {
    return this.closed && this.closing?.cause !== null
  }

  answer(status: string, fields: Fields, body: Uint8Array | readonly Uint8Array[] = NOTHING): void {
    const content = body instanceof Uint8Array ? body : Buffer.concat(body)
    if (this.head.method === 'HEAD') {
      const length: Fields = fields.some(([name]) => name.toLowerCase() === 'content-length') || content.length === 0 ? [] : [['Content-Length', String(content.length)]]
      this.begin(status, [...fields, ...length]).end()
      return
    }
    const sink = this.begin(status, fields)
    const head = this.answerHead
    if (head === undefined || this.closed) return
    if (head.declared > content.length || head.bodiless) {
      sink.write(content)
      sink.end()
      return
    }
    const whole = head.declared < 0 ? content : content.subarray(0, head.declared)
    this.bytes = whole.length
    this.resolve(new Response(whole.length === 0 ? null : new Uint8Array(whole), responseInit(head)))
    this.over(null)
  }

  begin(status: string, fields: Fields): ResponseSink {
    if (this.begun) throw new Error('the answer has begun already')
    const head = checkedHead(status, fields)
    if (this.closed) return this
    this.begun = true
    this.answerHead = this.head.method === 'HEAD' ? { ...head, bodiless: true } : head
    return this
  }

  write(bytes: Uint8Array): boolean {
    const { answerHead } = this
    if (this.closed || answerHead === undefined) return false
    if (bytes.length === 0 || answerHead.bodiless) return true
    // RFC 9112 section 6.3: what is beyond the length is not part of the answer.
    const content = answerHead.declared < 0 ? bytes : bytes.subarray(0, answerHead.declared - this.bytes)
    this.flush()
    this.bytes += content.length
    if (content.length > 0) this.controller?.enqueue(content)
    return this.taken
  }

  flush(): void {
    const { answerHead } = this
    if (this.closed || this.controller !== undefined || answerHead === undefined) return
    if (answerHead.bodiless) {
      this.resolve(new Response(null, responseInit(answerHead)))
      return
    }
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => { this.controller = controller },
      pull: () => { for (const { resolve } of this.waiting.splice(0)) resolve() },
      cancel: () => this.over('client-gone'),
    })
    this.resolve(new Response(body, responseInit(answerHead)))
  }

  drained(): Promise<void> {
    if (this.closed) return Promise.reject(this.ended())
    if (this.taken) return Promise.resolve()
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }))
  }

  /** Trailers have no place in a Response. */
  end(): void {
    const { answerHead } = this
    if (this.closed || answerHead === undefined) return
    if (!answerHead.bodiless && answerHead.declared > this.bytes) {
      this.flush()
      this.cut('short-answer', `${answerHead.declared - this.bytes} bytes are missing at the end`)
      return
    }
    this.flush()
    this.controller?.close()
    this.over(null)
  }

  /** The Fetch Standard has no interim answers. */
  informational(status: string, fields: Fields): void {
    if (this.begun) throw new Error('an interim answer after the final one has begun (RFC 9110 section 15.2)')
    for (const [name, value] of fields) checkField(name, value)
    readStatus(status)
  }

  upgrade(): Duplex {
    throw new Error('a fetch request cannot change the protocol')
  }

  fail(cause: CauseName, detail: string): void {
    if (this.closed) return
    if (this.begun || causes[cause].status === 0) {
      this.flush()
      this.cut(cause, detail)
      return
    }
    const { status, fields, body } = errorAnswer(cause, this.head)
    const head = this.answerHead = checkedHead(status, fields)
    this.begun = true
    this.bytes = body.length
    this.resolve(new Response(this.head.method === 'HEAD' ? null : new Uint8Array(body), responseInit(head)))
    this.over(cause)
  }

  onClose(listener: (closing: Closing) => void): void {
    if (this.closing !== undefined) listener(this.closing)
    else this.listeners.push(listener)
  }

  /** The reader of the stream has taken enough to go on. */
  private get taken(): boolean {
    return this.controller === undefined || (this.controller.desiredSize ?? 0) > 0
  }

  private cut(cause: CauseName, detail: string): void {
    this.controller?.error(new ExchangeClosed(cause, detail))
    this.over(cause)
  }

  private over(cause: CauseName | null): void {
    if (this.closed) return
    this.closed = true
    this.closing = { cause, status: this.answerHead?.code ?? 0, bytes: this.bytes, fields: this.answerHead?.fields ?? [], phases: null }
    // Nothing where a response was given already.
    this.reject(this.ended())
    for (const { reject } of this.waiting.splice(0)) reject(this.ended())
    for (const listener of this.listeners.splice(0)) listener(this.closing)
  }

  private ended(): ExchangeClosed {
    return new ExchangeClosed(this.closing?.cause ?? 'client-gone', 'the exchange is over')
  }
}

function headOf(request: Request): RequestHead {
  const { host, pathname, search, protocol } = new URL(request.url)
  const fields: string[] = []
  for (const [name, value] of request.headers) fields.push(name, value)
  if (!request.headers.has('host')) fields.unshift('host', host)
  return {
    method: request.method, target: pathname + search, path: pathname, query: search.slice(1), fields, version: '1.1',
    scheme: protocol === 'https:' ? 'https' : 'http', authority: request.headers.get('host') ?? host,
  }
}

/** @throws {TypeError} for what could not go on a wire */
function checkedHead(status: string, fields: Fields): Head {
  const { code, bodiless } = readStatus(status)
  if (code < 200) throw new TypeError(`status ${status} is an interim one: it cannot be the answer (RFC 9110 section 15.2)`)
  let declared = -1
  const kept: [string, string][] = []
  for (const [name, value] of fields) {
    const role = checkField(name, value)
    if (role === 'content-length') declared = readLength(value, declared)
    if (!HOPS.has(role)) kept.push([fieldName(name)?.name ?? name, value])
  }
  return { status, code, fields: kept, declared, bodiless }
}

const responseInit = ({ code, status, fields }: Head): ResponseInit => ({ status: code, statusText: status.slice(4), headers: fields })
