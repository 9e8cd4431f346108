import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testWsgiEnviron } from '../../src/app/test-wsgi-environ.ts'
import type { TestEnvironOptions } from '../../src/gateway/test-environ.ts'
import { HttpError } from '../../src/web/http-error.ts'
import { WsgiRequest } from '../../src/web/request.ts'

const requestOf = (options: TestEnvironOptions = {}): WsgiRequest => WsgiRequest.from(testWsgiEnviron(options))

test('there is one request for an environ', () => {
  const environ = testWsgiEnviron()
  const request = WsgiRequest.from(environ)
  assert.equal(WsgiRequest.from(environ), request)
  const router = { name: 'users' }
  assert.equal(WsgiRequest.from(environ, router, { id: 7 }), request as unknown)
  assert.equal(request.app, router)
  assert.deepEqual(request.params, { id: 7 })
  assert.equal(request.urlargs, request.params)
  assert.notEqual(WsgiRequest.from(testWsgiEnviron()), request)
})

test('a copy of an environ has a request of its own, with the body that was read already', async () => {
  const environ = testWsgiEnviron({ method: 'POST', path: '/a/b', body: 'content' })
  const outer = WsgiRequest.from(environ)
  assert.equal(await outer.text(), 'content')
  outer.cache.seen = true
  const inner = WsgiRequest.from({ ...environ, SCRIPT_NAME: '/a', PATH_INFO: '/b' })
  assert.equal(inner.path, '/b')
  assert.equal(outer.path, '/a/b')
  assert.equal(await inner.text(), 'content')
  assert.equal(inner.cache.seen, true)
})

test('no key of the environ tells of the request', () => {
  const environ = testWsgiEnviron()
  const before = Object.keys(environ)
  WsgiRequest.from(environ)
  assert.deepEqual(Object.keys(environ), before)
})

test('the typed parameters are the type of the request', () => {
  const request = WsgiRequest.from<{ id: number }>(testWsgiEnviron(), undefined, { id: 7 })
  const id: number = request.params.id
  assert.equal(id, 7)
  // @ts-expect-error there is no other parameter
  assert.equal(request.params.other, undefined)
})

test('method, path and host are the request\'s', () => {
  const request = requestOf({ method: 'PATCH', path: 'https://a.example:8443/k%C3%A4se/%2e?x=1' })
  assert.equal(request.method, 'PATCH')
  assert.equal(request.path, '/käse/.')
  assert.equal(request.host, 'a.example:8443')
  assert.equal(request.scheme, 'https')
  assert.equal(request.isSecure, true)
  assert.equal(requestOf().isSecure, false)
  assert.equal(requestOf({ path: '/%ff' }).path, '/\ufffd')
})

test('headers are found in any case, have lower-case names, and are those that were sent', () => {
  const { headers } = requestOf({ method: 'POST', headers: { 'X-Kind': 'a', 'Content-Type': 'text/plain' }, body: 'x' })
  assert.equal(headers.get('x-kind'), 'a')
  assert.equal(headers.get('X-KIND'), 'a')
  assert.equal(headers.get('content-type'), 'text/plain')
  assert.equal(headers.get('content-length'), '1')
  assert.equal(headers.has('x-other'), false)
  assert.equal(headers.get('not a name'), undefined)
  assert.deepEqual(headers.toObject(), { host: '127.0.0.1', 'x-kind': 'a', 'content-type': 'text/plain', 'content-length': '1' })
  assert.deepEqual(headers.keys().sort(), ['content-length', 'content-type', 'host', 'x-kind'])
})

test('no header is read out of what is none', () => {
  const { headers } = requestOf({ extra: { REMOTE_USER: 'ada', HTTP_X_FN: () => 1 } })
  assert.equal(headers.get('remote-user'), undefined)
  assert.equal(headers.get('x-fn'), undefined)
  assert.equal(headers.get('__proto__'), undefined)
})

