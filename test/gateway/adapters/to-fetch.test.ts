import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Hono } from 'hono'
import { fromFetch, toFetch } from '../../../src/gateway/adapters/index.ts'
import type { Environ, StartResponse, WSGIApplication } from '../../../src/gateway/wsgi.ts'

const request = (path: string, init: RequestInit & { duplex?: 'half' } = {}): Request => new Request(`http://a.example:8080${path}`, init)

/** Promise.withResolvers() of Node 22. */
function deferred(): { readonly promise: Promise<void>, readonly resolve: () => void } {
  let resolve!: () => void
  const promise = new Promise<void>((done) => { resolve = done })
  return { promise, resolve }
}

const echo: WSGIApplication = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read()
  startResponse('201 Made', [['Content-Type', 'text/plain'], ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']])
  const { REQUEST_METHOD, SCRIPT_NAME, PATH_INFO, QUERY_STRING, HTTP_HOST, HTTP_X_ONE, SERVER_NAME, SERVER_PORT } = environ
  return [Buffer.from(`${[REQUEST_METHOD, SCRIPT_NAME, PATH_INFO, QUERY_STRING, HTTP_HOST, HTTP_X_ONE, SERVER_NAME, SERVER_PORT].join('|')}|`), body]
}

test('a WSGI application answers a fetch request', async () => {
  const response = await toFetch(echo)(request('/a%20b?c=d', { method: 'POST', body: 'body', headers: { 'X-One': '1' } }))
  assert.equal(response.status, 201)
  assert.equal(response.statusText, 'Made')
  assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2'])
  assert.equal(await response.text(), 'POST||/a b|c=d|a.example:8080|1|a.example|8080|body')
})

test('its settings are those that it was given', async () => {
  const response = await toFetch(echo, { settings: { scriptName: '/a' } })(request('/a/b'))
  assert.match(await response.text(), /^GET\|\/a\|\/b\|/)
})

test('a large body of a request is read in the pieces that are asked for', async () => {
  const application: WSGIApplication = async (environ, startResponse) => {
    const lengths: number[] = []
    for (let bytes = await environ['wsgi.input'].read(1000); bytes.length > 0; bytes = await environ['wsgi.input'].read(1000)) lengths.push(bytes.length)
    startResponse('200 OK', [])
    return [Buffer.from(lengths.join())]
  }
  const body = new ReadableStream({
    start(controller) {
      for (const length of [700, 1500, 300]) controller.enqueue(new Uint8Array(length))
      controller.close()
    },
  })
  const response = await toFetch(application)(request('/', { method: 'POST', body, duplex: 'half' }))
  assert.equal(await response.text(), '1000,1000,500')
})

test('blocks are made as they are read, and the body is closed where nobody reads on', async () => {
  let made = 0
  const closed = deferred()
  const application: WSGIApplication = (_environ, startResponse) => {
    startResponse('200 OK', [])
    const blocks = (function* () { for (;;) { made++; yield new Uint8Array(65_536) } })()
    return Object.assign(blocks, { close: () => closed.resolve() })
  }
  const response = await toFetch(application)(request('/'))
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  for (let i = 0; i < 10; i++) assert.equal((await reader.read()).value?.length, 65_536)
  assert.ok(made < 20, `${made} blocks for 10 that were read`)
  await reader.cancel()
  await closed.promise
})

test('HEAD and statuses without a body have none', async () => {
  const hello = (_environ: Environ, startResponse: StartResponse): Buffer[] => {
    startResponse('200 OK', [])
    return [Buffer.from('hello')]
  }
  const head = await toFetch(hello)(request('/', { method: 'HEAD' }))
  assert.equal(head.headers.get('content-length'), '5')
  assert.equal(await head.text(), '')
  const none = await toFetch((_environ, startResponse) => { startResponse('204 No Content', []); return [Buffer.from('x')] })(request('/'))
  assert.equal(none.status, 204)
  assert.equal(none.body, null)
})

test('what is thrown is logged, and a bare 500', async () => {
  const logged: string[] = []
  const log = (text: string): void => { logged.push(text) }
  const response = await toFetch(() => { throw new Error('a secret') }, { log })(request('/x'))
  assert.equal(response.status, 500)
  assert.doesNotMatch(await response.text(), /secret/)
  assert.match(logged.join(''), /^GET \/x: Error: a secret\n/)
})

test('a body that fails, or is shorter than it said, is an error to its reader', async () => {
  const logged: string[] = []
  const log = (text: string): void => { logged.push(text) }
  const breaks = toFetch((_environ, startResponse) => {
    startResponse('200 OK', [])
    return (function* () { yield Buffer.from('first'); throw new Error('broken') })()
  }, { log })
  await assert.rejects((await breaks(request('/'))).text(), /application-error/)
  const short = toFetch((_environ, startResponse) => { startResponse('200 OK', [['Content-Length', '10']]); return [Buffer.from('short')] }, { log })
  await assert.rejects((await short(request('/'))).text(), /short-answer/)
  assert.equal(logged.length, 2)
})

test('a request that is aborted has no answer, and the application is told', async () => {
  const controller = new AbortController()
  const told = deferred()
  const application: WSGIApplication = (environ) => {
    environ['pulsar.connection'].onClose(told.resolve)
    return new Promise(() => undefined)
  }
  const response = toFetch(application)(request('/', { signal: controller.signal }))
  controller.abort()
  await assert.rejects(response, { name: 'ExchangeClosed' })
  await told.promise
})

test('a Hono application has one below a path, and goes through it', async () => {
  const app = new Hono().get('/', (c) => c.text('hono')).mount('/old', toFetch(echo))
  assert.equal(await (await app.request('http://h/')).text(), 'hono')
  assert.match(await (await app.request('http://h/old/page')).text(), /^GET\|\|\/page\|/)
})

test('a fetch handler that is made WSGI and fetch again is the same', async () => {
  const handler = toFetch(fromFetch(async (asked) => new Response(`${asked.url} ${await asked.text()}`, { status: 202, headers: { a: 'b' } })))
  const response = await handler(request('/x?y', { method: 'PUT', body: 'z' }))
  assert.equal(response.status, 202)
  assert.equal(response.headers.get('a'), 'b')
  assert.equal(await response.text(), 'http://a.example:8080/x?y z')
})
