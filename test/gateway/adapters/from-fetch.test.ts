/** What is particular to fetch handlers; what every kind does is in fetch-kind.test.ts. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { fromFetch, type FetchContext, type FetchHandler } from '../../../src/gateway/adapters/index.ts'
import { WSGIServer } from '../../../src/index.ts'
import type { WSGIApplication } from '../../../src/gateway/wsgi.ts'
import { mount } from '../../../src/web/mount.ts'
import { valuesOf } from '../../support/raw-client.ts'
import { ServedApplication } from '../../support/served-application.ts'

const undressed = (application: WSGIApplication): WSGIApplication => (environ, startResponse) => application(environ, startResponse)

/** A rule of a handler that is served directly, and of one that is called as a WSGI application. */
function rule(name: string, application: () => WSGIApplication, check: (served: ServedApplication) => Promise<void>): void {
  for (const [way, around] of [['', (one: WSGIApplication) => one], [' (by an environ)', undressed]] as const) {
    test(name + way, async () => {
      await using served = await ServedApplication.start(around(application()))
      await check(served)
    })
  }
}

const handled = (handler: FetchHandler) => (): WSGIApplication => fromFetch(handler)

rule('a handler gets the request and its response is the answer', handled(async (request) => {
  assert.ok(request instanceof Request)
  const text = `${request.method} ${request.url} ${request.headers.get('x-one')} ${await request.text()}`
  return new Response(text, { status: 201, statusText: 'Made So', headers: { 'X-Two': '2' } })
}), async (served) => {
  const answer = await served.request('POST /a%20b?c=d HTTP/1.1\r\nHost: a.example\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nbody')
  assert.equal(answer.status, 201)
  assert.equal(answer.reason, 'Made So')
  assert.deepEqual(valuesOf(answer, 'x-two'), ['2'])
  assert.deepEqual(valuesOf(answer, 'content-type'), ['text/plain;charset=UTF-8'])
  assert.deepEqual(valuesOf(answer, 'content-length'), ['38'])
  assert.equal(answer.body.toString(), 'POST http://a.example/a%20b?c=d 1 body')
})

rule('what is no Response is an error of the application', handled((request) => ({
  '/nothing': undefined, '/text': 'text', '/error': Response.error(), '/object': { status: 200 },
}[new URL(request.url).pathname] as unknown as Response)), async (served) => {
  for (const path of ['/nothing', '/text', '/error', '/object']) assert.equal((await served.get(path)).status, 500, path)
  assert.deepEqual(served.errors, [
    'the fetch handler returned undefined, not a Response', 'the fetch handler returned string, not a Response',
    'the fetch handler returned Response.error(): a network error has no answer', 'the fetch handler returned an object (Object), not a Response',
  ])
})

rule('a response that has been read is an error of the application', handled(async (request) => {
  const response = request.url.endsWith('/stream') ? new Response(new Blob(['x']).stream()) : new Response(new Blob(['x']))
  await response.text()
  return response
}), async (served) => {
  for (const path of ['/stream', '/blob']) assert.equal((await served.get(path)).status, 500)
  assert.match(served.errors.join(), /used already.*used already/)
})

rule('a response of another make is an answer, and so is one of fetch()', handled(async (request) => {
  if (request.url.endsWith('/fetched')) return fetch('data:text/x,fetched')
  const body = new ReadableStream({ start(controller) { controller.enqueue(Buffer.from('foreign')); controller.close() } })
  return { status: 203, statusText: '', headers: new Map([['x-a', 'b']]), body } as unknown as Response
}), async (served) => {
  const foreign = await served.get('/')
  assert.deepEqual([foreign.status, valuesOf(foreign, 'x-a'), foreign.body.toString()], [203, ['b'], 'foreign'])
  const fetched = await served.get('/fetched')
  assert.deepEqual([valuesOf(fetched, 'content-type'), fetched.body.toString()], [['text/x'], 'fetched'])
})

rule('a stream that ends behind its first block is sent with its length', handled(() => {
  let asked = 0
  return new Response(new ReadableStream({
    async pull(controller) {
      await Promise.resolve()
      if (asked++ === 0) controller.enqueue(Buffer.from('short'))
      else controller.close()
    },
  }))
}), async (served) => {
  const answer = await served.get('/')
  assert.equal(answer.framing, 'length')
  assert.equal(answer.body.toString(), 'short')
})

