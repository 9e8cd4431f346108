/** `inject()` gives what a client on a socket would get. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { Environ, WSGIApplication } from '../../src/gateway/wsgi.ts'
import { inject, type InjectOptions } from '../../src/testing/inject.ts'
import { ServedApplication } from '../support/served-application.ts'

const text = (body: string, ...headers: (readonly [string, string])[]): WSGIApplication => (_environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain'], ...headers])
  return [Buffer.from(body)]
}

/** Says what it saw of the request. */
const mirror: WSGIApplication = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read()
  startResponse('200 OK', [['Content-Type', 'application/json']])
  const seen = Object.fromEntries(Object.entries(environ).filter(([key, value]) => /^[A-Z]/.test(key) && typeof value === 'string'))
  return [Buffer.from(JSON.stringify({ seen, body: body.toString() }))]
}

interface Mirrored { readonly seen: Partial<Environ>, readonly body: string }

const crashing: WSGIApplication = () => { throw new Error('out of order') }

const streaming: WSGIApplication = (_environ, startResponse) => {
  startResponse('200 OK', [])
  return (async function* () {
    yield Buffer.from('one ')
    await new Promise((resolve) => setImmediate(resolve))
    yield Buffer.from('two')
  })()
}

const cutting: WSGIApplication = (_environ, startResponse) => {
  startResponse('200 OK', [])
  return (function* () {
    yield Buffer.from('one ')
    throw new Error('no two')
  })()
}

