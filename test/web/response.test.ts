import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { test } from 'node:test'
import { FileWrapper } from '../../src/gateway/file-wrapper.ts'
import { validator } from '../../src/gateway/validator.ts'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { inject, type InjectOptions } from '../../src/testing/inject.ts'
import type { InjectedResponse } from '../../src/testing/injected-response.ts'
import { WsgiResponse, type RedirectStatus } from '../../src/web/response.ts'

const serving = (make: () => WsgiResponse): WSGIApplication => validator((environ, startResponse) => make().start(environ, startResponse))

async function served(make: () => WsgiResponse, options: InjectOptions = {}): Promise<InjectedResponse> {
  const response = await inject(serving(make), options)
  assert.deepEqual(response.errors, [])
  return response
}

async function* slowly(...blocks: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  for (const block of blocks) {
    await new Promise((resolve) => setImmediate(resolve))
    yield block
  }
}

test('an answer has its status, headers, cookies and content', async () => {
  const response = await served(() => {
    const made = new WsgiResponse({ status: 201, content: 'grüße', headers: { Location: '/a' } })
    made.headers.set('X-Kind', 'test')
    return made.setCookie('a', '1').setCookie('b', '2')
  })
  assert.equal(response.status, 201)
  assert.equal(response.reason, 'Created')
  assert.equal(response.text(), 'grüße')
  assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8')
  assert.equal(response.headers.get('content-length'), '7')
  assert.equal(response.headers.get('location'), '/a')
  assert.deepEqual(response.headers.getSetCookie(), ['a=1; Path=/', 'b=2; Path=/'])
})

test('json(), html() and text() give their types', async () => {
  const json = await served(() => WsgiResponse.json({ a: ['ü'] }, { status: 202 }))
  assert.equal(json.status, 202)
  assert.equal(json.headers.get('content-type'), 'application/json')
  assert.deepEqual(json.json(), { a: ['ü'] })
  assert.equal((await served(() => WsgiResponse.html('<p>'))).headers.get('content-type'), 'text/html; charset=utf-8')
  assert.equal((await served(() => WsgiResponse.text('x', { headers: { 'X-A': 'b' } }))).headers.get('content-type'), 'text/plain; charset=utf-8')
  for (const value of [undefined, () => 1, Symbol('a')]) assert.throws(() => WsgiResponse.json(value), TypeError)
})

test('bytes are of no known type, text of a text type has its charset, and a type that was given stays', async () => {
  const typeOf = async (make: () => WsgiResponse): Promise<string | null> => (await served(make)).headers.get('content-type')
  assert.equal(await typeOf(() => new WsgiResponse({ content: Buffer.from('x') })), 'application/octet-stream')
  assert.equal(await typeOf(() => new WsgiResponse({ content: 'x', contentType: 'text/css' })), 'text/css; charset=utf-8')
  assert.equal(await typeOf(() => new WsgiResponse({ content: 'x', contentType: 'text/css; charset=utf-8' })), 'text/css; charset=utf-8')
  assert.equal(await typeOf(() => new WsgiResponse({ content: Buffer.from('x'), contentType: 'text/css' })), 'text/css')
  assert.equal(await typeOf(() => new WsgiResponse({ content: '{}', contentType: 'application/json' })), 'application/json')
})

test('text goes out in the encoding of the answer, and what it cannot say is an error', async () => {
  const latin = await served(() => WsgiResponse.html('ä', { encoding: 'iso-8859-1' }))
  assert.deepEqual([...latin.body], [0xe4])
  assert.equal(latin.headers.get('content-type'), 'text/html; charset=iso-8859-1')
  const wide = await served(() => new WsgiResponse({ content: 'a', encoding: 'utf-16le' }))
  assert.deepEqual([...wide.body], [0x61, 0])
  assert.throws(() => new WsgiResponse({ content: '€', encoding: 'iso-8859-1' }).bytes(), RangeError)
  assert.throws(() => { new WsgiResponse().encoding = 'koi8-r' as 'utf-8' }, RangeError)
})