rule('a body with nothing to say of its type has none, bytes included', handled(() => new Response(Buffer.from([0, 255]))), async (served) => {
  const answer = await served.get('/')
  assert.deepEqual(valuesOf(answer, 'content-type'), [])
  assert.deepEqual([...answer.body], [0, 255])
})

rule('headers that are changed on a made response are sent', handled(() => {
  const response = new Response('x', { headers: { a: '1' } })
  response.headers.set('a', '2')
  response.headers.append('set-cookie', 'b=1')
  response.headers.append('set-cookie', 'c=2')
  return response
}), async (served) => {
  const answer = await served.get('/')
  assert.deepEqual([valuesOf(answer, 'a'), valuesOf(answer, 'set-cookie')], [['2'], ['b=1', 'c=2']])
})

rule('HEAD ends a stream that nobody reads', () => {
  let cancelled = 0
  return fromFetch((request) => request.method === 'GET'
    ? new Response(String(cancelled))
    : new Response(new ReadableStream({ cancel: () => { cancelled++ } }), { headers: { 'Content-Length': '9' } }))
}, async (served) => {
  const head = await served.request('HEAD / HTTP/1.1\r\nHost: h\r\n\r\n')
  assert.deepEqual(valuesOf(head, 'content-length'), ['9'])
  assert.equal((await served.get('/')).body.toString(), '1')
})

rule('a chunk that is no bytes is an error of the application', handled(() => new Response(new ReadableStream({
  start(controller) { controller.enqueue(7 as unknown as Uint8Array); controller.close() },
}))), async (served) => {
  assert.equal((await served.get('/')).status, 500)
  assert.match(served.errors.join(), /type number, not a Uint8Array/)
})

rule('a chunk of text is sent as UTF-8', handled(() => new Response(new ReadableStream({
  async pull(controller) {
    controller.enqueue('é, ' as unknown as Uint8Array)
    await new Promise((resolve) => { setImmediate(resolve) })
    controller.enqueue('ü' as unknown as Uint8Array)
    controller.close()
  },
}))), async (served) => {
  assert.equal((await served.get('/')).body.toString(), 'é, ü')
  assert.deepEqual(served.errors, [])
})

rule('an authority that no URL can have is the client\'s mistake', handled((request) => new Response(request.url)), async (served) => {
  assert.equal((await served.request('GET / HTTP/1.1\r\nHost: 1.2.3.4.5\r\n\r\n')).status, 400)
  assert.deepEqual(served.errors, [])
})

rule('below a prefix a handler sees what is behind it', () => mount({
  '/': fromFetch((request) => new Response(`root ${new URL(request.url).pathname}`)),
  '/api': fromFetch((request, { pulsar }) => new Response(`api ${pulsar.scriptName} ${new URL(request.url).pathname}`)),
}), async (served) => {
  const text = async (path: string): Promise<string> => (await served.get(path)).body.toString()
  assert.equal(await text('/x'), 'root /x')
  assert.equal(await text('/api'), 'api /api /')
  assert.equal(await text('/api/a%2Fb'), 'api /api /a%2Fb')
  assert.equal(await text('/apis'), 'root /apis')
})

rule('a connection is taken over by env.pulsar.upgrade()', handled((_request, { pulsar }) => {
  const stream = pulsar.upgrade('101 Switching Protocols', [['Upgrade', 'echo'], ['Connection', 'Upgrade']])
  stream.pipe(stream)
  return undefined as unknown as Response
}), async (served) => {
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n')
  assert.equal((await client.response()).status, 101)
  await client.send('hello')
  assert.equal((await client.bytes(5)).toString(), 'hello')
  client.end()
  await client.untilClosed()
  assert.deepEqual(served.errors, [])
})

test('a client that ends its side and waits for a stream that says nothing counts as gone', async () => {
  let cancel!: () => void
  const cancelled = new Promise<void>((resolve) => { cancel = resolve })
  await using served = await ServedApplication.start(fromFetch(() => new Response(new ReadableStream({ cancel }))))
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  client.end()
  await assert.doesNotReject(cancelled)
  await client.untilClosed()
})

