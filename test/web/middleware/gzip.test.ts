import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import * as zlib from 'node:zlib'
import { inject, type InjectOptions } from '../../../src/testing/inject.ts'
import type { InjectedResponse } from '../../../src/testing/injected-response.ts'
import type { WSGIApplication } from '../../../src/gateway/wsgi.ts'
import { GZipMiddleware, type GZipOptions } from '../../../src/web/middleware/gzip.ts'
import { ResponseMiddlewareBase } from '../../../src/web/middleware/response-middleware.ts'
import { WsgiResponse, type WsgiResponseInit } from '../../../src/web/response.ts'
import { WsgiHandler } from '../../../src/web/wsgi-handler.ts'
import { MediaRouter } from '../../../src/web/static/media-router.ts'
import { mediaDirectory } from '../static/media-directory.ts'

const text = 'Pulsar speaks HTTP. '.repeat(200)
const long = 'Pulsar speaks HTTP. '.repeat(20_000)

function appOf(init: WsgiResponseInit | (() => WsgiResponse), options: GZipOptions = {}): WSGIApplication {
  return new WsgiHandler([() => (typeof init === 'function' ? init() : new WsgiResponse(init))], [new GZipMiddleware(options)])
}

function get(app: WSGIApplication, accepts: string | undefined = 'gzip', more: InjectOptions = {}): Promise<InjectedResponse> {
  return inject(app, { ...more, headers: { ...(more.headers as Record<string, string> | undefined), ...(accepts === '' ? {} : { 'Accept-Encoding': accepts }) } })
}

test('text is packed as the client asks, and says so', async () => {
  const response = await get(appOf({ content: text }))
  assert.equal(response.headers.get('content-encoding'), 'gzip')
  assert.equal(response.headers.get('vary'), 'Accept-Encoding')
  assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8')
  assert.equal(Number(response.headers.get('content-length')), response.body.length)
  assert.ok(response.body.length < text.length)
  assert.equal(gunzipSync(response.body).toString(), text)
})

test('long content is packed just as well', async () => {
  const response = await get(appOf({ content: long }), 'br')
  assert.equal(brotliDecompressSync(response.body).toString(), long)
})

test("the client's preference counts, then the order of the codings", async () => {
  const coding = async (accepts: string, options?: GZipOptions): Promise<string | null> =>
    (await get(appOf({ content: text }, options), accepts)).headers.get('content-encoding')
  assert.equal(await coding('gzip;q=0.8, br;q=0.9'), 'br')
  assert.equal(await coding('br, gzip', { codings: ['gzip', 'br'] }), 'gzip')
  assert.equal(await coding('gzip;q=0'), null)
  assert.equal(await coding('*;q=0'), null)
  assert.equal(await coding('*', { codings: ['gzip'] }), 'gzip')
  assert.equal(await coding('*, gzip;q=0', { codings: ['gzip', 'br'] }), 'br')
  assert.equal(await coding('identity, gzip;q=0.5'), null)
  assert.equal(await coding('gzip;q=0.5'), 'gzip')
  assert.equal(await coding('x-gzip', { codings: ['gzip'] }), 'gzip')
  assert.equal(await coding('deflate, sdch'), null)
  assert.equal(await coding('gzip;q=2'), null)
  assert.equal(await coding('not gzip'), null)
  assert.equal(await coding(''), null)
})

test('zstd is there where this Node has it, and silently not where it has not', async () => {
  const response = await get(appOf({ content: text }), 'zstd')
  const unpack = (zlib as unknown as { zstdDecompressSync?: (bytes: Uint8Array) => Buffer }).zstdDecompressSync
  if (unpack === undefined) assert.equal(response.text(), text)
  else assert.equal(unpack(response.body).toString(), text)
})

test('what could have been packed varies also where it is not', async () => {
  const response = await get(appOf({ content: text }), '')
  assert.equal(response.headers.get('vary'), 'Accept-Encoding')
  assert.equal(response.text(), text)
})

test('short, packed, unknown and partial content, and what must not be changed, is left alone', async () => {
  const cases: Record<string, WsgiResponseInit> = {
    short: { content: 'x'.repeat(1023) },
    image: { content: Buffer.from(text), contentType: 'image/png' },
    'bytes of no type': { content: Buffer.from(text) },
    packed: { content: text, headers: { 'Content-Encoding': 'x-own' } },
    partial: { content: text, status: 206, headers: { 'Content-Range': 'bytes 0-3999/9000' } },
    'no-transform': { content: text, headers: { 'Cache-Control': 'private, no-transform' } },
    nothing: {},
  }
  for (const [what, init] of Object.entries(cases)) {
    const response = await get(appOf(init))
    assert.equal(response.headers.get('content-encoding'), (init.headers as Record<string, string> | undefined)?.['Content-Encoding'] ?? null, what)
    assert.equal(response.headers.get('vary'), null, what)
    assert.equal(response.body.length, init.content === undefined ? 0 : (init.content as string).length, what)
  }
  assert.equal((await get(appOf({ content: 'x'.repeat(20) }, { minLength: 20 }))).headers.get('content-encoding'), 'gzip')
  assert.equal((await get(appOf({ content: text, contentType: 'image/svg+xml' }))).headers.get('content-encoding'), 'gzip')
  assert.equal((await get(appOf({ content: text, contentType: 'application/problem+json' }))).headers.get('content-encoding'), 'gzip')
})

