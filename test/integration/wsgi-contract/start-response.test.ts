import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { valuesOf } from '../../support/raw-client.ts'
import { bareRule, rule } from '../../support/served-application.ts'
import type { Fields } from '../../../src/gateway/exchange.ts'
import type { WSGIApplication } from '../../../src/gateway/wsgi.ts'

const text: Fields = [['Content-Type', 'text/plain']]
const bytes = (value: string): Buffer => Buffer.from(value, 'latin1')
/** TypeScript refuses what these applications do wrong on purpose. */
const loosely = <T>(value: unknown): T => value as T

rule('status and headers arrive as they were given, in order and case', async (serve) => {
  const fields: Fields = [
    ...text, ['X-b', '1'], ['Set-Cookie', 'a=1'], ['x-A', 'caf\u00e9'], ['Set-Cookie', 'b=2'], ['X-b', '1'], ['X-Empty', ''],
  ]
  const served = await serve((_environ, start) => { start('299 Fine by \u00e9', fields); return [] })
  const response = await served.get()
  assert.deepEqual([response.status, response.reason], [299, 'Fine by \u00e9'])
  assert.deepEqual(response.fields.slice(0, fields.length), fields)
})

rule('startResponse may be called by the body, before its first block', async (serve) => {
  const served = await serve(function* (_environ, start) {
    start('201 Created', text)
    yield bytes('late')
  })
  const response = await served.get()
  assert.deepEqual([response.status, response.body.toString()], [201, 'late'])
})

rule('startResponse may be called by a promise of a block, or after the promise of the body has waited', async (serve) => {
  const served = await serve((environ, start) => {
    const late = async (): Promise<Buffer> => {
      await nextTurn()
      start('202 Accepted', text)
      return bytes('later')
    }
    return environ.PATH_INFO === '/block' ? [late()] : (async () => [await late()])()
  })
  for (const path of ['/block', '/body']) {
    const response = await served.get(path)
    assert.deepEqual([response.status, response.body.toString()], [202, 'later'], path)
  }
})

rule('a second startResponse with excInfo replaces status and headers', async (serve) => {
  const served = await serve((environ, start) => {
    const error = new Error('on the way')
    start('200 OK', [...text, ['Content-Length', '1000'], ['X-First', 'yes']])
    if (environ.PATH_INFO === '/triple') start('500 Sorry', text, [Error, error, undefined])
    else start('500 Sorry', text, error)
    return [bytes('sorry')]
  })
  for (const path of ['/', '/triple']) {
    const response = await served.get(path)
    assert.deepEqual([response.status, response.reason, response.body.toString()], [500, 'Sorry', 'sorry'])
    assert.deepEqual([valuesOf(response, 'x-first'), valuesOf(response, 'content-length')], [[], ['5']])
  }
  assert.deepEqual(served.errors, [])
})

rule('a second startResponse with excInfo is good also after empty blocks', async (serve) => {
  const served = await serve(function* (_environ, start) {
    start('200 OK', text)
    yield bytes('')
    start('503 Later', text, new Error('x'))
    yield bytes('later')
  })
  assert.equal((await served.get()).status, 503)
})

rule('a second startResponse without excInfo is an error of the application', async (serve) => {
  const served = await serve((_environ, start) => {
    start('200 OK', text)
    start('200 OK', text)
    return []
  })
  assert.equal((await served.get()).status, 500)
  assert.match(served.errors.join(), /excInfo.*PEP 3333/)
})

rule('an application may catch what a second startResponse throws, and go on', async (serve) => {
  const served = await serve((_environ, start) => {
    start('200 OK', text)
    assert.throws(() => start('404 Not Found', text))
    return [bytes('first')]
  })
  assert.deepEqual([(await served.get()).status, served.errors], [200, []])
})

for (const [form, excInfoOf] of [
  ['an Error', (error: Error) => error],
  ['the thing thrown and more', (error: Error) => [error, 1, 2] as const],
  ['a triple as in Python', (error: Error) => [Error, error, undefined] as const],
] as const) {
  rule(`startResponse with ${form} throws it again once the headers were sent, and the connection is cut`, async (serve) => {
    const error = new Error('too late')
    let thrown: unknown
    const served = await serve(function* (_environ, start) {
      start('200 OK', text)
      yield bytes('part')
      try {
        start('500 Sorry', text, excInfoOf(error))
      } catch (caught) {
        thrown = caught
        throw caught
      }
    })
    const client = await served.client()
    await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const received = (await client.untilClosed()).toString('latin1')
    assert.match(received, /^HTTP\/1\.1 200 OK\r\n[^]*4\r\npart\r\n$/)
    assert.equal(thrown, error)
    assert.deepEqual(served.errors, ['too late'])
  })
}

