/** A response's stream on its way to the client, as fast as the client takes it. */
import { ExchangeClosed } from '../../http/exchange-closed.ts'
import { reportOf, type FailureContext } from '../application-failure.ts'
import type { Exchange, ResponseSink } from '../exchange.ts'
import { Pace } from '../pace.ts'
import { checkedBytes, readAhead, type Reader } from './read-ahead.ts'
import type { ResponseParts } from './response-parts.ts'

/** Statuses without a body (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5). */
const BODILESS = /^(?:204|205|304)/

/**
 * How long a client that has ended its side may wait for the next block, in milliseconds. It may have said all that it has to say;
 * most often it has gone, and nothing tells before something is sent.
 */
const SILENCE = 2000

export class StreamedAnswer {
  private readonly exchange: Exchange
  private readonly reader: Reader
  private readonly context: FailureContext
  private readonly pace = new Pace()
  private state: 'waiting' | 'sending' | 'over' = 'sending'
  private timer: NodeJS.Timeout | undefined

  constructor(exchange: Exchange, stream: ReadableStream<Uint8Array>, context: FailureContext) {
    this.exchange = exchange
    this.reader = stream.getReader()
    this.context = context
  }

  /** @throws (a rejection) what the stream fails with */
  async send(parts: ResponseParts): Promise<void> {
    // Whatever ends the exchange ends the stream, also one that waits.
    this.exchange.onClose(() => { if (this.state !== 'over') void this.cancel() })
    this.exchange.onClientEnd?.(() => this.watch())
    try {
      await this.pump(parts)
    } finally {
      this.state = 'over'
    }
  }

  /** Nobody reads the stream any more. */
  async cancel(): Promise<void> {
    this.state = 'over'
    try {
      await this.reader.cancel(new ExchangeClosed('client-gone', 'nobody reads the answer any more'))
    } catch (error) {
      if (!(error instanceof ExchangeClosed)) reportOf(this.exchange, this.context, error)
    }
  }

  private async pump({ status, fields }: ResponseParts): Promise<void> {
    const { exchange, reader } = this
    if (exchange.head.method === 'HEAD' || BODILESS.test(status)) {
      exchange.begin(status, fields).end()
      return
    }
    const beginning = await this.awaited(readAhead(reader))
    if (exchange.closed) return
    if ('whole' in beginning) {
      this.state = 'over'
      exchange.answer(status, fields, beginning.whole)
      return
    }
    const sink = exchange.begin(status, fields)
    await this.write(sink, beginning.first)
    for (let next = beginning.next; !exchange.closed; next = reader.read()) {
      const { done, value } = await this.awaited(next)
      if (exchange.closed) return
      if (done) {
        this.state = 'over'
        sink.end()
        return
      }
      await this.write(sink, checkedBytes(value))
    }
  }

  private write(sink: ResponseSink, bytes: Uint8Array): Promise<unknown> | undefined {
    if (bytes.length === 0) return undefined
    if (!sink.write(bytes)) return sink.drained().then(() => this.pace.restart())
    return this.pace.due() ? new Promise((resolve) => setImmediate(() => resolve(this.pace.restart()))) : undefined
  }

  private async awaited<T>(block: Promise<T>): Promise<T> {
    this.state = 'waiting'
    if (this.exchange.clientEnded) this.watch()
    try {
      return await block
    } finally {
      if (this.state === 'waiting') this.state = 'sending'
      clearTimeout(this.timer)
      this.timer = undefined
    }
  }

  private watch(): void {
    if (this.state !== 'waiting' || this.exchange.closed) return
    const detail = `the client has ended its side, and for ${SILENCE / 1000} s there was nothing to send`
    this.timer ??= setTimeout(() => this.exchange.fail('client-gone', detail), SILENCE)
  }
}
