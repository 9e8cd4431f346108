import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testWsgiEnviron } from '../../src/app/test-wsgi-environ.ts'
import type { TestEnvironOptions } from '../../src/gateway/test-environ.ts'
import { inject } from '../../src/testing/inject.ts'
import { HttpError } from '../../src/web/http-error.ts'
import { WsgiRequest } from '../../src/web/request.ts'

const post = (body: string | Uint8Array, type?: string, options: TestEnvironOptions = {}): WsgiRequest => WsgiRequest.from(testWsgiEnviron({
  method: 'POST', body, ...options, headers: { ...(type !== undefined && { 'Content-Type': type }), ...options.headers as Record<string, string> },
}))
const chunked = (body: string, type: string): WsgiRequest => post(
  `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`, type, { headers: { 'Transfer-Encoding': 'chunked' } },
)
const status = (code: number) => (error: unknown): boolean => error instanceof HttpError && error.status === code

test('JSON is parsed, of every type that JSON goes by', async () => {
  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON', 'text/json', 'application/problem+json', 'application/vnd.api+json']) {
    assert.deepEqual(await post('{"a":[1,"ü"]}', type).json(), { a: [1, 'ü'] }, type)
  }
  assert.equal(await post('\ufeff5', 'application/json').json(), 5)
})

test('a body of another type is not JSON, because a page of another site may send it', async () => {
  for (const type of [undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'multipart/form-data; boundary=x']) {
    await assert.rejects(post('{}', type).json(), status(415), type)
    assert.deepEqual(await post('{}', type).json({ anyType: true }), {})
  }
})

test('bad JSON is a 400 that says why', async () => {
  for (const body of ['', ' ', '{', '{"a":}', "{'a':1}", '[1,]', 'NaN', '{"a":1}x', '"\n"']) {
    await assert.rejects(post(body, 'application/json').json(), (error) => status(400)(error) && (error as Error).cause instanceof SyntaxError, body)
  }
  await assert.rejects(post(Buffer.from([0x22, 0xff, 0x22]), 'application/json').json(), status(400))
})

test('keys that could reach a prototype are a 400, however they are written', async () => {
  for (const body of ['{"__proto__":{"admin":true}}', '{"a":[{"__proto__":1}]}', '{"constructor":{"prototype":{}}}', '{"\\u005f_proto__":1}', '{"__pr\\u006Fto__":1}']) {
    await assert.rejects(post(body, 'application/json').json(), status(400), body)
  }
  for (const value of [{ constructor: 'Acme' }, { prototype: 1 }, { a: '__proto__' }, { constructor: null }]) {
    assert.deepEqual(await post(JSON.stringify(value), 'application/json').json(), value)
  }
})

test('JSON that is deeper than the limit is a 413, brackets within text do not count', async () => {
  const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  assert.ok(Array.isArray(await post(deep(100), 'application/json').json()))
  await assert.rejects(post(deep(101), 'application/json').json(), status(413))
  await assert.rejects(post(deep(4), 'application/json').json({ depth: 3 }), status(413))
  await assert.rejects(post('{"a":'.repeat(400_000), 'application/json').json({ memory: 1e7 }), status(413))
  const text = [deep(200), '\\"[[', '\\\\', '"]['.repeat(50)]
  assert.deepEqual(await post(JSON.stringify(text), 'application/json').json({ depth: 1 }), text)
})

test('any JSON comes back as it was', async () => {
  await fc.assert(fc.asyncProperty(fc.jsonValue({ maxDepth: 8 }), async (value) => {
    fc.pre(!/__proto__|constructor/.test(JSON.stringify(value)))
    const text = JSON.stringify(value)
    assert.deepEqual(await post(text, 'application/json').json(), JSON.parse(text))
  }), { numRuns: 60 })
})

test('what is no JSON is never anything but a 400 or a 413', async () => {
  const text = fc.array(fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '1', 'true', '\\', '__proto__', '\\u005f', ' ', 'é')).map((parts) => parts.join(''))
  await fc.assert(fc.asyncProperty(text, async (body) => {
    let parsed: unknown
    try {
      parsed = JSON.parse(body)
    } catch {
      await assert.rejects(post(body, 'application/json').json({ depth: 3 }), (error) => status(400)(error) || status(413)(error))
      return
    }
    await post(body, 'application/json').json().then((value) => assert.deepEqual(value, parsed), (error) => assert.ok(status(400)(error)))
  }), { numRuns: 200 })
})

test('text is read in its charset, and what is not in it is a 400', async () => {
  assert.equal(await post('grüße', 'text/plain').text(), 'grüße')
  assert.equal(await post(Buffer.from([0xe4]), 'text/plain; charset=iso-8859-1').text(), 'ä')
  assert.equal(await post(Buffer.from([0x61, 0, 0x62, 0]), 'text/plain; charset="utf-16le"').text(), 'ab')
  await assert.rejects(post(Buffer.from([0xe4]), 'text/plain').text(), status(400))
  await assert.rejects(post(Buffer.from([0x80, 0xd8]), 'text/plain; charset=utf-16le').text(), status(400))
  await assert.rejects(post('x', 'text/plain; charset=klingon').text(), status(415))
})