test('the query is that of the URL, blank values kept', () => {
  const request = requestOf({ path: '/?a=1&b=&a=2&c=%C3%A4+x&__proto__=p' })
  assert.deepEqual(request.query.getAll('a'), ['1', '2'])
  assert.equal(request.query.get('c'), 'ä x')
  const data = request.urlData
  assert.deepEqual(Object.entries(data), [['a', ['1', '2']], ['b', ''], ['c', 'ä x'], ['__proto__', 'p']])
  assert.equal(Object.getPrototypeOf(data), null)
})

test('any query values come back', () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 8 })
  fc.assert(fc.property(fc.dictionary(name, fc.array(name, { minLength: 1, maxLength: 3 })), (values) => {
    const { query } = requestOf({ path: requestOf().fullPath('/', values) })
    for (const [key, list] of Object.entries(values)) assert.deepEqual(query.getAll(key), list)
  }))
})

test('cookies are read leniently, without a prototype', () => {
  const { cookies } = requestOf({ headers: { Cookie: 'a=1; b="x y"; c=%C3%A4; a=2; bad; =x; d=%E0%A4%A; __proto__=p' } })
  assert.equal(cookies.a, '1')
  assert.equal(cookies.c, 'ä')
  assert.equal(cookies.d, '%E0%A4%A')
  assert.equal(cookies.constructor, undefined)
  assert.deepEqual(Object.keys(requestOf().cookies), [])
})

test('any Cookie field is read without an error', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', '=', ';', ' ', '"', '%', '0', ',', 'ü') }), (field) => {
    const { cookies } = requestOf({ headers: { Cookie: field } })
    for (const value of Object.values(cookies)) assert.equal(typeof value, 'string')
  }))
})

test('what the client would like is weighed', () => {
  const request = requestOf({ headers: { Accept: 'text/html;q=0.5, application/json', 'Accept-Language': 'de', 'Accept-Encoding': 'br', 'Accept-Charset': 'utf-8' } })
  assert.equal(request.accepts('text/html', 'application/json'), 'application/json')
  assert.equal(request.accepts('image/png'), undefined)
  assert.equal(request.contentTypes.acceptJson, true)
  assert.equal(request.languages.best, 'de')
  assert.equal(request.encodings.has('gzip'), false)
  assert.equal(request.charsets.has('utf8'), true)
})

test('the type of the body has its parameters', () => {
  const request = requestOf({ method: 'POST', headers: { 'Content-Type': 'Text/Plain; charset=latin1' }, body: 'x' })
  assert.equal(request.contentType, 'text/plain')
  assert.equal(request.encoding, 'latin1')
  assert.equal(request.contentLength, 1)
  assert.equal(requestOf().contentType, '')
  assert.equal(requestOf().encoding, 'utf-8')
  assert.equal(requestOf().contentLength, undefined)
})

test('who asks is a fact of the connection, never a header', () => {
  const request = requestOf({ headers: { 'X-Forwarded-For': '192.0.2.1', 'X-Requested-With': 'XMLHttpRequest' } })
  assert.equal(request.clientAddress, '127.0.0.1')
  assert.equal(request.ipaddress, '127.0.0.1')
  assert.equal(request.isXhr, true)
  assert.equal(requestOf().isXhr, false)
  assert.equal(request.auth, undefined)
  assert.equal(requestOf({ extra: { 'http.authorization': null } }).auth, undefined)
})

test('the URL is put together again (PEP 3333, "URL Reconstruction")', () => {
  const request = requestOf({ path: 'http://a.example/k%C3%A4se/a%20b?x=%20' })
  assert.equal(request.uri, 'http://a.example/k%C3%A4se/a%20b?x=%20')
  assert.equal(request.url.pathname, '/k%C3%A4se/a%20b')
  assert.equal(request.url.searchParams.get('x'), ' ')
  const mounted = WsgiRequest.from({ ...request.environ, SCRIPT_NAME: '/app', PATH_INFO: '/x' })
  assert.equal(mounted.uri, 'http://a.example/app/x?x=%20')
  const unnamed = requestOf()
  delete unnamed.environ.HTTP_HOST
  assert.equal(unnamed.host, '127.0.0.1')
  assert.equal(WsgiRequest.from({ ...unnamed.environ, SERVER_NAME: '::1', SERVER_PORT: '8060' }).host, '[::1]:8060')
})

