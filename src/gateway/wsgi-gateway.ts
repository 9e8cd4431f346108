/** Calls a WSGI application for an exchange (PEP 3333, "The Server/Gateway Side"), and pulsar's asynchronous superset of it. */
import type { Settings } from '../config/settings.ts'
import type { Events } from '../events.ts'
import { ExchangeClosed } from '../http/exchange-closed.ts'
import { failedBy, reportOf } from './application-failure.ts'
import { buildEnviron, type EnvironConstants } from './environ.ts'
import type { Exchange, Gateway } from './exchange.ts'
import { FileWrapper, sendWrapped } from './file-wrapper.ts'
import { Pace } from './pace.ts'
import { RequestErrors } from './request-errors.ts'
import { Answer } from './start-response.ts'
import type { Bytes, Environ, WSGIApplication, WSGIBody } from './wsgi.ts'

export interface WsgiGatewayOptions {
  readonly settings: Settings
  readonly events: Events
  /** Other processes call the same application: `wsgi.multiprocess`. */
  readonly multiprocess: boolean
}

export function wsgiGateway(application: WSGIApplication, options: WsgiGatewayOptions): Gateway {
  const { events } = options
  const constants: EnvironConstants = {
    settings: options.settings, multiprocess: options.multiprocess,
    errorsOf: ({ id }) => new RequestErrors(events, id),
  }
  const dropped = new Set<string>()
  const hopDropped = (name: string): void => {
    const lower = name.toLowerCase()
    if (dropped.has(lower)) return
    dropped.add(lower)
    events.publish('warning', { text: `the application's header ${name} is hop-by-hop and not sent (PEP 3333); said once` })
  }
  return (exchange) => {
    const call = new WsgiCall(exchange, options, hopDropped)
    call.run(application, constants)
  }
}

class WsgiCall {
  private readonly exchange: Exchange
  private readonly options: WsgiGatewayOptions
  private readonly answer: Answer
  private environ: Environ | undefined

  constructor(exchange: Exchange, options: WsgiGatewayOptions, hopDropped: (name: string) => void) {
    this.exchange = exchange
    this.options = options
    this.answer = new Answer(exchange, hopDropped)
  }

  run(application: WSGIApplication, constants: EnvironConstants): void {
    let result: WSGIBody | PromiseLike<WSGIBody>
    try {
      this.environ = buildEnviron(this.exchange, constants)
      result = application(this.environ, this.answer.startResponse)
    } catch (error) {
      this.crash(error)
      return
    }
    if (isThenable(result)) result.then((body) => this.deliver(body), (error: unknown) => this.crash(error))
    else this.deliver(result)
  }

  private deliver(body: WSGIBody): void {
    if (Array.isArray(body) && this.answer.sink === null && body.every(isBytes)) {
      this.deliverList(body)
      return
    }
    // A promise that is rejected before its turn is an error at its turn: without this it would end the process.
    if (Array.isArray(body)) for (const block of body) if (block instanceof Promise) block.catch(() => undefined)
    this.iterate(body).catch((error: unknown) => this.crash(error)).finally(() => this.close(body))
  }

  /** All of the body is there: one answer, with its length (PEP 3333, "Handling the Content-Length Header"). */
  private deliverList(blocks: readonly Bytes[] & { close?(): unknown }): void {
    try {
      this.answerWhole(blocks.length === 1 ? (blocks[0] as Bytes) : blocks)
    } catch (error) {
      this.crash(error)
    }
    if (blocks.close !== undefined) this.close(blocks)
  }

  private answerWhole(content: Bytes | readonly Bytes[]): void {
    const { answer, exchange } = this
    // Upgraded, timed out, or nobody there: no answer is wanted any more.
    if (exchange.closed) return
    if (!answer.started) throw notStarted()
    exchange.answer(answer.status, answer.fields, content)
    if (answer.declared < 0) return
    answer.bytes = isBytes(content) ? content.length : content.reduce((bytes, block) => bytes + block.length, 0)
    this.checkLength()
  }

  private async iterate(body: WSGIBody): Promise<void> {
    const { answer, exchange } = this
    if (body instanceof FileWrapper && answer.sink === null && answer.started) {
      const sent = sendWrapped(exchange, body, answer)
      if (sent !== null) {
        await sent
        return
      }
    }
    const iterator = iteratorOf(body)
    let gone: Gone | undefined
    const present = <T>(work: PromiseLike<T>): Promise<T | undefined> => (gone ??= new Gone(exchange, (error) => this.late(error))).or(work)
    const pace = new Pace()
    while (!exchange.closed) {
      const next = iterator.next()
      const step = isThenable(next) ? await present(next) : next
      if (step === undefined) break
      if (step.done === true) {
        this.end()
        return
      }
      let more: boolean
      try {
        const block = isThenable(step.value) ? await present(step.value) : step.value
        more = await this.send(block, pace)
      } catch (error) {
        this.abandon(iterator)
        throw error
      }
      if (!more) {
        this.abandon(iterator)
        this.end()
        return
      }
    }
    this.abandon(iterator)
  }