test('a body in a content coding is not guessed at', async () => {
  const coded = post('x', 'application/json', { headers: { 'Content-Encoding': 'gzip' } })
  for (const read of [() => coded.json(), () => coded.text(), () => coded.form()]) await assert.rejects(async () => read(), status(415))
  assert.equal((await coded.bytes()).toString(), 'x')
})

test('a body longer than the limit is a 413: announced, before a byte is read; else as soon as it is too long', async () => {
  const announced = post('x'.repeat(20), 'text/plain')
  await assert.rejects(announced.text({ memory: 19 }), status(413))
  assert.equal((await announced.environ['wsgi.input'].read()).length, 20)
  await assert.rejects(chunked('x'.repeat(20), 'text/plain').bytes({ memory: 19 }), status(413))
  assert.equal((await chunked('x'.repeat(20), 'text/plain').bytes({ memory: 20 })).length, 20)
  const limited = post('{"a":1}', 'application/json')
  limited.limits = { memory: 6 }
  await assert.rejects(limited.json(), status(413))
})

test('the default limit is a mebibyte', async () => {
  assert.equal((await post('x'.repeat(1_048_576)).bytes()).length, 1_048_576)
  await assert.rejects(post('x'.repeat(1_048_577)).bytes(), status(413))
})

test('a body may be read as often as it is asked for, in several ways', async () => {
  const request = post('{"a":1}', 'application/json')
  assert.deepEqual([await request.text(), (await request.bytes()).length, await request.json(), await request.json()], ['{"a":1}', 7, { a: 1 }, { a: 1 }])
  const streamed: string[] = []
  for await (const piece of request.stream()) streamed.push(Buffer.from(piece).toString())
  assert.deepEqual(streamed, ['{"a":1}'])
})

test('no body is empty', async () => {
  const request = WsgiRequest.from(testWsgiEnviron())
  assert.equal((await request.bytes()).length, 0)
  assert.equal(await request.text(), '')
  const pieces: unknown[] = []
  for await (const piece of request.stream()) pieces.push(piece)
  assert.deepEqual(pieces, [])
})

test('a stream gives the body as it comes, once, and without a limit', async () => {
  const length = 3_000_000
  const pieces = async function* (): AsyncGenerator<Buffer> {
    for (let sent = 0; sent < length; sent += 100_000) yield Buffer.alloc(100_000, 'x')
  }
  const response = await inject(async (environ, startResponse) => {
    const request = WsgiRequest.from(environ)
    let read = 0
    for await (const piece of request.stream()) read += piece.length
    await assert.rejects(request.text(), /read by stream\(\) already/)
    assert.throws(() => request.stream(), /read by stream\(\) already/)
    startResponse('200 OK', [['Content-Type', 'text/plain']])
    return [Buffer.from(String(read))]
  }, { method: 'POST', body: pieces() })
  assert.deepEqual(response.errors, [])
  assert.equal(response.text(), String(length))
})

test('a stream gives what has come, before there is more', async () => {
  let goOn!: () => void
  const read = new Promise<void>((resolve) => { goOn = resolve })
  const pieces = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from('first')
    await read
    yield Buffer.from('second')
  }
  const response = await inject(async (environ, startResponse) => {
    const seen: string[] = []
    for await (const piece of WsgiRequest.from(environ).stream()) {
      seen.push(Buffer.from(piece).toString())
      goOn()
    }
    startResponse('200 OK', [['Content-Type', 'text/plain']])
    return [Buffer.from(seen.join('|'))]
  }, { method: 'POST', body: pieces() })
  assert.equal(response.text(), 'first|second')
})

test('a stream that is cancelled reads no more', async () => {
  const request = chunked('x'.repeat(200_000), 'text/plain')
  const reader = request.stream().getReader()
  assert.ok(((await reader.read()).value?.length ?? 0) > 0)
  await reader.cancel()
  assert.equal((await reader.read()).done, true)
})

test('a Content-Length that is none is a 400', async () => {
  const request = post('x', 'text/plain', { extra: { CONTENT_LENGTH: '-1' } })
  assert.throws(() => request.contentLength, status(400))
  await assert.rejects(request.text(), status(400))
})

test('an input that does not end by itself is read to its announced length', async () => {
  const endless = { read: async (size?: number) => Buffer.alloc(size ?? 1, 'x'), readline: async () => Buffer.alloc(0), readlines: async () => [] }
  const request = post('x', 'text/plain', { extra: { 'wsgi.input': endless, 'wsgi.input_terminated': undefined, CONTENT_LENGTH: '100000' } })
  assert.equal((await request.bytes()).length, 100_000)
})

test('pulsar\'s way gives JSON, or fields and files; reading methods have none', async () => {
  assert.deepEqual(await post('{"a":1}', 'application/json').dataAndFiles(), [{ a: 1 }, []])
  const [data, files] = await post('a=1&a=2&b=', 'application/x-www-form-urlencoded').dataAndFiles()
  assert.deepEqual([{ ...data as object }, files], [{ a: ['1', '2'], b: '' }, []])
  assert.deepEqual((await post('').dataAndFiles())[1], [])
  assert.deepEqual(Object.keys(await post('a=1', 'application/x-www-form-urlencoded', { method: 'DELETE' }).bodyData() as object), [])
})