const refused: Record<string, [status: unknown, headers: unknown]> = {
  'a status that is a number': [200, text],
  'a status without a reason phrase or a space': ['200', text],
  'a status with a second line': ['200 OK\r\nX-Injected: yes', text],
  'a status beyond latin-1': ['200 \u20ac', text],
  'a status that is none': ['999999 OK', text],
  'a status of an interim answer': ['100 Continue', text],
  'headers that are no array': ['200 OK', { 'Content-Type': 'text/plain' }],
  'a header that is no pair': ['200 OK', [['X', 'y', 'z']]],
  'a name with a line end': ['200 OK', [...text, ['X\r\nX-Injected', 'yes']]],
  'a name with a colon': ['200 OK', [...text, ['X-Injected: yes; X', 'y']]],
  'an empty name': ['200 OK', [...text, ['', 'y']]],
  'a value with a line end': ['200 OK', [...text, ['X', 'y\r\nX-Injected: yes']]],
  'a value that ends in a line end': ['200 OK', [...text, ['X', 'y\n']]],
  'a value with a NUL': ['200 OK', [...text, ['X', 'y\0']]],
  'a value beyond latin-1, whose low byte is a line end': ['200 OK', [...text, ['X', 'y\u010a\u010dX-Injected: yes']]],
  'a value that is a number': ['200 OK', [...text, ['X', 1]]],
  'a length that is none': ['200 OK', [...text, ['Content-Length', '1x']]],
  'two lengths that differ': ['200 OK', [...text, ['Content-Length', '1'], ['Content-Length', '2']]],
}
for (const [what, [status, headers]] of Object.entries(refused)) {
  rule(`${what} is refused before anything is sent`, async (serve) => {
    const served = await serve((_environ, start) => { start(loosely(status), loosely(headers)); return [bytes('x')] })
    const response = await served.get()
    assert.equal(response.status, 500)
    assert.doesNotMatch(response.head + response.body.toString(), /Injected/)
    assert.equal(served.errors.length, 1)
  })
}

rule('what startResponse refuses can be caught and answered otherwise', async (serve) => {
  const served = await serve((_environ, start) => {
    try {
      start('302 Found', [...text, ['Location', '/\r\nSet-Cookie: a=b']])
    } catch (error) {
      assert.ok(error instanceof TypeError)
      start('400 Bad Request', text)
    }
    return [bytes('no')]
  })
  const response = await served.get()
  assert.deepEqual([response.status, valuesOf(response, 'set-cookie')], [400, []])
})

bareRule('hop-by-hop headers are dropped without an error, and said once', async (serve) => {
  const served = await serve((_environ, start) => {
    start('200 OK', [
      ...text, ['Keep-Alive', 'timeout=1'], ['Transfer-Encoding', 'gzip, chunked'], ['TE', 'trailers'], ['Upgrade', 'h2c'],
      ['Proxy-Authenticate', 'Basic'], ['Connection', 'X-Mine'], ['X-Mine', 'kept'],
    ])
    return [bytes('ok')]
  })
  for (let i = 0; i < 2; i++) {
    const response = await served.get()
    for (const name of ['keep-alive', 'transfer-encoding', 'te', 'upgrade', 'proxy-authenticate', 'connection']) {
      assert.deepEqual(valuesOf(response, name), [], name)
    }
    assert.deepEqual([response.body.toString(), valuesOf(response, 'x-mine')], ['ok', ['kept']])
  }
  assert.equal(served.seen('warning').length, 6)
  assert.deepEqual(served.errors, [])
})

rule('Date and Server are added, unless the application gives them', async (serve) => {
  const own: Fields = [['date', 'Thu, 01 Jan 1970 00:00:00 GMT'], ['server', 'mine']]
  const served = await serve((environ, start) => {
    start('200 OK', environ.PATH_INFO === '/own' ? [...text, ...own] : text)
    return []
  }, { serverSoftware: 'tested/1' })
  const added = await served.get()
  assert.match(valuesOf(added, 'date').join(), /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/)
  assert.deepEqual(valuesOf(added, 'server'), ['tested/1'])
  const given = await served.get('/own')
  assert.deepEqual([valuesOf(given, 'date'), valuesOf(given, 'server')], [['Thu, 01 Jan 1970 00:00:00 GMT'], ['mine']])
})

const silent: Record<string, WSGIApplication> = {
  'an empty list': () => [],
  'a list': () => [bytes('x')],
  'a generator': function* () { yield bytes('x') },
  'a generator without blocks': function* () {},
  'an async generator': async function* () { yield bytes('x') },
  'a promise': async () => [bytes('x')],
}
for (const [form, application] of Object.entries(silent)) {
  rule(`${form} without startResponse is an error of the application`, async (serve) => {
    const served = await serve(application)
    assert.equal((await served.get()).status, 500)
    assert.match(served.errors.join(), /startResponse.*PEP 3333/)
  })
}