test('a strong entity tag becomes a weak one, by which the client may ask', async () => {
  const app = appOf(() => new WsgiResponse({ content: text }).etag('v1'))
  const response = await get(app)
  assert.equal(response.headers.get('etag'), 'W/"v1"')
  const again = await get(app, 'gzip', { headers: { 'If-None-Match': 'W/"v1"' } })
  assert.deepEqual([again.status, again.headers.get('vary'), again.body.length], [304, 'Accept-Encoding', 0])
  assert.equal((await get(app, '')).headers.get('etag'), '"v1"')
})

test('HEAD says what GET would', async () => {
  const app = appOf({ content: text })
  const [head, whole] = [await get(app, 'gzip', { method: 'HEAD' }), await get(app)]
  assert.equal(head.headers.get('content-encoding'), 'gzip')
  assert.equal(head.headers.get('content-length'), whole.headers.get('content-length'))
})

test('a stream is packed piece by piece: what was given is sent before the next is waited for', async () => {
  let go: () => void = () => undefined
  const gate = new Promise<void>((resolve) => { go = resolve })
  async function* events(): AsyncGenerator<string> {
    yield 'data: 1\n\n'
    await gate
    yield 'data: 2\n\n'
  }
  const response = new WsgiResponse({ content: events(), contentType: 'text/event-stream' })
  const packed = await new GZipMiddleware({ codings: ['gzip'] })({ HTTP_ACCEPT_ENCODING: 'gzip' } as never, response) ?? response
  const body = packed.blocks() as AsyncIterable<Uint8Array>
  const iterator = body[Symbol.asyncIterator]()
  const packedSoFar: Uint8Array[] = []
  const unpacked = (): string => gunzipSync(Buffer.concat(packedSoFar), { finishFlush: zlib.constants.Z_SYNC_FLUSH }).toString()
  do packedSoFar.push((await iterator.next()).value as Uint8Array)
  while (unpacked() === '')
  assert.equal(unpacked(), 'data: 1\n\n')
  go()
  for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) packedSoFar.push(step.value)
  assert.equal(gunzipSync(Buffer.concat(packedSoFar)).toString(), 'data: 1\n\ndata: 2\n\n')
})

test('streams of every kind are packed whole', async () => {
  async function* later(): AsyncGenerator<string> {
    for (const piece of ['a', 'b', 'c']) yield piece.repeat(50_000)
  }
  function* now(): Generator<string | Promise<Uint8Array>> {
    yield 'a'.repeat(50_000)
    yield Promise.resolve(Buffer.from('b'.repeat(50_000)))
    yield 'c'.repeat(50_000)
  }
  const expected = ['a', 'b', 'c'].map((letter) => letter.repeat(50_000)).join('')
  for (const make of [later, now]) {
    for (const [coding, unpack] of [['gzip', gunzipSync], ['br', brotliDecompressSync]] as const) {
      const response = await get(appOf(() => new WsgiResponse({ content: make(), contentType: 'text/plain' })), coding)
      assert.equal(response.headers.get('content-length'), null)
      assert.equal(unpack(response.body).toString(), expected)
    }
  }
})

test('a source that fails cuts the answer, and one that is not read to its end is closed', async () => {
  async function* failing(): AsyncGenerator<string> {
    yield 'x'.repeat(100_000)
    throw new Error('no more')
  }
  const cut = await get(appOf(() => new WsgiResponse({ content: failing(), contentType: 'text/plain' })))
  assert.equal(cut.complete, false)
  assert.deepEqual(cut.errors.map((error) => (error as Error).message), ['no more'])
  let closed = 0
  const source = { async *[Symbol.asyncIterator]() { yield 'x'.repeat(5000) }, close: () => { closed += 1 } }
  const head = await get(appOf(() => new WsgiResponse({ content: source, contentType: 'text/plain' })), 'gzip', { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(closed, 1)
})

test('files are packed too, without ranges', async (t) => {
  const media = new MediaRouter('', mediaDirectory(t, { 'a.txt': text, 'b.txt': long.repeat(4) }))
  const app = new WsgiHandler([media], [new GZipMiddleware()])
  for (const [path, expected] of [['/a.txt', text], ['/b.txt', long.repeat(4)]] as const) {
    const response = await get(app, 'gzip', { path })
    assert.equal(gunzipSync(response.body).toString(), expected)
    assert.equal(response.headers.get('accept-ranges'), null)
    assert.match(response.headers.get('etag') ?? '', /^W\//)
    const again = await get(app, 'gzip', { path, headers: { 'If-None-Match': response.headers.get('etag') ?? '' } })
    assert.equal(again.status, 304)
  }
})

test('a subclass says which answers it is for', async () => {
  class Shout extends ResponseMiddlewareBase {
    override available(): boolean {
      return true
    }

    override execute(_environ: unknown, response: WsgiResponse): WsgiResponse {
      response.content = String(response.content).toUpperCase()
      return response
    }
  }
  class Nothing extends Shout {
    override available(): boolean {
      return false
    }
  }
  const shout = new Shout()
  assert.ok(shout instanceof ResponseMiddlewareBase && typeof shout === 'function')
  const app = (middleware: Shout): WSGIApplication => new WsgiHandler([() => new WsgiResponse({ content: 'a' })], [middleware])
  assert.equal((await inject(app(shout))).text(), 'A')
  assert.equal((await inject(app(new Nothing()))).text(), 'a')
})
