import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { RawClient, valuesOf } from '../support/raw-client.ts'
import { bareRule } from '../support/served-application.ts'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'

const slow: WSGIApplication = async (environ, startResponse) => {
  if (environ.PATH_INFO === '/slow') await delay(150)
  if (environ.PATH_INFO === '/never') await new Promise(() => undefined)
  startResponse('200 OK', [])
  return [Buffer.from('done')]
}

bareRule('close() lets a running request end, tells its client to close, and accepts nobody', async (serve) => {
  const served = await serve(slow)
  const client = await served.client()
  await client.send('GET /slow HTTP/1.1\r\nHost: h\r\n\r\n')
  await delay(30)
  const closing = served.stop()
  await delay(20)
  await assert.rejects(RawClient.connect(served.port), /ECONNREFUSED/)
  const answer = await client.response()
  assert.equal(answer.body.toString(), 'done')
  assert.deepEqual(valuesOf(answer, 'connection'), ['close'])
  client.end()
  await closing
})

bareRule('a request that was on its way on a kept connection is still answered', async (serve) => {
  const served = await serve(slow)
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  await client.response()
  const closing = served.stop()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  const answer = await client.response()
  assert.equal(answer.body.toString(), 'done')
  assert.deepEqual(valuesOf(answer, 'connection'), ['close'])
  client.end()
  await closing
})

bareRule('silent connections do not hold up the stop', async (serve) => {
  const served = await serve(slow)
  const clients = await Promise.all(Array.from({ length: 20 }, () => served.client()))
  await clients[0]?.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  await clients[0]?.response()
  await served.stop(30)
  for (const client of clients) {
    await client.untilClosed()
    assert.equal(client.error, null)
  }
})

bareRule('what is not over after the grace is cut, with 503 where nothing had been answered', async (serve) => {
  const served = await serve(slow, { timeout: 0 })
  const client = await served.client()
  await client.send('GET /never HTTP/1.1\r\nHost: h\r\n\r\n')
  await delay(30)
  const closing = served.stop(0.1)
  assert.equal((await client.response()).status, 503)
  await client.untilClosed()
  await closing
  assert.deepEqual(served.seen('refused').map(({ cause }) => cause), ['stopped'])
})

bareRule('a second, impatient stop shortens the first', async (serve) => {
  const served = await serve(slow, { timeout: 0 })
  const client = await served.client()
  await client.send('GET /never HTTP/1.1\r\nHost: h\r\n\r\n')
  await delay(30)
  const patient = served.stop(60)
  await served.stop(0)
  await patient
  assert.equal((await client.response()).status, 503)
})

bareRule('a client that takes nothing does not hold up a stop for ever', async (serve) => {
  const served = await serve((_environ, startResponse) => {
    startResponse('200 OK', [])
    return [Buffer.alloc(50_000_000)]
  })
  const client = await served.client()
  client.pause()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  await delay(50)
  await served.stop(0.1)
  await assert.rejects(RawClient.connect(served.port), /ECONNREFUSED/)
})
