/** What becomes of a request whose application threw, whatever its kind. */
import type { Settings } from '../config/settings.ts'
import type { Events } from '../events.ts'
import { ExchangeClosed } from '../http/exchange-closed.ts'
import type { Exchange } from './exchange.ts'
import type { Environ } from './wsgi.ts'

export interface FailureContext {
  readonly settings: Settings
  readonly events: Events
}

/** The error goes to the log whole, and to the client as a bare status, or with `debug` as a page. */
export function failedBy(exchange: Exchange, context: FailureContext, error: unknown, environ?: Environ): void {
  // The client went away while the application waited for it: nobody's mistake.
  if (error instanceof ExchangeClosed && (exchange.closed || exchange.clientEnded)) {
    exchange.fail(error.reason, error.message)
    return
  }
  reportOf(exchange, context, error)
  if (exchange.closed) return
  if (!context.settings.debug || exchange.begun) {
    exchange.fail('application-error', error instanceof Error ? `${error.name}: ${error.message}` : String(error))
    return
  }
  showError(exchange, error, environ).catch((failure: unknown) => exchange.fail('application-error', String(failure)))
}

/** Says what went wrong, where the answer is not concerned. */
export function reportOf({ head, peer, id }: Pick<Exchange, 'head' | 'peer' | 'id'>, { events }: FailureContext, error: unknown): void {
  events.publish('applicationError', { error, peer, head, id })
}

async function showError(exchange: Exchange, error: unknown, environ: Environ | undefined): Promise<void> {
  const { debugErrorPage } = await import('./debug-error-page.ts')
  if (exchange.closed || exchange.begun) return
  const page = debugErrorPage({ status: 500, head: exchange.head, debug: { error, environ: environ ?? {} } })
  exchange.answer('500 Internal Server Error', page.fields, page.body)
}
