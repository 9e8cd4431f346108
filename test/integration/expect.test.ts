import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { valuesOf } from '../support/raw-client.ts'
import { bareRule } from '../support/served-application.ts'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'

const head = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n'

const reading: WSGIApplication = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read()
  startResponse('200 OK', [])
  return [body]
}

const refusing: WSGIApplication = (_environ, startResponse) => {
  startResponse('403 Forbidden', [])
  return []
}

bareRule('100 Continue is sent when the application first reads, and not before', async (serve) => {
  let go: (() => void) | undefined
  const gate = new Promise<void>((resolve) => { go = resolve })
  const served = await serve(async (environ, startResponse) => {
    await gate
    return reading(environ, startResponse)
  })
  const client = await served.client()
  await client.send(head)
  await delay(50)
  assert.equal(client.received().length, 0)
  go?.()
  assert.equal((await client.response('POST')).status, 100)
  await client.send('abc')
  assert.equal((await client.response('POST')).body.toString(), 'abc')
})

bareRule('a client that does not wait for 100 Continue gets none', async (serve) => {
  const client = await (await serve(reading)).client()
  await client.send(`${head}abc`)
  assert.equal((await client.response('POST')).status, 200)
})

bareRule('an application that refuses without reading sends no 100, and the connection closes', async (serve) => {
  const client = await (await serve(refusing)).client()
  await client.send(head)
  const answer = await client.response('POST')
  assert.equal(answer.status, 403)
  assert.deepEqual(valuesOf(answer, 'connection'), ['close'])
  await client.untilClosed()
})

bareRule('an expectation of an HTTP/1.0 client is ignored', async (serve) => {
  const client = await (await serve(reading)).client()
  await client.send('POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n')
  await delay(30)
  assert.equal(client.received().length, 0)
  await client.send('abc')
  assert.equal((await client.response('POST')).body.toString(), 'abc')
})

bareRule('an expectation without a body needs no 100', async (serve) => {
  const client = await (await serve(reading)).client()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n')
  assert.equal((await client.response()).status, 200)
})

bareRule('a second request on the connection may expect, too', async (serve) => {
  const client = await (await serve(reading)).client()
  for (let i = 0; i < 2; i++) {
    await client.send(head)
    assert.equal((await client.response('POST')).status, 100)
    await client.send('abc')
    assert.equal((await client.response('POST')).body.toString(), 'abc')
  }
})