test('a client that ends its side gets the whole of a stream that goes on', async () => {
  let blocks = 0
  await using served = await ServedApplication.start(fromFetch(() => new Response(new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setImmediate(resolve))
      if (blocks++ < 20) controller.enqueue(Buffer.from('block'))
      else controller.close()
    },
  }))))
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  client.end()
  assert.equal((await client.response()).body.length, 100)
})

describe('work that was given to waitUntil()', () => {
  const start = async (application: WSGIApplication, params: object = {}): Promise<{ server: WSGIServer, get: () => Promise<string> }> => {
    const server = new WSGIServer(application, { loadConfig: false, bind: '127.0.0.1:0', logLevel: 'none', ...params })
    await server.start()
    const [address] = server.addresses
    const url = address?.kind === 'tcp' ? `http://127.0.0.1:${address.port}/` : ''
    return { server, get: async () => (await fetch(url, { headers: { connection: 'close' } })).text() }
  }

  for (const [way, around] of [['directly', (one: WSGIApplication) => one], ['by an environ', undressed]] as const) {
    test(`holds up a stop (${way})`, async () => {
      let finish!: () => void
      const order: string[] = []
      const work = new Promise<void>((resolve) => { finish = resolve }).then(() => { order.push('work') })
      const { server, get } = await start(around(fromFetch((_request, _env, context) => {
        context.waitUntil(work)
        return new Response('answered')
      })))
      assert.equal(await get(), 'answered')
      const closed = server.close().then(() => { order.push('closed') })
      while (server.addresses.length > 0) await new Promise((resolve) => setImmediate(resolve))
      finish()
      await closed
      assert.deepEqual(order, ['work', 'closed'])
    })
  }

  test('that never ends holds it up no longer than gracefulTimeout', async () => {
    const { server, get } = await start(fromFetch((_request, _env, context) => {
      context.waitUntil(new Promise(() => undefined))
      return new Response('answered')
    }), { gracefulTimeout: 0.1 })
    await get()
    await assert.doesNotReject(server.close())
  })

  test('and fails is an error of the application', async () => {
    await using served = await ServedApplication.start(fromFetch((_request, _env, context: FetchContext) => {
      context.passThroughOnException()
      context.waitUntil(Promise.reject(new Error('in the background')))
      return new Response(JSON.stringify(context.props))
    }))
    assert.equal((await served.get('/')).body.toString(), '{}')
    assert.deepEqual(served.errors, ['in the background'])
  })
})

test('with globals: platform the handler gets the platform\'s own Request', async () => {
  const handler = fromFetch((request) => new Response(`${Object.getPrototypeOf(request).constructor.name} ${request.url}`), { globals: 'platform' })
  await using served = await ServedApplication.start(handler)
  assert.match((await served.get('/x')).body.toString(), /^Request http:\/\/a\.example\/x$/)
})

test('what is no handler is refused', () => {
  for (const wrong of [undefined, null, {}, 'x']) assert.throws(() => fromFetch(wrong as unknown as FetchHandler), TypeError)
})

test('a body that is read in pieces holds up the client that sends it', async () => {
  let read = 0
  let go!: () => void
  const gate = new Promise<void>((resolve) => { go = resolve })
  await using served = await ServedApplication.start(fromFetch(async (request) => {
    if (request.method === 'GET') return new Response('other')
    const reader = (request.body as ReadableStream<Uint8Array>).getReader()
    read += (await reader.read()).value?.length ?? 0
    await gate
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return new Response(String(read))
      read += value.length
    }
  }))
  const size = 64 * 1024 * 1024
  const client = await served.client()
  client.socket.write(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`)
  const taken = client.socket.write(Buffer.alloc(size))
  assert.equal(taken, false)
  for (let i = 0; i < 50; i++) await served.get('/')
  assert.ok(client.socket.writableLength > 0, 'the server has not taken all of it')
  go()
  await once(client.socket, 'drain')
  assert.equal((await client.response('POST')).body.toString(), String(size))
})