  /** False where nothing that could still come would be sent. */
  private send(block: unknown, pace: Pace): boolean | Promise<boolean> {
    const { answer, exchange } = this
    if (exchange.closed) return true
    if (!isBytes(block)) throw new TypeError(`a block of the body is ${describe(block)}, not bytes (PEP 3333, "Buffering and Streaming")`)
    // PEP 3333, "Buffering and Streaming": headers leave with the first block that is not empty.
    if (block.length === 0) return true
    const sink = answer.open()
    answer.bytes += block.length
    const writable = sink.write(block)
    if (exchange.head.method === 'HEAD' || answer.bodiless || (answer.declared >= 0 && answer.bytes > answer.declared)) return false
    if (!writable) return sink.drained().then(() => pace.restart())
    return pace.due() ? new Promise((resolve) => setImmediate(() => resolve(pace.restart()))) : true
  }

  /** A generator's `finally` runs; in one that still waits for something, when that comes. */
  private abandon(iterator: BodyIterator): void {
    try {
      const ended = iterator.return?.()
      if (isThenable(ended)) ended.then(undefined, (error: unknown) => this.late(error))
    } catch (error) {
      this.late(error)
    }
  }

  /** An error that comes when nobody waits for the answer any more; that the client has gone is none. */
  private late(error: unknown): void {
    if (!(error instanceof ExchangeClosed)) this.report(error)
  }

  private end(): void {
    const { answer, exchange } = this
    if (exchange.closed) return
    if (answer.sink !== null) {
      this.checkLength()
      answer.sink.end()
    } else if (!answer.started) {
      throw notStarted()
    } else if (exchange.head.method === 'HEAD') {
      exchange.begin(answer.status, answer.fields).end()
    } else {
      this.answerWhole(Buffer.alloc(0))
    }
  }

  /** PEP 3333, "Handling the Content-Length Header": neither more nor less; the exchange keeps the connection in step. */
  private checkLength(): void {
    const { answer, exchange } = this
    const { method } = exchange.head
    if (answer.declared < 0 || answer.bytes === answer.declared || method === 'HEAD' || answer.bodiless) return
    const relation = answer.bytes > answer.declared ? 'longer' : 'shorter'
    this.report(new Error(`the body is ${relation} than its Content-Length: ${answer.bytes} bytes or more, ${answer.declared} declared`))
  }

  private crash(error: unknown): void {
    failedBy(this.exchange, this.options, error, this.environ)
  }

  private report(error: unknown): void {
    reportOf(this.exchange, this.options, error)
  }

  /** PEP 3333, "Specification Details": close() is called whatever happened, once. */
  private close(body: WSGIBody): void {
    try {
      const closed = body?.close?.()
      if (isThenable(closed)) closed.then(undefined, (error: unknown) => this.report(error))
    } catch (error) {
      this.report(error)
    }
  }
}

/** Waits for the application, but not longer than for the client. */
class Gone {
  private readonly late: (error: unknown) => void
  private wake: (() => void) | undefined

  constructor(exchange: Exchange, late: (error: unknown) => void) {
    this.late = late
    exchange.onClose(() => this.wake?.())
  }

  /** Undefined where the client goes first. (Not Promise.race, which would keep every promise that ever took part.) */
  or<T>(work: PromiseLike<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.wake = () => {
        this.wake = undefined
        resolve(undefined)
      }
      work.then(resolve, (error: unknown) => {
        if (this.wake === undefined) this.late(error)
        else reject(error)
      })
    })
  }
}

type BodyIterator = Iterator<unknown> | AsyncIterator<unknown>

function iteratorOf(body: WSGIBody): BodyIterator {
  const candidate = body as Partial<AsyncIterable<unknown> & Iterable<unknown>> | null | undefined
  if (typeof body === 'string' || isBytes(body) || candidate === null || candidate === undefined) throw notIterable(body)
  const asynchronous = candidate[Symbol.asyncIterator]
  if (typeof asynchronous === 'function') return asynchronous.call(candidate)
  const synchronous = candidate[Symbol.iterator]
  if (typeof synchronous === 'function') return synchronous.call(candidate)
  throw notIterable(body)
}

const isBytes = (value: unknown): value is Bytes => value instanceof Uint8Array

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

const notStarted = (): Error => new Error('the application did not call startResponse() (PEP 3333, "The start_response() Callable")')

const notIterable = (body: unknown): TypeError =>
  new TypeError(`the application returned ${describe(body)}, not an iterable of bytes (PEP 3333, "The Application/Framework Side")`)

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (isBytes(value)) return 'bytes'
  if (typeof value === 'string') return 'a string'
  return typeof value === 'object' ? `an object (${value.constructor?.name ?? 'without a prototype'})` : `a ${typeof value}`
}
