import assert from 'node:assert/strict'
import { test } from 'node:test'
import { validator } from '../../src/gateway/validator.ts'
import { inject } from '../../src/testing/inject.ts'
import type { InjectedResponse } from '../../src/testing/injected-response.ts'
import { Http404 } from '../../src/web/http-error.ts'
import { WsgiRequest } from '../../src/web/request.ts'
import { WsgiResponse } from '../../src/web/response.ts'
import { toResponse, type HandlerResult } from '../../src/web/result.ts'
import { Router } from '../../src/web/router/router.ts'

function answer(handler: (request: WsgiRequest) => HandlerResult): Promise<InjectedResponse> {
  return inject(validator((environ, startResponse) => {
    const request = WsgiRequest.from(environ)
    return toResponse(handler(request), request).start(environ, startResponse)
  }))
}

async function seen(handler: (request: WsgiRequest) => HandlerResult): Promise<[status: number, type: string | null, body: string]> {
  const response = await answer(handler)
  assert.deepEqual(response.errors, [])
  return [response.status, response.headers.get('content-type'), response.text()]
}

test('what a handler returns becomes an answer by its kind', async () => {
  assert.deepEqual(await seen(() => new WsgiResponse({ status: 201, content: 'x' })), [201, 'text/plain; charset=utf-8', 'x'])
  assert.deepEqual(await seen(() => '<b>ü'), [200, 'text/plain; charset=utf-8', '<b>ü'])
  assert.deepEqual(await seen(() => Buffer.from('x')), [200, 'application/octet-stream', 'x'])
  assert.deepEqual(await seen(() => ({ a: 1 })), [200, 'application/json', '{"a":1}'])
  assert.deepEqual(await seen(() => [1, 'a']), [200, 'application/json', '[1,"a"]'])
  assert.deepEqual(await seen(() => []), [200, 'application/json', '[]'])
  assert.deepEqual(await seen(() => 5), [200, 'application/json', '5'])
  assert.deepEqual(await seen(() => false), [200, 'application/json', 'false'])
  assert.deepEqual(await seen(() => new Date(0)), [200, 'application/json', '"1970-01-01T00:00:00.000Z"'])
  assert.deepEqual(await seen(() => undefined), [204, null, ''])
  assert.deepEqual(await seen(() => null), [204, null, ''])
})

test('iterables are bodies in pieces, and so is an array of bytes', async () => {
  const blocks = function* (): Generator<string> { yield* ['a', 'ü'] }
  const later = async function* (): AsyncGenerator<string> { yield* ['a', 'b'] }
  assert.deepEqual(await seen(() => blocks()), [200, 'text/plain; charset=utf-8', 'aü'])
  assert.deepEqual(await seen(() => later()), [200, 'text/plain; charset=utf-8', 'ab'])
  assert.deepEqual((await seen(() => [Buffer.from('a'), Buffer.from('b')]))[2], 'ab')
})

test('a web Response is taken over, cookies line by line', async () => {
  const response = await answer(() => {
    const web = new Response('hello', { status: 202, headers: { 'X-A': 'b', 'Content-Type': 'text/x-test' } })
    web.headers.append('Set-Cookie', 'a=1')
    web.headers.append('Set-Cookie', 'b=2')
    return web
  })
  assert.deepEqual([response.status, response.text(), response.headers.get('x-a')], [202, 'hello', 'b'])
  assert.equal(response.headers.get('content-type'), 'text/x-test')
  assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2'])
  assert.deepEqual(await seen(() => new Response(null, { status: 204 })), [204, null, ''])
  assert.deepEqual(await seen(() => Response.redirect('http://a.example/', 302)), [302, null, ''])
})

test('status, headers and cookies that were set on request.response stay, whatever is returned', async () => {
  for (const result of [{ a: 1 }, 'text', Buffer.from('x'), new Response('x', { status: 201 }), undefined]) {
    const response = await answer((request) => {
      request.response.status = 201
      request.response.headers.set('X-A', 'b')
      request.response.setCookie('c', 'd')
      return result
    })
    assert.deepEqual(response.errors, [])
    assert.deepEqual([response.status, response.headers.get('x-a'), response.headers.getSetCookie()], [201, 'b', ['c=d; Path=/']], String(result))
  }
})

test('a type that was chosen before holds for text and for kinds of JSON, not for an object in another type', async () => {
  const typed = (type: string, result: HandlerResult) => (request: WsgiRequest): HandlerResult => {
    request.response.contentType = type
    return result
  }
  assert.equal((await seen(typed('text/html', '<b>')))[1], 'text/html; charset=utf-8')
  assert.equal((await seen(typed('application/problem+json', {})))[1], 'application/problem+json')
  assert.equal((await seen(typed('text/html', {})))[1], 'application/json')
})

test('a filled response and nothing returned is that response', async () => {
  assert.deepEqual(await seen((request) => { request.response.content = 'x' }), [200, 'text/plain; charset=utf-8', 'x'])
  assert.deepEqual(await seen((request) => { request.response.status = 404 }), [404, null, ''])
})

test('content that makes its own answer is asked for it', async () => {
  const source = { httpResponse: (request: WsgiRequest) => WsgiResponse.html(request.path) }
  assert.deepEqual(await seen(() => source), [200, 'text/html; charset=utf-8', '/'])
})

test('bytes in whichever shape are bytes, and a blob has its type and length', async () => {
  const { buffer } = Uint8Array.from(Buffer.from('ab'))
  assert.deepEqual(await seen(() => buffer), [200, 'application/octet-stream', 'ab'])
  assert.deepEqual(await seen(() => new DataView(buffer, 1)), [200, 'application/octet-stream', 'b'])
  assert.deepEqual(await seen(() => new Uint16Array(buffer)), [200, 'application/octet-stream', 'ab'])
  assert.deepEqual(await seen(() => new Blob(['a{}'], { type: 'text/css' })), [200, 'text/css', 'a{}'])
  assert.deepEqual(await seen(() => new Blob(['?'])), [200, 'application/octet-stream', '?'])
  assert.equal((await answer(() => new Blob(['a{}']))).headers.get('content-length'), '3')
})

test('an error that is returned is thrown', async () => {
  const app = new Router('/', { get: () => new Http404('not here') }, new Router('later', { get: async () => new Http404('nor here') }))
  for (const [path, text] of [['/', 'not here\n'], ['/later', 'nor here\n']] as const) {
    const response = await inject(app, { path })
    assert.deepEqual([response.status, response.text()], [404, text])
  }
})

test('what no answer can be made of is an error', async () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle
  for (const result of [() => 1, Symbol('a'), circle, Response.error()]) {
    const response = await answer(() => result as HandlerResult)
    assert.equal(response.status, 500)
    assert.ok(response.errors[0] instanceof TypeError)
  }
})
