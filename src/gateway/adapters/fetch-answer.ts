/** The direct way back: a handler's response goes to its exchange. */
import { failedBy, type FailureContext } from '../application-failure.ts'
import type { Exchange } from '../exchange.ts'
import { partsOf } from './read-response.ts'
import { UnusableAuthority } from './request-url.ts'
import { StreamedAnswer } from './streamed-answer.ts'

/** Never throws. */
export function answerWith(exchange: Exchange, response: unknown, context: FailureContext): void {
  try {
    // Upgraded, timed out, or nobody there.
    if (exchange.closed) {
      dismiss(exchange, response, context)
      return
    }
    const parts = partsOf(response)
    const { status, fields, body } = parts
    if (body === null) exchange.answer(status, fields)
    else if (body instanceof Uint8Array) exchange.answer(status, fields, body)
    else new StreamedAnswer(exchange, body, context).send(parts).catch((error: unknown) => answerFailed(exchange, context, error))
  } catch (error) {
    answerFailed(exchange, context, error)
  }
}

/** What becomes of a request whose handler, or whose response's stream, failed. */
export function answerFailed(exchange: Exchange, context: FailureContext, error: unknown): void {
  if (isGone(exchange, error)) {
    exchange.fail('client-gone', error.message)
  } else if (error instanceof UnusableAuthority) {
    exchange.fail('bad-host', error.message)
  } else {
    failedBy(exchange, context, error)
  }
}

/** What a handler that waits with the request's signal is stopped with: nobody's mistake. */
export function isGone({ closed, clientEnded }: Pick<Exchange, 'closed' | 'clientEnded'>, error: unknown): error is Error {
  return (closed || clientEnded) && error instanceof Error && error.name === 'AbortError'
}

/** A response that nobody will read: its stream is told. */
function dismiss(exchange: Exchange, response: unknown, context: FailureContext): void {
  const { body } = (response ?? {}) as Partial<Response>
  if (body instanceof ReadableStream && !body.locked) void new StreamedAnswer(exchange, body, context).cancel()
}
