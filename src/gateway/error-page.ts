/** The page of an answer that is an error: the status in words, and nothing internal. For a developer: debug-error-page.ts. */
import { fieldValue, type RequestHead } from '../http/request-head.ts'
import { prefersHtml } from '../http/accept.ts'
import { forbidsBody, statusLine, statusText } from '../http/statuses.ts'
import type { Fields } from './exchange.ts'
import { escapeHtml } from './html-text.ts'

export interface ErrorPageOptions {
  /** The code of the answer. */
  readonly status: number
  /** The request, as far as there is one: its Accept decides between HTML and plain text. */
  readonly head?: RequestHead
}

export interface ErrorPage {
  /** Content-Type, and what else belongs to the page. */
  readonly fields: Fields
  /** UTF-8; empty where the status forbids a body. */
  readonly body: Uint8Array
}

export const plainType = ['Content-Type', 'text/plain; charset=utf-8'] as const
export const htmlType = ['Content-Type', 'text/html; charset=utf-8'] as const
/** The form depends on Accept, and a 404, 405, 410, 414 or 501 may be kept by caches (RFC 9110 section 15.1). */
export const vary = ['Vary', 'Accept'] as const

const empty: ErrorPage = { fields: [], body: new Uint8Array(0) }
/** Pages depend on the status alone. */
const plainPages = new Map<number, ErrorPage>()
const htmlPages = new Map<number, ErrorPage>()

/**
 * The page for a status: HTML where the client would rather have it than text, else plain text.
 * @throws {RangeError} for what is no status code
 */
export function errorPage(options: ErrorPageOptions): ErrorPage {
  const { status } = options
  if (forbidsBody(status)) return empty
  return wantsHtml(options) ? kept(htmlPages, status, htmlErrorPage) : kept(plainPages, status, plainTextPage)
}

/** What the request's Accept says. */
export function wantsHtml({ head }: ErrorPageOptions): boolean {
  return head !== undefined && prefersHtml(fieldValue(head.fields, 'accept'))
}

function kept(pages: Map<number, ErrorPage>, status: number, make: (code: number) => ErrorPage): ErrorPage {
  const known = pages.get(status)
  if (known !== undefined) return known
  const page = make(status)
  pages.set(status, page)
  return page
}

function plainTextPage(status: number): ErrorPage {
  return { fields: [plainType, vary], body: Buffer.from(`${statusText(status)}\n`) }
}

const style = 'body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:18vh auto;padding:0 1.5rem;overflow-wrap:break-word}' +
  'b{opacity:.6;letter-spacing:.1em}h1{font-size:2rem;line-height:1.2;margin:.2em 0 .6em}p{margin:0;white-space:pre-wrap}'

/** The page with a message, as text, below the status. It needs nothing from elsewhere. */
export function htmlErrorPage(status: number, message?: string): ErrorPage {
  const html =
    '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n' +
    `<meta name="color-scheme" content="light dark">\n<title>${statusLine(status)}</title>\n<style>${style}</style>\n` +
    `<b>${status}</b>\n<h1>${statusText(status)}</h1>\n${message === undefined ? '' : `<p>${escapeHtml(message)}</p>\n`}</html>\n`
  return { fields: [htmlType, vary], body: Buffer.from(html) }
}
