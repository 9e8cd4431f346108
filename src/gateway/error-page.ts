/** The page of an answer that is an error: the server's own, or in place of what an application threw. */
import { fieldValue, type RequestHead } from '../http/request-head.ts'
import { prefersHtml } from '../http/accept.ts'
import { forbidsBody, statusLine } from '../http/statuses.ts'
import type { DebugFacts } from './debug-facts.ts'
import { debugHtml, debugPolicy } from './debug-page.ts'
import { debugText } from './debug-text.ts'
import type { Fields } from './exchange.ts'

export interface ErrorPageOptions {
  /** The code of the answer. */
  readonly status: number
  /** The request, as far as there is one: its Accept decides between HTML and plain text. */
  readonly head?: RequestHead
  /** What to show to a developer; without it the page says the status and nothing else. */
  readonly debug?: DebugFacts
}

export interface ErrorPage {
  /** Content-Type, and what else belongs to the page. */
  readonly fields: Fields
  /** UTF-8; empty where the status forbids a body. */
  readonly body: Uint8Array
}

const plainType = ['Content-Type', 'text/plain; charset=utf-8'] as const
const htmlType = ['Content-Type', 'text/html; charset=utf-8'] as const
/** The form depends on Accept, and a 404, 405, 410, 414 or 501 may be kept by caches (RFC 9110 section 15.1). */
const vary = ['Vary', 'Accept'] as const
const noStore = ['Cache-Control', 'no-store'] as const
const noSniff = ['X-Content-Type-Options', 'nosniff'] as const

const empty: ErrorPage = { fields: [], body: new Uint8Array(0) }
/** Pages without debug depend on the status alone. */
const plainPages = new Map<number, ErrorPage>()
const htmlPages = new Map<number, ErrorPage>()

/**
 * The page for a status: HTML where the client would rather have it than text, else plain text. Without `debug` it is the
 * status in words, so that nothing internal can be in it.
 * @throws {RangeError} for what is no status code
 */
export function errorPage(options: ErrorPageOptions): ErrorPage {
  const { status, head, debug } = options
  if (forbidsBody(status)) return empty
  const html = head !== undefined && prefersHtml(fieldValue(head.fields, 'accept'))
  if (debug !== undefined) return html ? debugHtmlPage(status, head, debug) : debugTextPage(status, head, debug)
  return html ? kept(htmlPages, status, plainHtmlPage) : kept(plainPages, status, plainTextPage)
}

function kept(pages: Map<number, ErrorPage>, status: number, make: (status: number) => ErrorPage): ErrorPage {
  const known = pages.get(status)
  if (known !== undefined) return known
  const page = make(status)
  pages.set(status, page)
  return page
}

function plainTextPage(status: number): ErrorPage {
  return { fields: [plainType, vary], body: Buffer.from(`${reason(status)}\n`) }
}

function plainHtmlPage(status: number): ErrorPage {
  const html =
    '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="color-scheme" content="light dark">\n' +
    `<title>${statusLine(status)}</title>\n<h1>${reason(status)}</h1>\n</html>\n`
  return { fields: [htmlType, vary], body: Buffer.from(html) }
}

function debugHtmlPage(status: number, head: RequestHead, debug: DebugFacts): ErrorPage {
  return {
    fields: [htmlType, vary, noStore, noSniff, ['Content-Security-Policy', debugPolicy()]],
    body: Buffer.from(debugHtml(statusLine(status), head, debug))
  }
}

function debugTextPage(status: number, head: RequestHead | undefined, debug: DebugFacts): ErrorPage {
  return { fields: [plainType, vary, noStore, noSniff], body: Buffer.from(debugText(statusLine(status), head, debug)) }
}

function reason(status: number): string {
  return statusLine(status).slice(4)
}
