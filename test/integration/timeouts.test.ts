import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { bareRule } from '../support/served-application.ts'
import type { Environ, StartResponse, WSGIApplication } from '../../src/gateway/wsgi.ts'

const hello: WSGIApplication = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read()
  startResponse('200 OK', [])
  return [Buffer.from(`hello ${body.length}`)]
}

/** Never begins its answer. */
const stuck: WSGIApplication = () => new Promise(() => undefined)

bareRule('a head that is not complete in time gets 408, however many pieces it comes in', async (serve) => {
  const served = await serve(hello, { headerTimeout: 0.2 })
  const client = await served.client()
  let sending = true
  const drip = (async () => {
    await client.send('GET / HTTP/1.1\r\nHost: h\r\n')
    while (sending && !client.ended) {
      await client.send('X: y\r\n')
      await delay(20)
    }
  })()
  const answer = await client.response()
  sending = false
  await drip
  assert.equal(answer.status, 408)
  assert.deepEqual(served.seen('refused').map(({ cause }) => cause), ['header-timeout'])
  await client.untilClosed()
})

bareRule('a connection that sends nothing is closed without an answer', async (serve) => {
  const client = await (await serve(hello, { headerTimeout: 0.1 })).client()
  assert.equal((await client.untilClosed()).length, 0)
})

bareRule('a body that stalls gets 408, and the application learns it', async (serve) => {
  let failure: unknown
  const served = await serve(async (environ, startResponse) => {
    await environ['wsgi.input'].read().catch((error: unknown) => { failure = error })
    startResponse('200 OK', [])
    return []
  }, { bodyTimeout: 0.15 })
  const client = await served.client()
  await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc')
  assert.equal((await client.response('POST')).status, 408)
  await client.untilClosed()
  assert.match(String(failure), /ExchangeClosed: body-timeout/)
})

bareRule('a body that keeps coming, however slowly, is read to its end', async (serve) => {
  const client = await (await serve(hello, { bodyTimeout: 0.3, timeout: 0.3 })).client()
  await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n')
  for (let i = 0; i < 10; i++) {
    await delay(60)
    await client.send('x')
  }
  assert.equal((await client.response('POST')).body.toString(), 'hello 10')
})

bareRule('an application that never begins its answer gets the client 504, and the connection goes on', async (serve) => {
  const served = await serve((environ, startResponse) => (environ.PATH_INFO === '/stuck' ? stuck(environ, startResponse) : hello(environ, startResponse)), { timeout: 0.15 })
  const client = await served.client()
  await client.send('GET /stuck HTTP/1.1\r\nHost: h\r\n\r\n')
  assert.equal((await client.response()).status, 504)
  assert.deepEqual(served.seen('refused').map(({ cause, head }) => [cause, head?.path]), [['application-timeout', '/stuck']])
  await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  assert.equal((await client.response()).body.toString(), 'hello 0')
})

bareRule('an answer that comes after the 504 harms nobody, and its close() is called', async (serve) => {
  let finish: (() => void) | undefined
  let closed = 0
  const served = await serve((environ, startResponse) => {
    if (environ.PATH_INFO !== '/late') return hello(environ, startResponse)
    return new Promise((resolve) => {
      finish = () => {
        startResponse('200 OK', [])
        resolve(Object.assign([Buffer.from('late')], { close: () => { closed++ } }))
      }
    })
  }, { timeout: 0.15 })
  const client = await served.client()
  await client.send('GET /late HTTP/1.1\r\nHost: h\r\n\r\n')
  assert.equal((await client.response()).status, 504)
  finish?.()
  await client.send('GET /next HTTP/1.1\r\nHost: h\r\n\r\n')
  assert.equal((await client.response()).body.toString(), 'hello 0')
  assert.equal(closed, 1)
})

bareRule('once begun, an answer may take its time', async (serve) => {
  const served = await serve(async function* (_environ: Environ, startResponse: StartResponse) {
    startResponse('200 OK', [])
    yield Buffer.from('a')
    await delay(400)
    yield Buffer.from('b')
  }, { timeout: 0.1, keepAlive: 0.1, headerTimeout: 0.1, bodyTimeout: 0.1 })
  assert.equal((await served.get()).body.toString(), 'ab')
})

bareRule('a kept-alive connection is closed when it has been silent for keepAlive', async (serve) => {
  const client = await (await serve(hello, { keepAlive: 0.15 })).client()
  for (let i = 0; i < 3; i++) {
    await delay(80)
    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    assert.equal((await client.response()).status, 200)
  }
  assert.equal((await client.untilClosed()).length, 0)
  assert.equal(client.error, null)
})

bareRule('a client that takes nothing of the answer for sendTimeout is cut', async (serve) => {
  let ended = false
  const served = await serve(async function* (_environ: Environ, startResponse: StartResponse) {
    startResponse('200 OK', [])
    try {
      for (;;) yield Buffer.alloc(65536)
    } finally {
      ended = true
    }
  }, { sendTimeout: 0.2 })
  const client = await served.client()
  client.pause()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  for (let i = 0; i < 200 && !ended; i++) await delay(20)
  assert.ok(ended, 'the iteration was ended')
  assert.deepEqual(served.seen('refused').map(({ cause }) => cause), ['send-timeout'])
  assert.deepEqual(served.errors, [])
})

for (const line of ['', 'Connection: close\r\n']) {
  bareRule(`a client that takes the answer slowly is not cut${line === '' ? '' : ', the last one included'}`, async (serve) => {
    const size = 12_000_000
    const served = await serve((_environ, startResponse) => {
      startResponse('200 OK', [])
      return [Buffer.alloc(size)]
    }, { sendTimeout: 0.6 })
    const client = await served.client()
    client.pause()
    await client.send(`GET / HTTP/1.1\r\nHost: h\r\n${line}\r\n`)
    // Longer than a connection that closes is waited for.
    for (let i = 0; i < 25; i++) {
      client.resume()
      await delay(1)
      client.pause()
      await delay(120)
    }
    client.resume()
    assert.equal((await client.response()).body.length, size)
    assert.deepEqual(served.seen('refused'), [])
  })
}
