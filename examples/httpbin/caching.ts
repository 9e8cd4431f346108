/** What caches and conditional requests need, ranges, and headers at will. */
import { BadRequest, HttpError, WsgiResponse, type Router, type WsgiRequest } from 'pulsar-wsgi'
import { asBadRequest } from './as-bad-request.ts'
import { oneRange } from './one-range.ts'
import { queryNumber } from './query-number.ts'
import { requestFacts } from './request-facts.ts'

const longest = 102_400
const modified = 'Sun, 22 Nov 2026 00:00:00 GMT'
/** What frames an answer and keeps the connection is the server's (RFC 9110 section 7.6.1). */
const reserved = /^(?:content-length|content-type|transfer-encoding|connection|keep-alive|trailer|upgrade|date)$/i

export function addCaching(router: Router): void {
  router.get('cache', (request) => {
    const known = request.headers.has('if-none-match') || request.headers.has('if-modified-since')
    const headers = [['Last-Modified', modified], ['ETag', '"pulsar"']] as const
    return known ? new WsgiResponse({ status: 304, headers }) : WsgiResponse.json(requestFacts(request), { headers })
  }, { parameters: { title: '304 for any client that has something already, else the request' } })
  router.get('cache/<int:seconds>', (request, { seconds }) => {
    request.response.headers.set('Cache-Control', `public, max-age=${seconds}`)
    return requestFacts(request)
  }, { defaults: { seconds: 60 }, parameters: { title: 'An answer that may be kept so long' } })
  router.get('etag/<etag>', (request, { etag }) => WsgiResponse.json(requestFacts(request)).etag(checked(etag)),
    { defaults: { etag: 'v1' }, parameters: { title: '304 and 412 by If-None-Match and If-Match' } })
  router.get('range/<int(min=1, max=102400):size>', (request, { size }) => part(request, size),
    { defaults: { size: 1024 }, parameters: { title: 'So many letters, or the part that Range asks for' } })
  router.on(['GET', 'POST'], 'response-headers', withHeaders, { parameters: { title: 'An answer with the headers of the query', query: 'Server-Timing=cpu;dur=2.4' } })
  router.get('response_headers', () => {
    const response = WsgiResponse.json({})
    response.headers.set('X-Example', 'httpbin')
    response.content = JSON.stringify(Object.fromEntries(response.headers))
    return response
  }, { parameters: { title: 'The headers of the answer, as JSON' } })
}

function checked(etag: string): string {
  if (!/^[\x21\x23-\x7e]+$/.test(etag)) throw new BadRequest('that is no entity tag (RFC 9110 section 8.8.3)')
  return etag
}

/** RFC 9110 section 14. */
function part(request: WsgiRequest<unknown>, size: number): WsgiResponse {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz'
  const content = alphabet.repeat(Math.ceil(size / alphabet.length)).slice(0, size)
  const pieceSize = Math.trunc(queryNumber(request, 'chunk_size', { least: 1, most: longest, otherwise: longest }))
  const etag = `"range${size}"`
  const headers = [['Accept-Ranges', 'bytes'], ['ETag', etag], ['Last-Modified', modified]] as [string, string][]
  const range = oneRange(request.headers.get('range'), size)
  // Conditions come first: they are answered with what all of it would be (RFC 9110 section 13.2.2).
  const all = request.preconditions({ etag }) !== 'perform' || (request.headers.get('if-range') ?? etag) !== etag
  if (range === undefined || all) return WsgiResponse.text(cut(content, pieceSize), { headers })
  if (range === 'unsatisfiable') throw new HttpError(416, undefined, { headers: [['Content-Range', `bytes */${size}`]] })
  const [first, last] = range
  headers.push(['Content-Range', `bytes ${first}-${last}/${size}`])
  return WsgiResponse.text(cut(content.slice(first, last + 1), pieceSize), { status: 206, headers })
}

const cut = (text: string, size: number): string | Iterable<string> => (text.length <= size ? text : pieces(text, size))

function* pieces(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

function withHeaders(request: WsgiRequest<unknown>): WsgiResponse {
  const response = WsgiResponse.json(request.urlData)
  for (const [name, value] of request.query) {
    if (reserved.test(name)) throw new BadRequest(`${name} is the server's own to set`)
    asBadRequest(() => response.headers.append(name, value))
  }
  return response
}
