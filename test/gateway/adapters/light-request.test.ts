/** The light Request is what the platform's would be, made of the same request. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { replaceGlobals } from '../../../src/gateway/adapters/globals.ts'
import { LightRequest, PlatformRequest } from '../../../src/gateway/adapters/light-request.ts'
import { requestUrl, UnusableAuthority } from '../../../src/gateway/adapters/request-url.ts'
import { RecordingExchange, type RecordingOptions } from '../../support/recording-exchange.ts'

const PlatformHeaders = globalThis.Headers
const light = (options: RecordingOptions = {}): Request => new LightRequest(new RecordingExchange(options), '') as unknown as Request

async function outcome(action: () => unknown): Promise<unknown> {
  try {
    return await action()
  } catch (error) {
    return `throws ${(error as Error).constructor.name}`
  }
}

const urlOf = (target: string, head: RecordingOptions['head'] = {}, scriptName: string = ''): string =>
  requestUrl(new RecordingExchange({ target, head }), scriptName)

describe('the URL', () => {
  test('is what the URL Standard makes of the target', () => {
    const targets = [
      '/', '/a/b', '/a?b=c', '/a?', '/?', '/a/../b', '/a/./b', '/a/%2e%2E/b', '/..', '/.hidden', '/a..b', '//other.example/x', '/a//b', '/%41%20',
      "/it's?it's", '/a|b', '/{a}', '/"', '/a<b>', '/^`', '/a\\b', '/?a\\b', '/?"<>', '/[x]', '/a:b@c', '/a;b=c,d', '/~user', '/?a=b?c', '/%', '/%zz',
      '/http://b.example/', '/?x=/../y',
    ]
    for (const target of targets) assert.equal(urlOf(target), new URL(`http://example.org${target}`).href, target)
  })

  test('has the authority as the URL Standard writes it', () => {
    for (const authority of ['A.Example', 'a.example:80', 'a.example:8080', '[::1]:81', '127.1', 'xn--bcher-kva.example', 'a_b', 'a.example.']) {
      assert.equal(urlOf('/x', { authority }), new URL(`http://${authority}/x`).href)
      assert.equal(urlOf('/x', { authority, scheme: 'https' }), new URL(`https://${authority}/x`).href)
    }
    assert.throws(() => urlOf('/', { authority: 'a:99999' }), UnusableAuthority)
    assert.throws(() => urlOf('/', { authority: '1.2.3.4.5' }), UnusableAuthority)
  })

  test('without Host is that of the socket', () => {
    assert.equal(urlOf('/x', { authority: '' }), 'http://127.0.0.1:8060/x')
    const v6 = new RecordingExchange({ head: { authority: '' }, peer: { localAddress: '::1', localPort: 80 } })
    assert.equal(requestUrl(v6, ''), 'http://[::1]/')
  })

  test('of the absolute form is the path and the query, of the others the root (RFC 9112 section 7.1)', () => {
    assert.equal(urlOf('http://example.org/a?b', { path: '/a', query: 'b' }), 'http://example.org/a?b')
    assert.equal(urlOf('*', { path: '*', method: 'OPTIONS' }), 'http://example.org/')
    assert.equal(urlOf('example.org:443', { path: '', method: 'CONNECT' }), 'http://example.org/')
  })

  test('is without the path that the application is mounted at, as PATH_INFO is', () => {
    for (const [path, below] of [['/a/b', '/b'], ['/a', '/'], ['/a/', '/'], ['/ab', '/ab'], ['/b', '/b'], ['/%61/b%20c?d', '/b%20c?d'], ['/a?d', '/?d'], ['/a%2Fb', '/a%2Fb']] as const) {
      assert.equal(urlOf(path, {}, '/a'), `http://example.org${below}`, path)
    }
    assert.equal(urlOf('/%C3%A9/x', {}, '/\xc3\xa9'), 'http://example.org/x')
  })
})

describe('the headers', () => {
  const fields = ['Host', 'h', 'X-A', '1', 'x-a', '2', 'Cookie', 'a=1', 'cookie', 'b=2', 'Accept', 'text/html, */*', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Empty', '']
  const pairs = Array.from({ length: fields.length / 2 }, (_, i) => [fields[2 * i], fields[2 * i + 1]] as [string, string])
  const both = async (act: (headers: Headers) => unknown): Promise<void> => {
    assert.deepEqual(await outcome(() => act(light({ fields }).headers)), await outcome(() => act(new PlatformHeaders(pairs))))
  }

  test('are found by name in any case', async () => {
    for (const name of ['host', 'HOST', 'x-a', 'X-A', 'cookie', 'accept', 'set-cookie', 'empty', 'missing', '', 'a b', 'h\u00f6st', '__proto__']) {
      await both((headers) => headers.get(name))
      await both((headers) => headers.has(name))
    }
    for (const name of [undefined, null, 1, {}]) await both((headers) => headers.get(name as string))
  })

  test('are listed and copied', async () => {
    await both((headers) => [...headers])
    await both((headers) => [...headers.keys(), ...headers.values(), ...headers.entries()])
    await both((headers) => { const seen: unknown[] = []; headers.forEach((value, name, all) => seen.push(value, name, all === headers)); return seen })
    await both((headers) => headers.getSetCookie())
    await both((headers) => [...new PlatformHeaders(headers)])
    await both((headers) => Object.fromEntries(headers))
    await both((headers) => [...new PlatformRequest('http://h/', { headers }).headers])
  })

  test('can be changed', () => both((headers) => {
    headers.set('x-a', '3')
    headers.append('X-B', '4')
    headers.delete('accept')
    return [headers.get('X-A'), headers.get('x-b'), headers.has('accept'), [...headers]]
  }))

  test('pass for Headers', () => {
    const { headers } = light({ fields })
    assert.ok(headers instanceof Headers)
    assert.equal(Object.prototype.toString.call(headers), '[object Headers]')
    assert.match(inspect(headers), /^Headers/)
  })
})

