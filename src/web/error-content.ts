/** What stands in the answer to an error: HTML, JSON or plain text. */
import { debugErrorPage } from '../gateway/debug-error-page.ts'
import { debugText } from '../gateway/debug-text.ts'
import { errorPage, htmlErrorPage, type ErrorPage } from '../gateway/error-page.ts'
import type { Environ } from '../gateway/wsgi.ts'
import { preference } from '../http/accept.ts'
import type { RequestHead } from '../http/request-head.ts'
import { forbidsBody, statusLine, statusText } from '../http/statuses.ts'
import type { HttpError } from './http-error.ts'
import { WsgiRequest } from './request.ts'

type Form = 'text/html' | 'application/json' | 'text/plain'

/** The form depends on Accept, and some of these answers may be kept by caches (RFC 9110 section 15.1). */
const vary = ['Vary', 'Accept'] as const
const nothing: ErrorPage = { fields: [], body: new Uint8Array(0) }

/** With `debug` on and for what a server did wrong it is the gateway's debug page, else the status and what the client may know. */
export function errorContent(environ: Environ, error: HttpError): ErrorPage {
  const { status } = error
  if (status < 400 || forbidsBody(status)) return nothing
  const form = formOf(environ)
  const debug = environ['pulsar.cfg'].debug && status >= 500
  const message = error.expose ? error.message : statusText(status)
  if (debug) return debugContent(environ, error, form)
  if (form === 'application/json') return jsonContent(status, message)
  if (message === statusText(status)) return errorPage({ status, head: headOf(environ, form) })
  return form === 'text/html' ? htmlErrorPage(status, message) : plainContent(message)
}

function debugContent(environ: Environ, error: HttpError, form: Form): ErrorPage {
  const facts = { error: error.name === 'HttpError' && error.cause !== undefined ? error.cause : error, environ }
  const head = headOf(environ, form)
  if (form !== 'application/json') return debugErrorPage({ status: error.status, head, debug: facts })
  const lines = debugText(statusLine(error.status), head, facts).trimEnd().split('\n')
  const { fields, body } = jsonContent(error.status, lines)
  return { fields: [...fields, ['Cache-Control', 'no-store']], body }
}

function jsonContent(status: number, message: string | readonly string[]): ErrorPage {
  return { fields: [['Content-Type', 'application/json'], vary], body: Buffer.from(JSON.stringify({ status, message })) }
}

function plainContent(message: string): ErrorPage {
  return { fields: [['Content-Type', 'text/plain; charset=utf-8'], vary], body: Buffer.from(`${message}\n`) }
}

/** What the router has chosen, else what Accept prefers; plain text for whom anything is alike. */
function formOf(environ: Environ): Form {
  const request = WsgiRequest.from(environ)
  const chosen = request.hasResponse ? request.response.contentType : undefined
  if (chosen !== undefined && /^application\/(?:[\w.+-]+\+)?json\b/i.test(chosen)) return 'application/json'
  const accept = request.headers.get('accept')
  const html = preference(accept, 'text/html')
  const json = preference(accept, 'application/json')
  const plain = preference(accept, 'text/plain')
  const better = (one: typeof html, other: typeof html): boolean =>
    one.quality > other.quality || (one.quality === other.quality && one.quality > 0 && one.closeness > other.closeness)
  if (better(html, plain) && !better(json, html)) return 'text/html'
  return better(json, plain) ? 'application/json' : 'text/plain'
}

/** The head of the request as far as pages show it. */
function headOf(environ: Environ, form: Form): RequestHead {
  const version = environ.SERVER_PROTOCOL === 'HTTP/2' ? '2' : environ.SERVER_PROTOCOL === 'HTTP/1.0' ? '1.0' : '1.1'
  return {
    method: environ.REQUEST_METHOD, target: environ.RAW_URI, path: environ.PATH_INFO, query: environ.QUERY_STRING,
    fields: ['Accept', form], version, scheme: environ['wsgi.url_scheme'], authority: String(environ.HTTP_HOST ?? ''),
  }
}