test('an answer in pieces takes text, bytes and promises, of sync and async iterables and web streams', async () => {
  const pieces = ['a', Buffer.from('b'), Promise.resolve('ü'), Promise.resolve(Buffer.from('d'))]
  assert.equal((await served(() => WsgiResponse.text(pieces))).text(), 'abüd')
  assert.equal((await served(() => WsgiResponse.text(slowly('a', Buffer.from('b'), 'ü')))).text(), 'abü')
  const web = (): WsgiResponse => WsgiResponse.text(new Response('abü').body)
  assert.equal((await served(web)).text(), 'abü')
})

test('a list of text is whole: it has a length', async () => {
  const response = new WsgiResponse({ content: ['a', 'ü', Buffer.from('b')] })
  assert.equal(response.isStreamed, false)
  assert.equal(response.length(), 4)
  assert.equal((await served(() => response)).headers.get('content-length'), '4')
  assert.equal(new WsgiResponse({ content: slowly('a') }).isStreamed, true)
  assert.equal(new WsgiResponse({ content: slowly('a') }).length(), undefined)
})

test('one that is whole may be served again, a stream not', async () => {
  const whole = WsgiResponse.text('x')
  for (let i = 0; i < 2; i++) assert.equal((await served(() => whole)).text(), 'x')
  const stream = WsgiResponse.text(slowly('x'))
  assert.equal((await served(() => stream)).text(), 'x')
  const again = await inject(serving(() => stream))
  assert.equal(again.status, 500)
  assert.match(String(again.errors[0]), /can be read once/)
})

test('close() of a stream is called at its end, and where its content is not sent', async () => {
  let closed = 0
  const content = (): AsyncIterable<string> & { close(): void } => Object.assign(slowly('x') as AsyncGenerator<string>, { close: () => { closed++ } })
  assert.equal((await served(() => WsgiResponse.text(content()))).text(), 'x')
  assert.equal(closed, 1)
  await served(() => WsgiResponse.text(content()), { method: 'HEAD' })
  assert.equal(closed, 2)
  await served(() => WsgiResponse.text(content(), { status: 204 }))
  assert.equal(closed, 3)
  await WsgiResponse.text(content()).close()
  assert.equal(closed, 4)
})

test('HEAD has the head of GET: the length of what is whole, none for a stream, which is not begun', async () => {
  const whole = await served(() => WsgiResponse.text('abc'), { method: 'HEAD' })
  assert.equal(whole.headers.get('content-length'), '3')
  let begun = false
  const stream = await served(() => WsgiResponse.text((async function* () {
    begun = true
    yield 'x'
  })()), { method: 'HEAD' })
  assert.equal(stream.headers.get('content-length'), null)
  assert.equal(stream.headers.get('content-type'), 'text/plain; charset=utf-8')
  assert.equal(begun, false)
})

test('204 and 205 have no content, and no type of it', async () => {
  for (const status of [204, 205, 304]) {
    const response = await served(() => WsgiResponse.text('dropped', { status, headers: { 'X-A': 'b' } }))
    assert.equal(response.body.length, 0, String(status))
    assert.equal(response.headers.get('content-type'), null)
    assert.equal(response.headers.get('x-a'), 'b')
  }
})

test('a status is one that may end an exchange', () => {
  for (const status of [0, 99, 100, 199, 600, 200.5, Number.NaN]) {
    assert.throws(() => new WsgiResponse({ status }), RangeError)
    assert.throws(() => { new WsgiResponse().status = status }, RangeError)
  }
  assert.equal(new WsgiResponse({ status: 404 }).reason, 'Not Found')
  assert.equal(new WsgiResponse({ status: 499 }).reason, 'Client Error')
})

test('a redirect says where to', async () => {
  const response = await served(() => WsgiResponse.redirect('/käse und brot?x=a%20b'))
  assert.equal(response.status, 302)
  assert.equal(response.headers.get('location'), '/k%C3%A4se%20und%20brot?x=a%20b')
  assert.equal(WsgiResponse.redirect(new URL('https://a.example/b'), 308).headers.get('location'), 'https://a.example/b')
  assert.throws(() => WsgiResponse.redirect('/a\r\nSet-Cookie: b=c'), TypeError)
  assert.throws(() => WsgiResponse.redirect('/a', 200 as RedirectStatus), RangeError)
  assert.equal(WsgiResponse.redirect('/\ud800').headers.get('location'), '/%EF%BF%BD')
})

