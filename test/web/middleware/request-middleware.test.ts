import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inject, type InjectOptions } from '../../../src/testing/inject.ts'
import type { InjectedResponse } from '../../../src/testing/injected-response.ts'
import type { Environ } from '../../../src/gateway/wsgi.ts'
import { HttpAuthenticate } from '../../../src/web/auth/http-authenticate.ts'
import { authorizationMiddleware } from '../../../src/web/middleware/authorization.ts'
import { bodyLimitMiddleware } from '../../../src/web/middleware/body-limit.ts'
import { BufferedInput } from '../../../src/web/middleware/buffered-input.ts'
import { cleanPathMiddleware } from '../../../src/web/middleware/clean-path.ts'
import { waitForBody, waitForBodyMiddleware } from '../../../src/web/middleware/wait-for-body.ts'
import type { Middleware } from '../../../src/web/middleware.ts'
import { WsgiRequest } from '../../../src/web/request.ts'
import { WsgiResponse } from '../../../src/web/response.ts'
import { WsgiHandler } from '../../../src/web/wsgi-handler.ts'
import { proof } from '../auth/digest-client.ts'

type Answer = (environ: Environ) => string | Promise<string>

function request(middleware: Middleware, answer: Answer, options: InjectOptions): Promise<InjectedResponse> {
  return inject(new WsgiHandler([middleware, async (environ) => new WsgiResponse({ content: await answer(environ) })]), options)
}

const clean = (path: string, method: string = 'GET'): Promise<InjectedResponse> => request(cleanPathMiddleware, () => 'passed', { path, method })

test('several slashes on end are one, and the query stays', async () => {
  for (const [path, location] of [['//a', '/a'], ['/a//b///c?x=//y', '/a/b/c?x=//y'], ['/a//?q?r', '/a/?q?r'], ['////', '/'], ['/a//%2f', '/a/%2f']] as const) {
    const response = await clean(path)
    assert.deepEqual([response.status, response.headers.get('location')], [302, location], path)
  }
})

test('other methods are sent on as they are', async () => {
  const response = await clean('/a//b', 'POST')
  assert.deepEqual([response.status, response.headers.get('location')], [307, '/a/b'])
})

test('a clean path passes, also one with escaped slashes', async () => {
  for (const path of ['/', '/a/b?c=//d', '/%2f/%2F', 'http://a.example/b']) assert.equal((await clean(path)).text(), 'passed', path)
})

test('no path leads to another host', async () => {
  for (const path of ['//evil.example', '///evil.example/', '//\\evil.example', 'http://a.example//evil.example']) {
    assert.match((await clean(path)).headers.get('location') ?? '', /^\/(?![\\/])/, path)
  }
})

test('credentials are read where there are some', async () => {
  const see: Answer = (environ) => {
    const auth = WsgiRequest.from(environ).auth
    return `${String(environ['http.authorization'] === null)} ${auth?.username ?? '-'} ${String(auth?.authenticated(environ, 'ada', 'pw'))}`
  }
  const basic = `Basic ${Buffer.from('ada:pw').toString('base64')}`
  assert.equal((await request(authorizationMiddleware, see, { headers: { Authorization: basic } })).text(), 'false ada true')
  assert.equal((await request(authorizationMiddleware, see, { headers: { Authorization: 'Bearer x' } })).text(), 'true - undefined')
  assert.equal((await request(authorizationMiddleware, see, {})).text(), 'false - undefined')
})

test('credentials that somebody has read already stay', async () => {
  const see: Answer = (environ) => String(environ['http.authorization'])
  const response = await request(authorizationMiddleware, see, { headers: { Authorization: 'Basic YTpi' }, extra: { 'http.authorization': 'mine' } })
  assert.equal(response.text(), 'mine')
})

test('a Digest goes around from challenge to answer, its body included', async () => {
  const app = new WsgiHandler([authorizationMiddleware, async (environ) => {
    const wsgi = WsgiRequest.from(environ)
    if (wsgi.auth?.authenticated(environ, 'ada', 'secret') !== true) throw new HttpAuthenticate('digest', { qop: 'auth-int', algorithms: ['SHA-256'] })
    return new WsgiResponse({ content: await wsgi.text() })
  }])
  const options = { method: 'POST', path: '/a?b', body: 'the body' }
  const refused = await inject(app, options)
  assert.equal(refused.status, 401)
  const challenge = refused.headers.get('www-authenticate') ?? ''
  const send = (body: string, password: string, count: number): Promise<InjectedResponse> =>
    inject(app, { ...options, body, headers: { Authorization: proof({ challenge, username: 'ada', password, method: 'POST', uri: '/a?b', body: 'the body', count }) } })
  assert.equal((await send('the body', 'secret', 1)).text(), 'the body')
  assert.equal((await send('the body', 'secret', 1)).status, 401)
  assert.equal((await send('another', 'secret', 2)).status, 401)
  assert.equal((await send('the body', 'wrong', 2)).status, 401)
  assert.equal((await send('the body', 'secret', 2)).status, 200)
})

