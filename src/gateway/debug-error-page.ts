/** The page that tells a developer what an application threw. Loaded when the first is needed: not in production. */
import { forbidsBody, statusLine } from '../http/statuses.ts'
import type { DebugFacts } from './debug-facts.ts'
import { debugHtml, debugPolicy } from './debug-page.ts'
import { debugText } from './debug-text.ts'
import { errorPage, htmlType, plainType, vary, wantsHtml, type ErrorPage, type ErrorPageOptions } from './error-page.ts'

export interface DebugErrorPageOptions extends ErrorPageOptions {
  /** What to show. */
  readonly debug: DebugFacts
}

const noStore = ['Cache-Control', 'no-store'] as const
const noSniff = ['X-Content-Type-Options', 'nosniff'] as const

/**
 * As errorPage(), with the error, the request and the environ, secrets masked.
 * @throws {RangeError} for what is no status code
 */
export function debugErrorPage(options: DebugErrorPageOptions): ErrorPage {
  const { status, head, debug } = options
  if (forbidsBody(status)) return errorPage(options)
  const line = statusLine(status)
  if (head === undefined || !wantsHtml(options)) {
    return { fields: [plainType, vary, noStore, noSniff], body: Buffer.from(debugText(line, head, debug)) }
  }
  return {
    fields: [htmlType, vary, noStore, noSniff, ['Content-Security-Policy', debugPolicy()]],
    body: Buffer.from(debugHtml(line, head, debug)),
  }
}
