/** The direct way back: a handler's response goes to its exchange. */
import { ExchangeClosed } from '../../http/exchange-closed.ts'
import { failedBy, reportOf, type FailureContext } from '../application-failure.ts'
import type { Exchange, ResponseSink } from '../exchange.ts'
import { Pace } from '../pace.ts'
import { checkedBytes, readAhead, type Reader } from './read-ahead.ts'
import { UnusableAuthority } from './request-url.ts'
import { partsOf } from './read-response.ts'
import type { ResponseParts } from './response-parts.ts'

/** Never throws. */
export function answerWith(exchange: Exchange, response: unknown, context: FailureContext): void {
  // Upgraded, timed out, or nobody there.
  if (exchange.closed) {
    dismiss(exchange, response, context)
    return
  }
  try {
    const parts = partsOf(response)
    const { status, fields, body } = parts
    if (body === null) exchange.answer(status, fields)
    else if (body instanceof Uint8Array) exchange.answer(status, fields, body)
    else stream(exchange, parts, body.getReader(), context).catch((error: unknown) => answerFailed(exchange, context, error))
  } catch (error) {
    answerFailed(exchange, context, error)
  }
}

/** What becomes of a request whose handler, or whose response's stream, failed. */
export function answerFailed(exchange: Exchange, context: FailureContext, error: unknown): void {
  // What the handler itself waited for with the request's signal.
  if (exchange.closed && error instanceof Error && error.name === 'AbortError') return
  if (error instanceof UnusableAuthority) exchange.fail('bad-host', error.message)
  else failedBy(exchange, context, error)
}

async function stream(exchange: Exchange, { status, fields }: ResponseParts, reader: Reader, context: FailureContext): Promise<void> {
  // Whatever ends the exchange ends the stream, also one that waits.
  exchange.onClose(({ cause }) => { void cancel(reader, exchange, context, new ExchangeClosed(cause ?? 'client-gone', 'nobody reads the answer any more')) })
  if (exchange.head.method === 'HEAD' || /^(?:204|205|304)/.test(status)) {
    exchange.begin(status, fields).end()
    return
  }
  const beginning = await readAhead(reader)
  if (exchange.closed) return
  if ('whole' in beginning) {
    exchange.answer(status, fields, beginning.whole)
    return
  }
  const sink = exchange.begin(status, fields)
  const pace = new Pace()
  await send(sink, beginning.first, pace)
  for (let next = beginning.next; !exchange.closed; next = reader.read()) {
    const { done, value } = await next
    if (done) {
      sink.end()
      return
    }
    await send(sink, checkedBytes(value), pace)
  }
}

function send(sink: ResponseSink, bytes: Uint8Array, pace: Pace): Promise<unknown> | undefined {
  if (bytes.length === 0) return undefined
  if (!sink.write(bytes)) return sink.drained().then(() => pace.restart())
  return pace.due() ? new Promise((resolve) => setImmediate(() => resolve(pace.restart()))) : undefined
}

async function cancel(reader: Reader, exchange: Exchange, context: FailureContext, reason: ExchangeClosed): Promise<void> {
  try {
    await reader.cancel(reason)
  } catch (error) {
    // A stream that has failed says so again.
    if (error !== reason && !(error instanceof ExchangeClosed)) reportOf(exchange, context, error)
  }
}

/** A response that nobody will read: its stream is told. */
function dismiss(exchange: Exchange, response: unknown, context: FailureContext): void {
  const { body } = (response ?? {}) as Partial<Response>
  if (!(body instanceof ReadableStream) || body.locked) return
  void cancel(body.getReader(), exchange, context, new ExchangeClosed('client-gone', 'nobody reads the answer any more'))
}