test('a body that was waited for can be read again and again', async () => {
  const read: Answer = async (environ) => {
    const input = environ['wsgi.input']
    assert.ok(input instanceof BufferedInput)
    const first = String(await input.read())
    input.seek(0)
    return `${first}|${String(await input.readline())}|${input.tell()}|${(await input.readlines()).map(String).join(',')}|${await WsgiRequest.from(environ).text()}`
  }
  assert.equal((await request(waitForBodyMiddleware, read, { method: 'POST', body: 'a\nb\nc' })).text(), 'a\nb\nc|a\n|2|b\n,c|')
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a\n')
    yield Buffer.from('b')
  }
  assert.equal((await request(waitForBodyMiddleware, read, { method: 'POST', body: pieces() })).text(), 'a\nb|a\n|2|b|')
  assert.equal((await request(waitForBodyMiddleware, read, {})).text(), '||0||')
})

test('what was waited for twice was read once', async () => {
  const twice: Middleware = async (environ) => {
    await waitForBodyMiddleware(environ)
    const input = environ['wsgi.input']
    await waitForBodyMiddleware(environ)
    assert.equal(environ['wsgi.input'], input)
  }
  assert.equal((await request(twice, async (environ) => String(await environ['wsgi.input'].read()), { method: 'POST', body: 'x' })).text(), 'x')
})

test('a longer body than may be waited for is 413', async () => {
  const wait = waitForBody({ limit: 3 })
  const read: Answer = async (environ) => String(await environ['wsgi.input'].read())
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('ab')
    yield Buffer.from('cd')
  }
  assert.equal((await request(wait, read, { method: 'POST', body: 'abc' })).text(), 'abc')
  assert.equal((await request(wait, read, { method: 'POST', body: 'abcd' })).status, 413)
  assert.equal((await request(wait, read, { method: 'POST', body: pieces() })).status, 413)
})

test('a buffered input is a file: seek, tell, lines of a size, iteration', async () => {
  const input = new BufferedInput(Buffer.from('one\ntwo\nthree'))
  assert.equal(String(await input.read(2)), 'on')
  assert.equal(String(await input.readline(1)), 'e')
  assert.equal(String(await input.readline()), '\n')
  assert.equal(input.seek(-5, 2), 8)
  assert.equal(String(await input.read(-1)), 'three')
  assert.equal(String(await input.read()), '')
  assert.equal(input.seek(-9, 1), 4)
  const lines: string[] = []
  for await (const line of input) lines.push(String(line))
  assert.deepEqual(lines, ['two\n', 'three'])
  input.seek(0)
  assert.deepEqual((await input.readlines(1)).map(String), ['one\n'])
  assert.equal(input.seek(-5), 0)
  assert.throws(() => input.seek(0.5), /no place/)
  await assert.rejects(input.read(0.5), /not an integer/)
})

test('a body over the limit is 413 before it is read, or as soon as too much was', async () => {
  const limit = bodyLimitMiddleware({ limit: 4 })
  let read = 0
  const answer: Answer = async (environ) => {
    for await (const line of environ['wsgi.input']) read += line.length
    return String(read)
  }
  assert.equal((await request(limit, answer, { method: 'POST', body: 'abcd' })).text(), '4')
  read = 0
  assert.equal((await request(limit, answer, { method: 'POST', body: 'abcde' })).status, 413)
  assert.equal(read, 0)
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 5; i++) yield Buffer.from('x')
  }
  for (const way of [
    (environ: Environ) => environ['wsgi.input'].read(), (environ: Environ) => environ['wsgi.input'].readlines(),
    (environ: Environ) => environ['wsgi.input'].readline(), (environ: Environ) => WsgiRequest.from(environ).text(),
  ]) {
    const response = await request(limit, async (environ) => String(await way(environ)), { method: 'POST', body: pieces() })
    assert.equal(response.status, 413, String(way))
  }
  const short = await request(limit, async (environ) => String(await environ['wsgi.input'].read(2)), { method: 'POST', body: pieces() })
  assert.equal(short.text(), 'xx')
  assert.throws(() => bodyLimitMiddleware({ limit: -1 }), RangeError)
})