describe('a light Request', () => {
  const post = { method: 'POST', fields: ['content-type', 'application/x-www-form-urlencoded'], body: [Buffer.from('a=1&'), Buffer.from('b=2')] }
  const platform = (): Request => new PlatformRequest('http://example.org/', { method: 'POST', body: 'a=1&b=2', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
  const both = async (act: (request: Request) => unknown): Promise<void> => {
    assert.deepEqual(await outcome(() => act(light(post))), await outcome(() => act(platform())))
  }

  test('has the properties of the platform\'s', async () => {
    for (const name of ['method', 'url', 'destination', 'referrer', 'referrerPolicy', 'mode', 'credentials', 'cache', 'redirect', 'integrity', 'keepalive', 'duplex', 'bodyUsed'] as const) {
      await both((request) => request[name as 'url'])
    }
    await both((request) => [Object.prototype.toString.call(request), request instanceof Request, request.constructor.name])
  })

  const ways: Readonly<Record<string, (request: Request) => unknown>> = {
    text: (request) => request.text(),
    json: (request) => request.json(),
    arrayBuffer: async (request) => Buffer.from(await request.arrayBuffer()).toString(),
    blob: async (request) => (await request.blob()).text(),
    formData: async (request) => [...await request.formData()],
    iteration: async (request) => { const blocks: Uint8Array[] = []; for await (const block of request.body ?? []) blocks.push(block as Uint8Array); return Buffer.concat(blocks).toString() },
    'a copy': async (request) => [await request.clone().text(), await request.text()],
    'the platform\'s': (request) => new PlatformRequest(request.url, { method: 'POST', body: request.body, duplex: 'half' } as RequestInit).text(),
  }
  for (const [name, read] of Object.entries(ways)) {
    test(`is read by ${name}, once`, async () => {
      await both(async (request) => {
        const first = await outcome(() => read(request))
        return [first, request.bodyUsed, await outcome(() => request.text()), await outcome(() => request.formData()), request.body?.locked]
      })
      await both(async (request) => [request.body === request.body, await outcome(() => read(request)), request.bodyUsed])
    })
  }

  test('without a body has none', async () => {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE', 'PATCH']) {
      const request = light({ method })
      assert.deepEqual([request.body, request.bodyUsed, await request.text(), await request.text(), request.bodyUsed], [null, false, '', '', false])
    }
    const get = light({ method: 'GET', body: [Buffer.from('x')] })
    assert.deepEqual([get.body, await get.text(), get.bodyUsed], [null, '', false])
  })

  test('reads text as UTF-8, without a byte order mark', async () => {
    const body = [Buffer.from([0xef, 0xbb, 0xbf, 0xc3]), Buffer.from([0xa9, 0xff])]
    assert.equal(await light({ method: 'POST', body }).text(), '\u00e9\ufffd')
  })

  test('has a method that the platform refuses to make requests of', async () => {
    for (const method of ['TRACE', 'CONNECT', 'FROB']) {
      const request = light({ method, fields: ['a', 'b'] })
      assert.equal(request.method, method)
      assert.equal(request.headers.get('a'), 'b')
      assert.equal(request.clone().headers.get('a'), 'b')
    }
  })

  test('is told by its signal that the client has gone, also in a copy', async () => {
    const exchange = new RecordingExchange({ method: 'POST', body: [Buffer.from('x')] })
    const request = new LightRequest(exchange, '') as unknown as Request
    const copy = request.clone()
    const { signal } = request
    assert.equal(signal, request.signal)
    const told = Promise.all([signal, copy.signal].map((one) => new Promise((resolve) => one.addEventListener('abort', resolve))))
    exchange.vanish()
    await told
    assert.equal((signal.reason as Error).name, 'AbortError')
    assert.equal(request.signal.aborted, true)
    const answered = new RecordingExchange()
    const other = new LightRequest(answered, '') as unknown as Request
    const late = other.signal
    answered.answer('200 OK', [])
    assert.equal(late.aborted, false)
  })

  test('can be handed on once the globals know it: to Request, and to fetch()', async () => {
    replaceGlobals()
    const made = new Request(light(post), { headers: { x: 'y' } })
    assert.equal(await made.text(), 'a=1&b=2')
    assert.ok(made instanceof Request && made instanceof PlatformRequest && light() instanceof Request && new PlatformRequest('http://h/') instanceof Request)
    assert.equal(new Request('http://h/x', light(post)).method, 'POST')
    assert.equal(Request.name, 'Request')
    class Own extends Request {}
    assert.equal(light() instanceof Own, false)
    const data = await fetch('data:text/plain,hello')
    assert.ok(data instanceof Response)
    assert.equal(await data.text(), 'hello')
    await assert.rejects(fetch(light({ head: { authority: '127.0.0.1:1' } })), /fetch failed|bad port/)
  })

  test('is shown as what it is', () => {
    assert.match(inspect(light()), /^Request \{[^]*url: 'http:\/\/example.org\/'/)
  })
})
