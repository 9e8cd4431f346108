/**
 * httpbin: what a client sent and what it can be sent, for whoever tries or tests HTTP clients. The routes are those of
 * pulsar's example of this name, and of httpbin.org in the form that its clients know.
 *
 *   npx pulsar examples/httpbin/app.ts
 *
 * serves it on http://127.0.0.1:8060; with --debug /error shows more.
 */
import { fileURLToPath } from 'node:url'
import {
  AccessControl, authorizationMiddleware, cleanPathMiddleware, FileRouter, MediaRouter, Router, WsgiHandler, type Environ, type WsgiResponse,
} from 'pulsar-wsgi'
import { addAuthentication } from './authentication.ts'
import { addCaching } from './caching.ts'
import { addCookies } from './cookies.ts'
import { addEcho, addInspection } from './echo.ts'
import { addFormats, addLinks } from './formats.ts'
import { addGraph, graphData } from './graph.ts'
import { addImages } from './images.ts'
import { addRedirects } from './redirects.ts'
import { startPage, type Section } from './start-page.ts'
import { addStatuses } from './statuses.ts'
import { addDelays, addStreams } from './streams.ts'

const assets = fileURLToPath(new URL('./assets', import.meta.url))
const site = new Router('/')

const sections: readonly Section[] = [
  section('Echo', 'Say what the request was.', addEcho),
  section('Inspection', 'Parts of it, and of the server.', addInspection),
  section('Statuses', 'Answers with a status of your choice.', addStatuses),
  section('Redirects', 'Answers that lead elsewhere.', addRedirects),
  section('Authentication', 'Ask who is there: try ada and engine.', addAuthentication),
  section('Cookies', 'Set, show and forget.', addCookies),
  section('Caching', 'Conditions, ranges and headers.', addCaching),
  section('Formats', 'Types, codings and charsets.', addFormats),
  section('Images', 'A pulsar, in four formats.', addImages),
  section('Streams', 'Bodies in pieces, of bytes that need not be stored.', addStreams),
  section('WebSockets', 'Messages both ways.', addGraph),
  section('Delays', 'Answers that keep you waiting.', addDelays),
  section('Links', 'Pages for crawlers.', addLinks),
]
site.get('', (request) => startPage(request, sections))

/** What the routes show was said by others: no browser is to guess that it is a page. */
function noSniffing(_environ: Environ, response: WsgiResponse): void {
  response.headers.set('X-Content-Type-Options', 'nosniff')
}

export const app: WsgiHandler = new WsgiHandler([
  cleanPathMiddleware,
  authorizationMiddleware,
  new MediaRouter('media', assets, { showIndexes: true, cacheControl: 'max-age=3600' }),
  graphData,
  new FileRouter('favicon.ico', `${assets}/pulsar.png`),
  site,
], [new AccessControl(), noSniffing])

/** Adds routes to the site, and remembers which ones for the start page. */
function section(title: string, text: string, add: (router: Router) => void): Section {
  const before = new Set(site.routes)
  add(site)
  return { title, text, routes: site.routes.filter((route) => !before.has(route)) }
}
