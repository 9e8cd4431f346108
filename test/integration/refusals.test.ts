import assert from 'node:assert/strict'
import { causes, type CauseName } from '../../src/http/causes.ts'
import type { SettingsParams } from '../../src/config/settings.ts'
import { valuesOf } from '../support/raw-client.ts'
import { bareRule } from '../support/served-application.ts'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'

let calls = 0
const counting: WSGIApplication = async (environ, startResponse) => {
  calls++
  await environ['wsgi.input'].read()
  startResponse('200 OK', [])
  return [Buffer.from('served')]
}

const host = 'Host: h\r\n'
const refusals: readonly (readonly [name: string, bytes: string, cause: CauseName, params?: SettingsParams])[] = [
  ['a request line without a target', `GET HTTP/1.1\r\n${host}\r\n`, 'bad-request-line'],
  ['a method that is no token', `G{T / HTTP/1.1\r\n${host}\r\n`, 'bad-method'],
  ['an endless method', `${'A'.repeat(65)} / HTTP/1.1\r\n${host}\r\n`, 'method-too-long'],
  ['a target beyond ASCII', `GET /\xe4 HTTP/1.1\r\n${host}\r\n`, 'bad-target'],
  ['an absolute form of another scheme', `GET ftp://h/ HTTP/1.1\r\n${host}\r\n`, 'bad-target'],
  ['a request line over the limit', `GET /${'a'.repeat(100)} HTTP/1.1\r\n${host}\r\n`, 'request-line-too-long', { limitRequestLine: 100 }],
  ['an endless request line', `GET /${'a'.repeat(9000)}`, 'request-line-too-long'],
  ['no version', `GET / HTTP\r\n${host}\r\n`, 'bad-version'],
  ['HTTP/2 by prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'unsupported-version'],
  ['a bare LF', 'GET / HTTP/1.1\nHost: h\n\n', 'bare-lf'],
  ['white space before the colon', `GET / HTTP/1.1\r\n${host}X : y\r\n\r\n`, 'bad-field-line'],
  ['NUL in a value', `GET / HTTP/1.1\r\n${host}X: \0\r\n\r\n`, 'bad-field-value'],
  ['a folded line', `GET / HTTP/1.1\r\n${host}X: a\r\n b\r\n\r\n`, 'folded-line'],
  ['an endless field line', `GET / HTTP/1.1\r\n${host}X: ${'a'.repeat(9000)}`, 'field-too-long'],
  ['too many fields', `GET / HTTP/1.1\r\n${host}${'X: y\r\n'.repeat(10)}\r\n`, 'too-many-fields', { limitRequestFields: 10 }],
  ['a head that is too long', `GET / HTTP/1.1\r\n${host}${`X: ${'y'.repeat(1000)}\r\n`.repeat(70)}\r\n`, 'head-too-long'],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 'missing-host'],
  ['two Hosts', `GET / HTTP/1.1\r\n${host}${host}\r\n`, 'repeated-host'],
  ['a Host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 'bad-host'],
  ['both framings', `POST / HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 'framing-conflict'],
  ['a length that is none', `POST / HTTP/1.1\r\n${host}Content-Length: +3\r\n\r\nabc`, 'bad-content-length'],
  ['chunked twice', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`, 'bad-transfer-encoding'],
  ['a coding that nobody knows', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 'unknown-transfer-coding'],
  ['a chunk size that is none', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, 'bad-chunk'],
  ['an endless chunk extension', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(1100)}`, 'chunk-line-too-long'],
  ['an announced body over the limit', `POST / HTTP/1.1\r\n${host}Content-Length: 11\r\n\r\n`, 'body-too-long', { limitRequestBody: 10 }],
  ['a chunked body over the limit', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\n`, 'body-too-long', { limitRequestBody: 10 }],
  ['another expectation', `POST / HTTP/1.1\r\n${host}Expect: a-miracle\r\nContent-Length: 1\r\n\r\n`, 'expectation-failed'],
]

for (const [name, bytes, cause, params] of refusals) {
  bareRule(`${name} is refused with ${causes[cause].status} (${cause}), logged, and ends the connection`, async (serve) => {
    const served = await serve(counting, params)
    const client = await served.client()
    const { text } = causes[cause]
    await client.send(bytes)
    const answer = await client.response(bytes.split(' ', 1)[0])
    assert.equal(answer.status, causes[cause].status)
    assert.deepEqual(valuesOf(answer, 'connection'), ['close'])
    assert.ok(!answer.body.toString().includes(text.slice(0, 20)), 'nothing internal in the body')
    await client.untilClosed()
    assert.equal(client.error, null, 'closed in order, so that the client could read the answer')
    const seen = served.seen('refused')
    assert.deepEqual(seen.map((event) => event.cause), [cause])
    assert.equal(seen[0]?.peer.remoteAddress, '127.0.0.1')
    assert.notEqual(seen[0]?.detail, '')
    assert.equal((await served.get()).body.toString(), 'served', 'others are served')
  })
}

bareRule('nothing behind a refused request is read', async (serve) => {
  const served = await serve(counting)
  const client = await served.client()
  calls = 0
  await client.send('GET / HTTP/1.1\r\nHost: h\r\nX : y\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n')
  assert.equal((await client.response()).status, 400)
  await client.untilClosed()
  assert.equal(client.received().length, 0)
  assert.equal(calls, 0)
})

bareRule('requests before a refused one are answered first', async (serve) => {
  const client = await (await serve(counting)).client()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\nBAD\r\n\r\n')
  assert.equal((await client.response()).status, 200)
  assert.equal((await client.response()).status, 200)
  assert.equal((await client.response()).status, 400)
  await client.untilClosed()
})

bareRule('a client that goes on sending can still read why it was refused', async (serve) => {
  const client = await (await serve(counting, { limitRequestBody: 1000 })).client()
  await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n', Buffer.alloc(2_000_000))
  assert.equal((await client.response('POST')).status, 413)
  await client.untilClosed()
})

bareRule('one connection more than maxConnections gets 503 and Retry-After, and the others go on', async (serve) => {
  const served = await serve(counting, { maxConnections: 2 })
  const [first, second] = [await served.client(), await served.client()]
  for (const client of [first, second]) {
    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    assert.equal((await client.response()).status, 200)
  }
  const third = await served.client()
  const answer = await third.response()
  assert.equal(answer.status, 503)
  assert.deepEqual(valuesOf(answer, 'retry-after'), ['1'])
  await third.untilClosed()
  await first.send('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
  assert.equal((await first.response()).status, 200)
  await first.untilClosed()
  first.end()
  let status = 503
  for (let tries = 0; status === 503 && tries < 100; tries++) ({ status } = await served.get())
  assert.equal(status, 200, 'a place is free again')
})