const cases: readonly { readonly name: string, readonly application: WSGIApplication, readonly options: InjectOptions }[] = [
  { name: 'a whole answer', application: text('hello', ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']), options: {} },
  { name: 'an answer in pieces', application: streaming, options: {} },
  { name: 'an answer to HEAD', application: text('hello'), options: { method: 'HEAD' } },
  { name: 'an answer to HEAD in pieces', application: streaming, options: { method: 'HEAD' } },
  { name: 'an answer without content', application: (_e, start) => { start('204 No Content', []); return [] }, options: {} },
  { name: 'the answer of an application that throws', application: crashing, options: {} },
  { name: 'a refusal', application: text('hello'), options: { path: `/${'x'.repeat(9000)}` } },
  { name: 'a body that is too long', application: mirror, options: { method: 'POST', body: 'x'.repeat(11), settings: { limitRequestBody: 10 } } },
]

for (const { name, application, options } of cases) {
  test(`inject() gives ${name}, as a socket does`, async () => {
    await using served = await ServedApplication.start(application, options.settings ?? {})
    const host = `127.0.0.1:${served.port}`
    const body = String(options.body ?? '')
    const lines = [`${options.method ?? 'GET'} ${options.path ?? '/'} HTTP/1.1`, `Host: ${host}`, ...(body === '' ? [] : [`Content-Length: ${body.length}`])]
    const overSocket = await served.request(`${lines.join('\r\n')}\r\n\r\n`, body)
    const injected = await inject(application, { ...options, headers: { Host: host } })
    assert.equal(injected.status, overSocket.status)
    assert.equal(injected.reason, overSocket.reason)
    assert.deepEqual(injected.body, overSocket.body)
    const withoutDate = (fields: readonly (readonly [string, string])[]): unknown => fields.filter(([field]) => field !== 'Date')
    assert.deepEqual(withoutDate(injected.fields), withoutDate(overSocket.fields))
  })
}

test('the application gets method, path, query, headers and body', async () => {
  const response = await inject(mirror, {
    method: 'PUT', path: '/käse?x=1', headers: { 'X-Kind': 'test', Host: 'a.example:81' }, body: 'grüße', remoteAddress: '192.0.2.7',
  })
  const { seen, body } = response.json<Mirrored>()
  assert.equal(body, 'grüße')
  assert.equal(seen.REQUEST_METHOD, 'PUT')
  assert.equal(Buffer.from(seen.PATH_INFO ?? '', 'latin1').toString(), '/käse')
  assert.equal(seen.QUERY_STRING, 'x=1')
  assert.equal(seen.HTTP_X_KIND, 'test')
  assert.equal(seen.CONTENT_LENGTH, '7')
  assert.equal(seen.SERVER_PORT, '81')
  assert.equal(seen.REMOTE_ADDR, '192.0.2.7')
})

test('JSON, forms and pieces are sent with the headers they need', async () => {
  const json = (await inject(mirror, { method: 'POST', json: { a: [1] } })).json<Mirrored>()
  assert.equal(json.seen.CONTENT_TYPE, 'application/json')
  assert.equal(json.body, '{"a":[1]}')

  const urlencoded = (await inject(mirror, { method: 'POST', body: new URLSearchParams({ a: 'x y' }) })).json<Mirrored>()
  assert.equal(urlencoded.seen.CONTENT_TYPE, 'application/x-www-form-urlencoded')
  assert.equal(urlencoded.body, 'a=x+y')

  const form = new FormData()
  form.append('file', new Blob(['content']), 'a.txt')
  const multipart = (await inject(mirror, { method: 'POST', body: form })).json<Mirrored>()
  assert.match(String(multipart.seen.CONTENT_TYPE), /^multipart\/form-data; boundary=/)
  assert.match(multipart.body, /filename="a\.txt"[^]*\r\n\r\ncontent\r\n/)

  const pieces = (async function* () {
    yield Buffer.from('one ')
    yield Buffer.from('two')
  })()
  const chunked = (await inject(mirror, { method: 'POST', body: pieces })).json<Mirrored>()
  assert.equal(chunked.seen.CONTENT_LENGTH, undefined)
  assert.equal(chunked.body, 'one two')
})

test('a request that no client could send is a TypeError', async () => {
  await assert.rejects(inject(mirror, { headers: { 'X-A': 'a\r\nX-B: b' } }), TypeError)
})

test('what the application threw and wrote to its log is there', async () => {
  const response = await inject((environ) => {
    environ['wsgi.errors'].write('about to fail\n')
    throw new Error('failed')
  })
  assert.equal(response.status, 500)
  assert.equal(response.cause, 'application-error')
  assert.deepEqual(response.errors.map((error) => (error as Error).message), ['failed'])
  assert.equal(response.log, 'about to fail\n')
})

test('an answer that was cut is not complete', async () => {
  const response = await inject(cutting)
  assert.equal(response.text(), 'one ')
  assert.equal(response.complete, false)
  assert.equal((await inject(streaming)).complete, true)
})

test('interim answers come with the final one', async () => {
  const response = await inject((environ, startResponse) => {
    environ['pulsar.connection'].informational('103 Early Hints', [['Link', '</a.css>; rel=preload']])
    startResponse('200 OK', [])
    return [Buffer.from('x')]
  })
  assert.deepEqual(response.interim, [{ status: 103, reason: 'Early Hints', fields: [['Link', '</a.css>; rel=preload']] }])
  assert.equal(response.status, 200)
})

test('a connection that the application takes over has a stream', async () => {
  const response = await inject((environ, startResponse) => {
    const stream = environ['pulsar.connection'].upgrade('101 Switching Protocols', [['Upgrade', 'echo'], ['Connection', 'upgrade']])
    stream.on('data', (bytes: Buffer) => { stream.end(bytes.toString().toUpperCase()) })
    startResponse('200 OK', [])
    return []
  }, { headers: { Connection: 'upgrade', Upgrade: 'echo' } })
  assert.equal(response.status, 101)
  assert.ok(response.stream)
  response.stream.write('hello')
  const [answer] = await once(response.stream, 'data') as [Buffer]
  assert.equal(answer.toString(), 'HELLO')
})

test('a client that goes away is told to the application, and rejects', async () => {
  const leaving = new AbortController()
  let told: unknown
  const result = inject(async (environ) => {
    environ['pulsar.connection'].onClose(() => { told = environ['pulsar.client_disconnected']() })
    leaving.abort(new Error('left'))
    return new Promise(() => undefined)
  }, { signal: leaving.signal })
  await assert.rejects(result, /left/)
  assert.equal(told, true)
})

test('debug pages and other settings are those of a server', async () => {
  const response = await inject(crashing, { settings: { debug: true } })
  assert.equal(response.status, 500)
  assert.match(response.text(), /out of order/)
})