test('a host that makes no URL is a 400', () => {
  const request = requestOf({ extra: { HTTP_HOST: 'a b' } })
  assert.throws(() => request.url, (error) => error instanceof HttpError && error.status === 400)
})

test('absolute URIs are of this host, unless they say another', () => {
  const request = requestOf({ path: 'https://a.example/dir/page?x=1' })
  assert.equal(request.absoluteUri('/b'), 'https://a.example/b')
  assert.equal(request.absoluteUri('b'), 'https://a.example/dir/b')
  assert.equal(request.absoluteUri('?y=2'), 'https://a.example/dir/page?y=2')
  assert.equal(request.absoluteUri('/b', 'wss'), 'wss://a.example/b')
  assert.equal(request.absoluteUri('http://b.example/'), 'http://b.example/')
  assert.throws(() => request.absoluteUri('http://b.example/', 'https'), TypeError)
})

test('a location that begins with a slash never leads to another host', () => {
  const request = requestOf({ path: 'http://a.example/x' })
  for (const location of ['//b.example', '/\\b.example', '\\\\b.example', '///b.example']) {
    assert.equal(new URL(request.absoluteUri(location)).host, 'a.example', location)
  }
  for (const location of ['/\t/b.example', '/\n/b.example']) assert.throws(() => request.absoluteUri(location), TypeError)
  fc.assert(fc.property(fc.array(fc.constantFrom('/', '\\', 'b.example', '@', ':', '?', '#', '.')), (parts) => {
    assert.equal(new URL(request.absoluteUri(`/${parts.join('')}`)).host, 'a.example')
  }))
})

test('paths take values as their query, in order', () => {
  const request = requestOf({ path: '/dir/page?x=1' })
  assert.equal(request.fullPath(), '/dir/page?x=1')
  assert.equal(request.fullPath('/a', { b: 1, c: ['x', 'y z'], d: undefined, e: null }), '/a?b=1&c=x&c=y+z')
  assert.equal(request.fullPath('/a?b=1', { c: true }), '/a?b=1&c=true')
  assert.equal(request.fullPath('more'), '/dir/page/more')
  assert.equal(request.fullUrl('/a', { b: 1 }), 'http://127.0.0.1/a?b=1')
})

test('a redirect is an answer', () => {
  const response = requestOf().redirect('/a', 303)
  assert.equal(response.status, 303)
  assert.equal(response.headers.get('location'), '/a')
})

test('cache, response and limits belong to the request', () => {
  const request = requestOf()
  request.cache.user = 'ada'
  assert.equal(request.cache.user, 'ada')
  assert.equal(Object.getPrototypeOf(request.cache), null)
  assert.equal(request.hasResponse, false)
  request.response.status = 201
  assert.equal(request.hasResponse, true)
  assert.equal(request.response.status, 201)
  request.limits = { memory: 10 }
  assert.equal(request.limits.memory, 10)
  assert.equal(request.limits.depth, requestOf().limits.depth)
})

test('a handler can ask for the preconditions before it changes anything', () => {
  const put = (headers: Record<string, string>): WsgiRequest => requestOf({ method: 'PUT', headers })
  assert.equal(put({ 'If-Match': '"a"' }).preconditions({ etag: '"a"' }), 'perform')
  assert.equal(put({ 'If-Match': '"a"' }).preconditions({ etag: '"b"' }), 'failed')
  assert.equal(put({ 'If-None-Match': '*' }).preconditions({ etag: '"b"' }), 'failed')
  assert.equal(put({ 'If-None-Match': '*' }).preconditions(null), 'perform')
})

test('the environ can be asked for anything', () => {
  const request = requestOf({ extra: { 'my.key': 7 } })
  assert.equal(request.get('my.key'), 7)
  assert.equal(request.cfg, request.environ['pulsar.cfg'])
  assert.equal(request.connection, request.environ['pulsar.connection'])
})
