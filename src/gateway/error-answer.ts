/** The server's own answer for a cause of the table. */
import { causes, type CauseName } from '../http/causes.ts'
import type { ErrorAnswer } from '../http/h1/exchange.ts'
import type { RequestHead } from '../http/request-head.ts'
import { statusLine } from '../http/statuses.ts'
import { errorPage } from './error-page.ts'

/** What `Retry-After` asks for, in seconds. */
const RETRY_AFTER = '1'

/** @param head the request, as far as there is one */
export function errorAnswer(cause: CauseName, head: RequestHead | null): ErrorAnswer {
  const { status } = causes[cause]
  const page = errorPage(head === null ? { status } : { status, head })
  // RFC 9110 section 15.6.4.
  const fields = status === 503 ? [...page.fields, ['Retry-After', RETRY_AFTER] as const] : page.fields
  return { status: statusLine(status), fields, body: page.body }
}
