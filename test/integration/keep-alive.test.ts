import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { valuesOf } from '../support/raw-client.ts'
import { bareRule } from '../support/served-application.ts'
import type { Environ, StartResponse, WSGIApplication } from '../../src/gateway/wsgi.ts'

/** Answers with method, path and what was read of the body. */
const echo: WSGIApplication = async (environ, startResponse) => {
  const body = environ.QUERY_STRING === 'unread' ? Buffer.alloc(0) : await environ['wsgi.input'].read()
  if (environ.QUERY_STRING === 'slow') await delay(30)
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from(`${environ.REQUEST_METHOD} ${environ.PATH_INFO} ${body.toString('latin1')}`)]
}

bareRule('an HTTP/1.1 connection is kept and gives one answer after the other', async (serve) => {
  const client = await (await serve(echo)).client()
  for (const path of ['/a', '/b', '/c']) {
    await client.send(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`)
    const answer = await client.response()
    assert.equal(answer.body.toString(), `GET ${path} `)
    assert.deepEqual(valuesOf(answer, 'connection'), [])
  }
})

bareRule('Connection: close is answered with the same, and the connection ends', async (serve) => {
  const client = await (await serve(echo)).client()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
  assert.deepEqual(valuesOf(await client.response(), 'connection'), ['close'])
  await client.untilClosed()
})

bareRule('HTTP/1.0 closes, unless the client asks to keep the connection and the length is known', async (serve) => {
  const served = await serve(echo)
  const once = await served.client()
  await once.send('GET / HTTP/1.0\r\n\r\n')
  assert.deepEqual(valuesOf(await once.response(), 'connection'), ['close'])
  await once.untilClosed()
  const kept = await served.client()
  for (const path of ['/a', '/b']) {
    await kept.send(`GET ${path} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`)
    const answer = await kept.response()
    assert.deepEqual(valuesOf(answer, 'connection'), ['keep-alive'])
    assert.equal(answer.body.toString(), `GET ${path} `)
  }
})

bareRule('HTTP/1.0 with an unknown length is ended by the end of the connection, whatever the client asks', async (serve) => {
  const client = await (await serve(async function* (_environ: Environ, startResponse: StartResponse) {
    startResponse('200 OK', [])
    yield Buffer.from('one')
    yield Buffer.from('two')
  })).client()
  await client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
  const answer = await client.response()
  assert.equal(answer.body.toString(), 'onetwo')
  assert.deepEqual(valuesOf(answer, 'connection'), ['close'])
})

bareRule('sixteen pipelined requests are answered in order, though some take longer', async (serve) => {
  const client = await (await serve(echo)).client()
  const paths = Array.from({ length: 16 }, (_, i) => `/${i}`)
  await client.send(paths.map((path, i) => `GET ${path}${i % 3 === 0 ? '?slow' : ''} HTTP/1.1\r\nHost: h\r\n\r\n`).join(''))
  for (const path of paths) assert.equal((await client.response()).body.toString(), `GET ${path} `)
})

bareRule('pipelined requests with bodies are cut where they end', async (serve) => {
  const client = await (await serve(echo)).client()
  const length = 'POST /l HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc'
  const chunked = 'POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\nX: y\r\n\r\n'
  await client.send(length + chunked + length, chunked.slice(0, 70), chunked.slice(70))
  for (const expected of ['POST /l abc', 'POST /c def', 'POST /l abc', 'POST /c def']) {
    assert.equal((await client.response('POST')).body.toString(), expected)
  }
})

bareRule('more than a client may send ahead waits, and is all answered', async (serve) => {
  const client = await (await serve(echo)).client()
  const count = 4000
  await client.send(Array.from({ length: count }, (_, i) => `GET /${i}${i === 0 ? '?slow' : ''} HTTP/1.1\r\nHost: h\r\nX-Filler: ${'f'.repeat(40)}\r\n\r\n`).join(''))
  for (let i = 0; i < count; i++) assert.equal((await client.response()).body.toString(), `GET /${i} `)
})

bareRule('a body that the application does not read is never taken for a request', async (serve) => {
  const served = await serve(echo)
  const hidden = 'GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n'
  const client = await served.client()
  await client.send(`POST /?unread HTTP/1.1\r\nHost: h\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}GET /next HTTP/1.1\r\nHost: h\r\n\r\n`)
  assert.equal((await client.response('POST')).body.toString(), 'POST / ')
  assert.equal((await client.response()).body.toString(), 'GET /next ')
})

bareRule('a body that comes late, and that nobody reads, is passed over', async (serve) => {
  const client = await (await serve(echo)).client()
  await client.send('POST /?unread HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n')
  assert.equal((await client.response('POST')).status, 200)
  await client.send('5\r\nhello\r\n0\r\n\r\n', 'GET /next HTTP/1.1\r\nHost: h\r\n\r\n')
  assert.equal((await client.response()).body.toString(), 'GET /next ')
})

bareRule('a large body that nobody reads costs the connection, not the server', async (serve) => {
  const client = await (await serve(echo)).client()
  await client.send('POST /?unread HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\nabc')
  const answer = await client.response('POST')
  assert.equal(answer.status, 200)
  assert.deepEqual(valuesOf(answer, 'connection'), ['close'])
  await client.untilClosed()
})

bareRule('an endless chunked body that nobody reads ends the connection', async (serve) => {
  const client = await (await serve(echo)).client()
  await client.send('POST /?unread HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n')
  assert.equal((await client.response('POST')).status, 200)
  const chunk = `4000\r\n${'x'.repeat(16384)}\r\n`
  await client.send(chunk, chunk, chunk, chunk, chunk, chunk)
  await client.untilClosed()
})

bareRule('keepAlive 0 answers one request a connection', async (serve) => {
  const client = await (await serve(echo, { keepAlive: 0 })).client()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  assert.deepEqual(valuesOf(await client.response(), 'connection'), ['close'])
  await client.untilClosed()
})

bareRule('a client that has ended its side still gets the whole answer', async (serve) => {
  const client = await (await serve(echo)).client()
  await client.send('GET /?slow HTTP/1.1\r\nHost: h\r\n\r\nGET /second?slow HTTP/1.1\r\nHost: h\r\n\r\n')
  client.end()
  assert.equal((await client.response()).body.toString(), 'GET / ')
  assert.equal((await client.response()).body.toString(), 'GET /second ')
  await client.untilClosed()
})

bareRule('a client that ends within a head or a body costs nothing', async (serve) => {
  const served = await serve(echo)
  for (const part of ['GET / HTT', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc']) {
    const client = await served.client()
    await client.send(part)
    client.end()
    await client.untilClosed()
    assert.equal(client.received().length, 0)
  }
  assert.deepEqual(served.errors, [])
  assert.equal((await served.get('/after')).status, 200)
})
