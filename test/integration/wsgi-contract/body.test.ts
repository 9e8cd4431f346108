import assert from 'node:assert/strict'
import { createReadStream, readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { valuesOf } from '../../support/raw-client.ts'
import { rule } from '../../support/served-application.ts'
import type { Fields } from '../../../src/gateway/exchange.ts'
import type { Block, WSGIBody } from '../../../src/gateway/wsgi.ts'

const text: Fields = [['Content-Type', 'text/plain']]
const bytes = (value: string): Buffer => Buffer.from(value, 'latin1')
const loosely = <T>(value: unknown): T => value as T

/** The same blocks in every form that a body may have. */
const forms: Record<string, (blocks: readonly Buffer[]) => WSGIBody | Promise<WSGIBody>> = {
  'a list': (blocks) => blocks,
  'a list of promises': (blocks) => blocks.map(async (block) => block),
  'a set': (blocks) => new Set(blocks),
  'a generator': (blocks) => (function* () { yield* blocks })(),
  'a generator of promises and bytes': (blocks) => (function* (): Iterable<Block> {
    for (const [i, block] of blocks.entries()) yield i % 2 === 0 ? nextTurn(block) : block
  })(),
  'an async generator': (blocks) => (async function* () { for (const block of blocks) { await nextTurn(); yield block } })(),
  'a promise of a list': async (blocks) => { await nextTurn(); return blocks },
  'a promise of an async generator': async (blocks) => (async function* () { yield* blocks })(),
}

for (const [form, bodyOf] of Object.entries(forms)) {
  rule(`${form} arrives block by block, in order, on both versions of HTTP`, async (serve) => {
    const blocks = [bytes('one,'), bytes('two,'), bytes(''), bytes('three')]
    const served = await serve((_environ, start) => { start('200 OK', text); return bodyOf(blocks) })
    for (const version of ['1.1', '1.0']) {
      const response = await served.request(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`)
      assert.equal(response.body.toString(), 'one,two,three')
    }
    assert.deepEqual(served.errors, [])
  })

  rule(`${form} without blocks is an empty answer that leaves the connection open`, async (serve) => {
    const served = await serve((_environ, start) => { start('200 OK', text); return bodyOf([]) })
    const client = await served.client()
    await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n')
    for (let i = 0; i < 2; i++) assert.equal((await client.response()).body.length, 0)
  })
}

rule('a list of one block has its Content-Length, whatever the request', async (serve) => {
  const served = await serve((_environ, start) => { start('200 OK', text); return [new Uint8Array([104, 105])] })
  const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc'
  for (const request of ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'GET / HTTP/1.0\r\n\r\n', post]) {
    const response = await served.request(request)
    assert.deepEqual([response.framing, response.body.toString()], ['length', 'hi'], request)
    assert.deepEqual(valuesOf(response, 'content-length'), ['2'], request)
  }
})

rule('a list of one block has its Content-Length also after the request\'s body was read', async (serve) => {
  const served = await serve(async (environ, start) => {
    const body = await environ['wsgi.input'].read()
    start('200 OK', text)
    return [body]
  })
  const response = await served.request('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n', 'abc')
  assert.deepEqual([valuesOf(response, 'content-length'), response.body.toString()], [['3'], 'abc'])
})

rule('blocks of unknown number are chunks on HTTP/1.1, one each, and end with the connection on HTTP/1.0', async (serve) => {
  const served = await serve(function* (_environ, start) {
    start('200 OK', text)
    yield* [bytes('ab'), bytes(''), bytes('cde')]
  })
  const chunked = await served.get()
  assert.deepEqual([chunked.framing, chunked.chunks], ['chunked', [2, 3]])
  const client = await served.client()
  await client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
  const closed = await client.response()
  assert.deepEqual([closed.framing, closed.body.toString()], ['close', 'abcde'])
  assert.deepEqual([valuesOf(closed, 'transfer-encoding'), valuesOf(closed, 'connection')], [[], ['close']])
})

rule('a block is sent before the next is asked for', async (serve) => {
  let goOn = (): void => {}
  const served = await serve(async function* (_environ, start) {
    start('200 OK', text)
    yield bytes('first')
    await new Promise<void>((resolve) => { goOn = resolve })
    yield bytes('second')
  })
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  while (!client.received().includes('5\r\nfirst\r\n')) await nextTurn()
  goOn()
  assert.equal((await client.response()).body.toString(), 'firstsecond')
})

rule('empty blocks do not send the headers', async (serve) => {
  let goOn = (): void => {}
  const waiting = deferred()
  const served = await serve(async function* (_environ, start) {
    start('200 OK', text)
    yield bytes('')
    waiting.resolve()
    await new Promise<void>((resolve) => { goOn = resolve })
    start('404 Not Found', text, new Error('found out late'))
    yield bytes('gone')
  })
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await waiting.promise
  for (let i = 0; i < 20; i++) await nextTurn()
  assert.equal(client.received().length, 0)
  goOn()
  assert.equal((await client.response()).status, 404)
})

rule('write sends at once, and the body comes behind', async (serve) => {
  let goOn = (): void => {}
  const served = await serve(async (_environ, start) => {
    const write = start('200 OK', text)
    assert.equal(await write(bytes('')), 0)
    assert.equal(await write(bytes('one,')), 4)
    await new Promise<void>((resolve) => { goOn = resolve })
    write(bytes('two,'))
    return [bytes('three')]
  })
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  while (!client.received().includes('4\r\none,\r\n')) await nextTurn()
  goOn()
  const response = await client.response()
  assert.deepEqual([response.body.toString(), response.chunks], ['one,two,three', [4, 4, 5]])
})

rule('write within a Content-Length counts', async (serve) => {
  const served = await serve((_environ, start) => {
    start('200 OK', [...text, ['Content-Length', '6']])(bytes('one'))
    return [bytes('two')]
  })
  const response = await served.get()
  assert.deepEqual([response.framing, response.body.toString()], ['length', 'onetwo'])
})

rule('an answer to HEAD has the head of the GET and no body', async (serve) => {
  const served = await serve((environ, start) => {
    start('200 OK', environ.PATH_INFO === '/declared' ? [...text, ['Content-Length', '5']] : text)
    return environ.PATH_INFO === '/generator' ? (function* () { yield bytes('hello') })() : [bytes('hello')]
  })
  for (const path of ['/', '/declared', '/generator']) {
    const client = await served.client()
    await client.send(`HEAD ${path} HTTP/1.1\r\nHost: a\r\n\r\nHEAD ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    for (let i = 0; i < 2; i++) {
      const response = await client.response('HEAD')
      assert.deepEqual(valuesOf(response, 'content-length'), path === '/generator' ? [] : ['5'], path)
    }
    assert.equal(client.received().length, 0)
  }
  assert.deepEqual(served.errors, [])
})

for (const status of ['204 No Content', '304 Not Modified']) {
  rule(`a ${status} has no body and leaves the connection in step`, async (serve) => {
    const served = await serve((environ, start) => {
      start(status, [])
      return environ.PATH_INFO === '/list' ? [bytes('dropped')] : (function* () { yield bytes('dropped') })()
    })
    for (const path of ['/list', '/generator']) {
      const client = await served.client()
      await client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\nGET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
      for (let i = 0; i < 2; i++) {
        const response = await client.response()
        assert.deepEqual([valuesOf(response, 'content-length'), valuesOf(response, 'transfer-encoding')], [[], []])
      }
      assert.equal(client.received().length, 0)
    }
  })
}

const five: Fields = [...text, ['Content-Length', '5']]
for (const [form, bodyOf] of Object.entries(forms)) {
  rule(`${form} longer than its Content-Length is cut to it, and the next answer is in step`, async (serve) => {
    const blocks = [bytes('123'), bytes('456'), bytes('789')]
    const served = await serve((_environ, start) => { start('200 OK', five); return bodyOf(blocks) })
    const client = await served.client()
    await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n')
    for (let i = 0; i < 2; i++) assert.equal((await client.response()).body.toString(), '12345')
    assert.match(served.errors.join(), /longer than its Content-Length/)
  })

  rule(`${form} shorter than its Content-Length cuts the connection`, async (serve) => {
    const served = await serve((_environ, start) => { start('200 OK', five); return bodyOf([bytes('12'), bytes('3')]) })
    const client = await served.client()
    await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n')
    assert.match((await client.untilClosed()).toString('latin1'), /\r\nContent-Length: 5\r\n(?:[^]*\r\n)?\r\n123$/)
    assert.match(served.errors.join(), /shorter than its Content-Length/)
  })
}

rule('an endless body ends where its Content-Length does', async (serve) => {
  let ended = 0
  const served = await serve(function* (_environ, start) {
    start('200 OK', five)
    try {
      for (;;) yield bytes('abc')
    } finally {
      ended++
    }
  })
  assert.equal((await served.get()).body.toString(), 'abcab')
  assert.equal(ended, 1)
})

const noBodies: Record<string, unknown> = {
  'undefined': undefined, 'null': null, 'a string': 'text', 'bare bytes': Buffer.from('bytes'), 'a number': 1, 'an object': {},
}
for (const [what, body] of Object.entries(noBodies)) {
  rule(`${what} as a body is an error of the application`, async (serve) => {
    const served = await serve((environ, start) => {
      start('200 OK', text)
      return loosely<WSGIBody>(environ.PATH_INFO === '/promise' ? Promise.resolve(body) : body)
    })
    for (const path of ['/', '/promise']) assert.equal((await served.get(path)).status, 500)
    assert.match(served.errors.join(), /iterable.*PEP 3333/)
  })
}

const noBlocks: Record<string, unknown> = {
  'a string': 'text', 'a number': 1, 'undefined': undefined, 'null': null, 'an ArrayBuffer': new ArrayBuffer(1),
}
for (const [what, block] of Object.entries(noBlocks)) {
  for (const [form, bodyOf] of Object.entries(forms)) {
    rule(`${what} as a block of ${form} is an error of the application`, async (serve) => {
      const served = await serve((_environ, start) => { start('200 OK', text); return bodyOf(loosely([block])) })
      assert.equal((await served.get()).status, 500)
      assert.match(served.errors.join(), /block of the body.*PEP 3333/)
    })
  }
}

rule('write of a string is an error of the application', async (serve) => {
  const served = await serve((_environ, start) => { start('200 OK', text)(loosely('text')); return [] })
  assert.equal((await served.get()).status, 500)
  assert.match(served.errors.join(), /write\(\) takes.*PEP 3333/)
})

rule('promises of blocks that fail before their turn cost this answer and no other', async (serve) => {
  const served = await serve((environ, start) => {
    start('200 OK', text)
    if (environ.PATH_INFO === '/good') return [bytes('good')]
    return [nextTurn().then(() => nextTurn()).then(() => bytes('a')), Promise.reject(new Error('early'))]
  })
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.untilClosed()
  assert.deepEqual(served.errors, ['early'])
  assert.equal((await served.get('/good')).body.toString(), 'good')
})

rule('wsgi.file_wrapper makes a body of a path, of a stream and of blocks', async (serve) => {
  const served = await serve((environ, start) => {
    start('200 OK', text)
    const stream = createReadStream('package.json')
    const file = { '/path': 'package.json', '/stream': stream, '/blocks': [bytes('a'), bytes('b')] }[environ.PATH_INFO]
    return environ['wsgi.file_wrapper'](file ?? [], 100)
  })
  for (const path of ['/path', '/stream']) assert.deepEqual((await served.get(path)).body, readFileSync('package.json'), path)
  assert.equal((await served.get('/blocks')).body.toString(), 'ab')
  assert.deepEqual(served.errors, [])
})

function deferred(): { promise: Promise<void>, resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((settle) => { resolve = settle })
  return { promise, resolve }
}