test('an answer with an ETag is not sent again to who has it', async () => {
  const make = (): WsgiResponse => WsgiResponse.json({ a: 1 }, { headers: { 'Cache-Control': 'max-age=60' } }).etag()
  const first = await served(make)
  const etag = first.headers.get('etag') as string
  assert.match(etag, /^"[\w-]{27}"$/)
  const second = await served(make, { headers: { 'If-None-Match': etag } })
  assert.equal(second.status, 304)
  assert.equal(second.body.length, 0)
  assert.equal(second.headers.get('etag'), etag)
  assert.equal(second.headers.get('cache-control'), 'max-age=60')
  assert.equal(second.headers.get('content-type'), null)
  assert.equal((await served(make, { headers: { 'If-None-Match': '"other"' } })).status, 200)
  assert.equal((await served(make, { headers: { 'If-Match': '"other"' } })).status, 412)
  assert.equal((await served(make, { headers: { 'If-None-Match': etag }, method: 'POST' })).status, 200)
  assert.notEqual(WsgiResponse.json({ a: 2 }).etag().headers.get('etag'), etag)
})

test('Last-Modified counts as the ETag does, but an error is never left out', async () => {
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
  const make = (status: number) => (): WsgiResponse => WsgiResponse.text('x', { status, headers: { 'Last-Modified': date } })
  assert.equal((await served(make(200), { headers: { 'If-Modified-Since': date } })).status, 304)
  assert.equal((await served(make(404), { headers: { 'If-Modified-Since': date } })).status, 404)
  assert.equal((await served(make(200), { headers: { 'If-Modified-Since': 'yesterday' } })).status, 200)
  assert.equal((await served(make(200), { headers: { 'If-Unmodified-Since': 'Sun, 06 Nov 1994 08:49:36 GMT' } })).status, 412)
})

test('a tag is taken with its quotes, weak or bare, and nothing else', () => {
  assert.equal(new WsgiResponse().etag('a').headers.get('etag'), '"a"')
  assert.equal(new WsgiResponse().etag('"a"').headers.get('etag'), '"a"')
  assert.equal(new WsgiResponse().etag('W/"a"').headers.get('etag'), 'W/"a"')
  for (const tag of ['a"b', '"a', 'a b', 'a\r\nb']) assert.throws(() => new WsgiResponse().etag(tag), TypeError, tag)
  assert.throws(() => WsgiResponse.text(slowly('a')).etag(), /has to be given/)
})

test('a file of the server is sent by the server\'s ways', async () => {
  const file = await inject((environ, startResponse) => {
    const response = new WsgiResponse({ content: new FileWrapper('package.json'), contentType: 'application/json' })
    return response.start(environ, startResponse)
  }, { headers: { Range: 'bytes=0-0' } })
  assert.ok(file.status === 200 || file.status === 206)
  assert.match(file.text(), /^\{/)
  const head = await inject((environ, startResponse) => {
    const response = new WsgiResponse({ content: new FileWrapper('package.json'), contentType: 'application/json' })
    return response.start(environ, startResponse)
  }, { method: 'HEAD' })
  assert.equal(head.headers.get('content-length'), String((await stat('package.json')).size))
})

test('middleware replaces the content by what it makes of the blocks', async () => {
  const response = await served(() => {
    const made = WsgiResponse.text(slowly('a', 'b'))
    const blocks = made.blocks() as AsyncIterable<Uint8Array>
    made.content = (async function* () {
      for await (const block of blocks) yield Buffer.concat([block, Buffer.from('.')])
    })()
    return made
  })
  assert.equal(response.text(), 'a.b.')
})

test('a content that is nothing of the kind fails, and is not sent', async () => {
  const response = await inject(serving(() => new WsgiResponse({ content: 5 as unknown as string })))
  assert.equal(response.status, 500)
  assert.match(String(response.errors[0]), /not text, bytes or an iterable/)
})
