import type { CauseName } from './causes.ts'
import type { RequestHead } from './request-head.ts'

/** What an answer can begin on, on whatever wire. */
interface Unanswered {
  readonly head: RequestHead
  readonly begun: boolean
  readonly closed: boolean
  fail(cause: CauseName, detail: string): void
}

/**
 * True where an answer may begin; false where nobody waits for one any more, or this one cannot be.
 * @throws {Error} where an answer has begun
 */
export function mayAnswer(exchange: Unanswered, status: string): boolean {
  if (exchange.begun) throw new Error('the answer has begun already')
  if (exchange.closed) return false
  // RFC 9110 section 9.3.6: any 2xx to a CONNECT opens a tunnel, so an application that knows nothing of tunnels must not give one.
  if (exchange.head.method !== 'CONNECT' || !status.startsWith('2')) return true
  exchange.fail('connect-refused', `the application answered CONNECT with ${status} and did not take the connection over`)
  return false
}
