/** The light Response does what the platform's does: the same is done to both, and what comes of it compared. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { LightResponse, PlatformResponse } from '../../../src/gateway/adapters/light-response.ts'

type Maker = typeof Response
const Light = LightResponse as unknown as Maker

/** What came of something, or the kind of error that it threw. */
async function outcome(action: () => unknown): Promise<unknown> {
  try {
    return await action()
  } catch (error) {
    return `throws ${(error as Error).constructor.name}`
  }
}

async function both(act: (maker: Maker) => unknown): Promise<void> {
  const [light, platform] = [await outcome(() => act(Light)), await outcome(() => act(PlatformResponse))]
  assert.deepEqual(light, platform)
}

async function seen(response: Response): Promise<unknown> {
  const { status, statusText, ok, type, url, redirected, bodyUsed } = response
  const before = { status, statusText, ok, type, url, redirected, bodyUsed, headers: [...response.headers], hasBody: response.body !== null }
  return { ...before, text: await outcome(() => response.text()), used: response.bodyUsed, again: await outcome(() => response.text()) }
}

const streamOf = (...chunks: string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(Buffer.from(chunk))
      controller.close()
    },
  })

const bodies: Readonly<Record<string, () => unknown>> = {
  'no body': () => undefined,
  null: () => null,
  'empty text': () => '',
  text: () => 'text, \u00e9, \u{1f600}, \ud800',
  bytes: () => new Uint8Array([0x68, 0x69]),
  'a part of a buffer': () => Buffer.from('xhix').subarray(1, 3),
  'an ArrayBuffer': () => new Uint8Array([0x68, 0x69]).buffer,
  'a DataView': () => new DataView(new Uint8Array([0x68, 0x69]).buffer),
  'a Blob': () => new Blob(['blob'], { type: 'x/y' }),
  parameters: () => new URLSearchParams({ a: 'b c' }),
  'a stream': () => streamOf('str', 'eam'),
  'an empty stream': () => streamOf(),
  'a number': () => 5,
  'an object': () => ({}),
}

