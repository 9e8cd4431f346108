import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { bareRule } from '../support/served-application.ts'
import type { Environ, StartResponse, WSGIBody } from '../../src/gateway/wsgi.ts'

async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 250; i++) {
    if (condition()) return
    await delay(20)
  }
  assert.fail(`waited 5 s for ${what}`)
}

for (const how of ['closes', 'resets'] as const) {
  bareRule(`a client that ${how} the connection in the middle of an answer ends the iteration, and close() is called once`, async (serve) => {
    let blocks = 0
    let closed = 0
    let ended = 0
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) {
          blocks++
          yield Buffer.alloc(10_000)
          await delay(5)
        }
      } finally {
        ended++
      }
    }
    const served = await serve((environ: Environ, startResponse: StartResponse): WSGIBody => {
      startResponse('200 OK', [])
      if (environ.PATH_INFO === '/other') return [Buffer.from('other')]
      return Object.assign(endless(), { close: () => { closed++ } })
    })
    const client = await served.client()
    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await client.bytes(20_000)
    if (how === 'closes') client.destroy()
    else client.reset()
    await eventually(() => closed > 0 && ended > 0, 'close()')
    const seen = blocks
    await delay(60)
    assert.equal(blocks, seen, 'no further block was asked for')
    assert.equal(closed, 1)
    assert.equal(ended, 1)
    assert.deepEqual(served.errors, [])
    assert.equal((await served.get('/other')).body.toString(), 'other')
  })
}

bareRule('a client that goes while the application waits for something else ends the request at once', async (serve) => {
  let closed = 0
  const served = await serve((_environ: Environ, startResponse: StartResponse): WSGIBody => {
    startResponse('200 OK', [])
    return {
      [Symbol.asyncIterator]: () => ({ next: (): Promise<IteratorResult<Buffer>> => new Promise(() => undefined) }),
      close: () => { closed++ },
    }
  })
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  await delay(30)
  client.reset()
  await eventually(() => closed === 1, 'close()')
  assert.deepEqual(served.errors, [])
})

bareRule('pulsar.client_disconnected tells an application that has not begun its answer', async (serve) => {
  const seen: boolean[] = []
  let done = false
  const served = await serve(async (environ, startResponse) => {
    seen.push(environ['pulsar.client_disconnected']())
    for (let i = 0; i < 250 && !environ['pulsar.client_disconnected'](); i++) await delay(20)
    seen.push(environ['pulsar.client_disconnected']())
    startResponse('200 OK', [])
    done = true
    return [Buffer.from('nobody reads this')]
  })
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  await delay(30)
  client.destroy()
  await eventually(() => done, 'the application')
  assert.deepEqual(seen, [false, true])
  assert.deepEqual(served.errors, [])
})

bareRule('a client that goes in the middle of its body fails the read, and costs no other request anything', async (serve) => {
  let failure: unknown
  const served = await serve(async (environ, startResponse) => {
    if (environ.REQUEST_METHOD === 'POST') await environ['wsgi.input'].read().catch((error: unknown) => { failure = error; throw error })
    startResponse('200 OK', [])
    return [Buffer.from('ok')]
  })
  const client = await served.client()
  await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc')
  await delay(30)
  client.reset()
  await eventually(() => failure !== undefined, 'the failure of read()')
  assert.match(String(failure), /client-gone/)
  assert.deepEqual(served.errors, [], 'a client that goes is no error of the application')
  assert.equal((await served.get()).status, 200)
})

bareRule('connection.onClose is called once, whichever way it ends', async (serve) => {
  const closed: string[] = []
  const served = await serve((environ, startResponse) => {
    environ['pulsar.connection'].onClose(() => { closed.push(environ.PATH_INFO) })
    startResponse('200 OK', [])
    return environ.PATH_INFO === '/whole' ? [Buffer.from('x')] : (async function* () {
      yield Buffer.from('x')
      await new Promise(() => undefined)
    })()
  })
  await served.get('/whole')
  const client = await served.client()
  await client.send('GET /gone HTTP/1.1\r\nHost: h\r\n\r\n')
  await client.bytes()
  client.reset()
  await eventually(() => closed.length === 2, 'onClose')
  assert.deepEqual(closed, ['/whole', '/gone'])
})
