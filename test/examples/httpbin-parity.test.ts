/** Every route of the start page is there, over HTTP and without a socket, and answers the same both ways. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadModule } from '../../src/app/load-module.ts'
import type { Fields } from '../../src/gateway/exchange.ts'
import { validator } from '../../src/gateway/validator.ts'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { inject } from '../../src/testing/index.ts'
import { mount } from '../../src/web/mount.ts'
import { projectRoot } from '../support/project.ts'
import { RawClient, type RawResponse } from '../support/raw-client.ts'
import { address, send } from './httpbin-server.ts'

const { app } = await loadModule(join(projectRoot, 'examples/httpbin/app.ts')) as { app: WSGIApplication }

interface Shown {
  readonly method: string
  readonly path: string
}

const page = await (await send('/')).text()
const routes: readonly Shown[] = [...page.matchAll(/<button [^>]*data-method="(\w+)" data-path="([^"]*)"/g)]
  .map(([, method = '', path = '']) => ({ method, path: path.replaceAll('&amp;', '&') }))

/** What differs from one request to the next: not compared. */
const changing = new Set(['/uuid', '/stats', '/status/200:3,404,503', '/stream-bytes/4096?chunk_size=512'])
const changingFields = new Set(['date', 'www-authenticate'])

/** Of the others it is 200. */
const statuses: ReadonlyMap<string, number> = new Map([
  ['/status/418', 418], ['/error', 500], ['/basic-auth/ada/engine', 401], ['/hidden-basic-auth/ada/engine', 404], ['/bearer', 401],
  ['/redirect/3', 302], ['/relative-redirect/3', 302], ['/absolute-redirect/3', 302], ['/redirect-to?url=get&status_code=307', 307],
  ['/cookies/set?taste=sweet', 302], ['/cookies/set/shape/round', 302], ['/cookies/delete?taste', 302], ['/links/10', 302],
  ['/digest-auth/auth/ada/engine', 401], ['/digest-auth/auth/ada/engine/SHA-256', 401], ['/digest-auth/ada/engine/auth', 401],
])

test('the start page has every route, each with a method, a path and a title', () => {
  assert.equal(routes.length, [...page.matchAll(/<li><span class="methods">/g)].length)
  assert.ok(routes.length >= 60, String(routes.length))
  assert.doesNotMatch(page, /<p><\/p>|undefined|\[object/)
  const wanted = [
    'get', 'post', 'put', 'patch', 'delete', 'anything', 'status', 'redirect', 'relative-redirect', 'absolute-redirect', 'stream', 'bytes',
    'stream-bytes', 'range', 'gzip', 'brotli', 'deflate', 'delay', 'basic-auth', 'hidden-basic-auth', 'bearer', 'digest-auth', 'cookies',
    'cookies/set', 'cookies/delete', 'cache', 'etag', 'image', 'headers', 'ip', 'user-agent', 'uuid', 'html', 'json', 'xml', 'robots.txt',
    'encoding/utf8', 'links', 'response-headers', 'getsize', 'response_headers', 'stats', 'clip', 'plaintext', 'expect', 'websocket',
  ]
  assert.deepEqual(wanted.filter((name) => !routes.some(({ path }) => new RegExp(`^/${name}(?:[/?]|$)`).test(path))), [])
})

test('below a prefix the start page is at its last slash, and all that it refers to is there', async () => {
  const site = mount({ '/bin': app })
  const moved = await inject(site, { path: '/bin' })
  assert.deepEqual([moved.status, moved.headers.get('location')], [302, '/bin/'])
  const below = (await inject(site, { path: '/bin/' })).text()
  const links = [...below.matchAll(/(?:href|src)="(?!#)([^"]*)"/g)].map(([, link = '']) => new URL(link.replaceAll('&amp;', '&'), 'http://h/bin/'))
  assert.ok(links.length > 50)
  assert.deepEqual(links.filter(({ pathname }) => !pathname.startsWith('/bin/')), [])
  const assets = links.filter(({ pathname }) => pathname.startsWith('/bin/media/'))
  assert.equal(assets.length, 4)
  for (const { pathname } of assets) assert.equal((await inject(site, { path: pathname })).status, 200, pathname)
  assert.equal((await inject(site, { path: '/bin/redirect/1' })).headers.get('location'), '../get')
})

for (const { method, path } of routes) {
  test(`${method} ${path} answers the same with a socket and without`, async () => {
    const body = method === 'GET' ? '' : '{"a": 1}'
    const content: Fields = body === '' ? [] : [['Content-Type', 'application/json'], ['Content-Length', String(body.length)]]
    const headers: Fields = [['Host', address.slice('http://'.length)], ['Accept', '*/*'], ['User-Agent', 'a test'], ...content]
    const overHttp = await received(method, path, headers, body)
    assert.ok(path.startsWith('/status/200:') || overHttp.status === (statuses.get(path) ?? 200), String(overHttp.status))
    if (changing.has(path)) return
    const injected = await inject(validator(app), { method, path, headers, body })
    assert.deepEqual(injected.errors, [])
    assert.equal(injected.status, overHttp.status)
    assert.deepEqual(unchanging(injected.fields), unchanging(overHttp.fields))
    assert.deepEqual(injected.body, overHttp.body)
  })
}

for (const { path } of routes.filter(({ method }) => method === 'GET')) {
  test(`HEAD ${path} has the head of GET, and nothing behind it`, async () => {
    const get = await inject(app, { path })
    const head = await inject(validator(app), { method: 'HEAD', path })
    assert.deepEqual([head.body.length, head.errors], [0, []])
    if (changing.has(path)) return
    assert.equal(head.status, get.status)
    // What a HEAD echoes is another method; of a stream no length is known.
    const comparable = (fields: Fields): Fields => unchanging(fields).filter(([name]) => !/^(?:content-length|transfer-encoding)$/i.test(name))
    assert.deepEqual(comparable(head.fields), comparable(get.fields))
  })
}

const unchanging = (fields: Fields): Fields => fields.filter(([name]) => !changingFields.has(name.toLowerCase()))

async function received(method: string, path: string, headers: Fields, body: string): Promise<RawResponse> {
  await using client = await RawClient.connect(address)
  await client.send(`${method} ${path} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`)
  return await client.finalResponse(method)
}