const inits: Readonly<Record<string, () => unknown>> = {
  'no init': () => undefined,
  null: () => null,
  'empty init': () => ({}),
  status: () => ({ status: 404, statusText: 'Nowhere' }),
  'status as text': () => ({ status: '404' }),
  'status too low': () => ({ status: 199 }),
  'status 101': () => ({ status: 101 }),
  'status too high': () => ({ status: 600 }),
  'status a fraction': () => ({ status: 200.7 }),
  'status not a number': () => ({ status: Number.NaN }),
  204: () => ({ status: 204 }),
  205: () => ({ status: 205 }),
  304: () => ({ status: 304, headers: { etag: '"x"' } }),
  'status undefined': () => ({ status: undefined, statusText: undefined, headers: undefined }),
  'a reason with a line end': () => ({ statusText: 'a\r\nb' }),
  'a reason beyond latin-1': () => ({ statusText: '\u20ac' }),
  'a reason that is no text': () => ({ statusText: 7 }),
  headers: () => ({ headers: { 'X-One': '1', 'x-two': '2' } }),
  'a content type': () => ({ headers: { 'CONTENT-TYPE': 'a/b' } }),
  'headers in another case twice': () => ({ headers: { 'x-a': '1', 'X-A': '2' } }),
  'headers as pairs': () => ({ headers: [['a', '1'], ['a', '2'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2']] }),
  'headers as Headers': () => ({ headers: new Headers([['a', '1'], ['set-cookie', 'a=1'], ['Set-Cookie', 'b=2']]) }),
  'headers as a Map': () => ({ headers: new Map([['a', '1']]) }),
  'white space around a value': () => ({ headers: { a: ' \t b \t' } }),
  'a value that is a number': () => ({ headers: { a: 1 } }),
  'a value beyond latin-1': () => ({ headers: { a: '\u20ac' } }),
  'a latin-1 value': () => ({ headers: { a: '\u00e9' } }),
  'a value with a line end': () => ({ headers: { a: 'b\r\nc: d' } }),
  'a value with NUL': () => ({ headers: { a: 'b\0c' } }),
  'a name that is none': () => ({ headers: { 'a b': 'c' } }),
  'an empty name': () => ({ headers: { '': 'c' } }),
  'headers that are text': () => ({ headers: 'a: b' }),
  'headers null': () => ({ headers: null }),
  'a pair of three': () => ({ headers: [['a', 'b', 'c']] }),
}

type Args = ConstructorParameters<Maker>

describe('a light Response is made as the platform makes one', () => {
  for (const [bodyName, body] of Object.entries(bodies)) {
    test(`of ${bodyName}, with each init`, async () => {
      for (const [initName, init] of Object.entries(inits)) {
        const [light, platform] = await Promise.all([Light, PlatformResponse].map((maker) =>
          outcome(() => seen(new maker(...([body(), init()] as Args))))))
        assert.deepEqual(light, platform, `${bodyName}, ${initName}`)
      }
    })
  }

  test('of a stream that somebody reads, or has read: not at all', async () => {
    for (const use of [(stream: ReadableStream) => void stream.getReader(), async (stream: ReadableStream) => {
      const reader = stream.getReader()
      await reader.read()
      reader.releaseLock()
    }]) {
      await both(async (maker) => {
        const stream = streamOf('a', 'b')
        await use(stream)
        return new maker(stream).status
      })
    }
  })

  test('of bytes that change afterwards: with those that they were', async () => {
    for (const bytesOf of [(bytes: Uint8Array) => bytes, (bytes: Uint8Array) => bytes.buffer as ArrayBuffer]) {
      await both(async (maker) => {
        const bytes = new Uint8Array([0x61])
        const response = new maker(bytesOf(bytes))
        bytes[0] = 0x62
        return response.text()
      })
    }
  })

  test('with headers that change afterwards: with those that they were', () => both((maker) => {
    const headers = new Headers({ a: '1' })
    const response = new maker('', { headers })
    headers.set('a', '2')
    return response.headers.get('a')
  }))

  test('of another response and its body', () => both(async (maker) => {
    const first = new maker('text', { status: 201, statusText: 'x', headers: { a: 'b' } })
    first.headers.append('c', 'd')
    return seen(new maker(first.body, first))
  }))
})

describe('a light Response behaves as the platform\'s', () => {
  const ways: Readonly<Record<string, (response: Response) => unknown>> = {
    text: (response) => response.text(),
    json: (response) => response.json(),
    arrayBuffer: async (response) => [...new Uint8Array(await response.arrayBuffer())],
    blob: async (response) => { const blob = await response.blob(); return [blob.type, await blob.text()] },
    formData: async (response) => [...await response.formData()],
    'a reader': async (response) => { const { value } = await response.body?.getReader().read() ?? {}; return Buffer.from(value ?? []).toString() },
    'a BYOB reader': async (response) => {
      const reader = response.body?.getReader({ mode: 'byob' })
      const { value } = await reader?.read(new Uint8Array(3)) ?? {}
      return [Buffer.from(value ?? []).toString(), (await reader?.read(new Uint8Array(3)))?.done]
    },
    iteration: async (response) => { const blocks = []; for await (const block of response.body ?? []) blocks.push(block); return Buffer.concat(blocks).toString() },
  }
  for (const [name, read] of Object.entries(ways)) {
    test(`read by ${name}`, async () => {
      for (const content of ['[1]', '', 'a=1&b=2']) {
        await both((maker) => outcome(() => read(new maker(content, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }))))
        await both((maker) => outcome(() => read(new maker(Buffer.from(content)))))
        await both((maker) => outcome(() => read(new maker(streamOf(content)))))
      }
      await both((maker) => outcome(() => read(new maker())))
    })
  }

  test('headers that are changed stay changed, in a copy too, and each has its own', () => both(async (maker) => {
    const response = new maker('text', { headers: { a: '1' } })
    const { headers } = response
    headers.set('a', '2')
    headers.append('set-cookie', 'x=1')
    headers.append('set-cookie', 'y=2')
    const copy = response.clone()
    copy.headers.set('b', 'copy')
    headers.delete('a')
    return [response.headers === headers, await seen(response), await seen(copy)]
  }))

  test('a copy has the body, also of a copy; one of a used response there is not', () => both(async (maker) => {
    const response = new maker(streamOf('a', 'b'))
    const copy = response.clone()
    const third = copy.clone()
    const texts = [await response.text(), await copy.text(), await third.text()]
    return [texts, await outcome(() => response.clone())]
  }))

  test('the body is the same object each time, and locks the response', () => both(async (maker) => {
    const response = new maker('text')
    const { body } = response
    const reader = body?.getReader()
    const facts = [response.body === body, response.bodyUsed, await outcome(() => response.text()), await outcome(() => response.clone())]
    await reader?.read()
    return [...facts, response.bodyUsed]
  }))

  test('json(), redirect() and error() make what they should', async () => {
    for (const data of [{ a: 1 }, null, 'x', undefined, () => 1, 1n]) {
      for (const init of Object.values(inits)) await both(async (maker) => seen(maker.json(data, init() as ResponseInit)))
    }
    await both((maker) => seen(maker.redirect('http://a.example/b', 301)))
    await both((maker) => outcome(() => maker.redirect('http://a.example/b', 200 as 301)))
    await both((maker) => outcome(() => maker.redirect('/relative', 302)))
    await both((maker) => seen(maker.error()))
  })

  test('classes made of it work, with instances of their own', () => both(async (maker) => {
    class Special extends maker {
      get extra(): string {
        return `${this.status}`
      }
    }
    const special = new Special('x', { status: 201 })
    return [special.extra, special instanceof Special, special instanceof maker, new maker('y') instanceof Special, await special.text()]
  }))

  test('it has the name, the length, the members and the tag of the platform\'s', async () => {
    await both((maker) => [maker.name, maker.length, Object.prototype.toString.call(new maker()), String(new maker())])
    await both((maker) => outcome(() => Reflect.apply(maker, undefined, [])))
    const names = (maker: Maker): string[] => {
      const found: string[] = []
      for (const name in new maker()) found.push(name)
      return found.sort()
    }
    await both(names)
  })
})

describe('the light Response and the platform\'s pass for one another', () => {
  test('by instanceof, in both directions', () => {
    assert.ok(new Light('x') instanceof PlatformResponse)
    assert.ok(new PlatformResponse('x') instanceof Light)
    assert.ok(new Light('x').clone() instanceof Light)
    assert.equal({} instanceof Light, false)
    assert.equal((null as unknown) instanceof Light, false)
  })

  test('as the init of one another', async () => {
    const light = new Light('a', { status: 201, headers: { b: 'c' } })
    assert.deepEqual(await seen(new PlatformResponse(light.body, light)), await seen(new PlatformResponse('a', { status: 201, headers: [['b', 'c'], ['content-type', 'text/plain;charset=UTF-8']] })))
    assert.equal(new Light(null, new PlatformResponse('a', { status: 418 })).status, 418)
  })

  test('to somebody who looks at them', () => {
    const text = inspect(new Light('x', { status: 404 }))
    assert.match(text, /^Response \{/)
    assert.match(text, /status: 404/)
  })
})
