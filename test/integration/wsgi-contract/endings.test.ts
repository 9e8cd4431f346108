import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { BadResponse } from '../../support/raw-client.ts'
import { bareRule, rule } from '../../support/served-application.ts'
import type { Fields } from '../../../src/gateway/exchange.ts'
import type { Block, WSGIApplication, WSGIBody } from '../../../src/gateway/wsgi.ts'

const text: Fields = [['Content-Type', 'text/plain']]
const bytes = (value: string): Buffer => Buffer.from(value, 'latin1')
const loosely = <T>(value: unknown): T => value as T
const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** What becomes of a body: each close() and each end of its generator, and waiting for both. */
class Fate {
  closed = 0
  ended = 0
  readonly over: Promise<void>
  #tell: () => void = () => {}

  constructor() {
    this.over = new Promise((resolve) => { this.#tell = resolve })
  }

  /** The blocks with close(), as a synchronous and as an asynchronous iterable. */
  body(blocks: Iterable<Block>): WSGIBody {
    const watched = this.#watched(blocks)
    return Object.assign({ [Symbol.iterator]: () => watched }, { close: () => this.#close() })
  }

  asyncBody(blocks: AsyncIterable<Buffer>): WSGIBody {
    const watched = this.#watchedAsync(blocks)
    return Object.assign({ [Symbol.asyncIterator]: () => watched }, { close: () => this.#close() })
  }

  * #watched(blocks: Iterable<Block>): Generator<Block> {
    try { yield* blocks } finally { this.ended++ }
  }

  async * #watchedAsync(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try { yield* blocks } finally { this.ended++ }
  }

  #close(): void {
    this.closed++
    this.#tell()
  }
}

type Blocks = () => Iterable<Block>

function failing(...before: Buffer[]): Blocks {
  return function* () {
    yield* before
    throw new Error('while iterating')
  }
}

const endings: Record<string, { readonly blocks: Blocks, readonly method?: string, readonly started?: false }> = {
  'the last block': { blocks: () => [bytes('a'), bytes('b')] },
  'no block at all': { blocks: () => [] },
  'an error before the first block': { blocks: failing() },
  'an error after a block': { blocks: failing(bytes('a')) },
  'a promise of a block that is rejected': { blocks: () => [bytes('a'), nextTurn().then(() => { throw new Error('rejected') })] },
  'a block that is no bytes': { blocks: () => [bytes('a'), loosely('text')] },
  'a body without startResponse': { blocks: () => [bytes('a')], started: false },
  'a HEAD': { blocks: () => [bytes('a'), bytes('b')], method: 'HEAD' },
}
for (const [ending, { blocks, method = 'GET', started = true }] of Object.entries(endings)) {
  for (const form of ['body', 'asyncBody'] as const) {
    const kind = form === 'body' ? 'an iterable' : 'an async iterable'
    rule(`close() of ${kind} is called once after ${ending}, and its generator has ended`, async (serve) => {
      const fate = new Fate()
      const served = await serve((_environ, start) => {
        if (started) start('200 OK', text)
        if (form === 'body') return fate.body(blocks())
        return fate.asyncBody((async function* () { for (const block of blocks()) yield block as Buffer })())
      })
      const client = await served.client()
      await client.send(`${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
      await client.untilClosed()
      await fate.over
      for (let i = 0; i < 5; i++) await nextTurn()
      assert.deepEqual([fate.closed, fate.ended], [1, 1])
    })
  }
}

rule('close() of a list is called once', async (serve) => {
  let closed = 0
  const served = await serve((_environ, start) => {
    start('200 OK', text)
    return Object.assign([bytes('a')], { close: () => { closed++ } })
  })
  assert.equal((await served.get()).body.toString(), 'a')
  assert.equal(closed, 1)
})

rule('what close() throws, at once or later, is in the log and costs nothing else', async (serve) => {
  const served = await serve((environ, start) => {
    start('200 OK', text)
    const failing = (): never => { throw new Error('in close') }
    const close = environ.PATH_INFO === '/later' ? async () => failing() : failing
    return { *[Symbol.iterator]() { yield bytes('ok') }, close }
  })
  for (const path of ['/', '/later']) assert.equal((await served.get(path)).body.toString(), 'ok')
  while (served.errors.length < 2) await nextTurn()
  assert.deepEqual(served.errors, ['in close', 'in close'])
})

for (const form of ['a generator', 'an async generator', 'a generator of promises']) {
  rule(`a client that goes away ends ${form} and closes it, and costs no other request anything`, async (serve) => {
    const fate = new Fate()
    const big = Buffer.alloc(65536, 'x')
    const served = await serve((environ, start) => {
      start('200 OK', text)
      if (environ.PATH_INFO === '/other') return [bytes('other')]
      if (form === 'an async generator') return fate.asyncBody((async function* () { for (;;) yield big })())
      return fate.body((function* () { for (;;) yield form === 'a generator' ? big : Promise.resolve(big) })())
    })
    const client = await served.client()
    await client.send(request)
    await client.bytes(100_000)
    assert.equal((await served.get('/other')).body.toString(), 'other')
    client.reset()
    await fate.over
    assert.deepEqual([fate.closed, fate.ended], [1, 1])
    assert.deepEqual(served.errors, [])
    assert.equal((await served.get('/other')).body.toString(), 'other')
  })
}

rule('a client that goes away while the application waits closes it at once, and ends it when it goes on', async (serve) => {
  const fate = new Fate()
  let goOn = (): void => {}
  const served = await serve((environ, start) => {
    start('200 OK', text)
    return fate.asyncBody((async function* () {
      yield bytes('a')
      await new Promise<void>((resolve) => { goOn = resolve })
      assert.equal(environ['pulsar.client_disconnected'](), true)
      yield bytes('b')
    })())
  })
  const client = await served.client()
  await client.send(request)
  await client.bytes()
  client.reset()
  await fate.over
  assert.deepEqual([fate.closed, fate.ended], [1, 0])
  goOn()
  while (fate.ended === 0) await nextTurn()
  assert.deepEqual([fate.closed, served.errors], [1, []])
})

rule('an application that writes without waiting survives a client that goes away', async (serve) => {
  let goOn = (): void => {}
  const gone = new Promise<void>((resolve) => { goOn = resolve })
  let finished = false
  const served = await serve(async (environ, start) => {
    const write = start('200 OK', text)
    for (let i = 0; i < 100; i++) write(Buffer.alloc(65536))
    environ['pulsar.connection'].onClose(goOn)
    await gone
    write(bytes('to nobody'))
    finished = true
    return []
  })
  const client = await served.client()
  await client.send(request)
  await client.bytes()
  client.reset()
  while (!finished) await nextTurn()
  assert.deepEqual(served.errors, [])
})

rule('an application that waits for write is told when the client goes away', async (serve) => {
  let told: unknown
  const served = await serve(async (_environ, start) => {
    const write = start('200 OK', text)
    try {
      for (;;) await write(Buffer.alloc(65536))
    } catch (error) {
      told = error
      throw error
    }
  })
  const client = await served.client()
  await client.send(request)
  await client.bytes()
  client.reset()
  while (told === undefined) await nextTurn()
  assert.equal((told as Error).name, 'ExchangeClosed')
  assert.deepEqual(served.errors, [])
})

rule('a slow reader holds back the application, and gets everything', async (serve) => {
  let given = 0
  const total = 256
  const served = await serve(function* (_environ, start) {
    start('200 OK', [...text, ['Content-Length', String(total * 65536)]])
    for (; given < total; given++) yield Buffer.alloc(65536, given)
  })
  const client = await served.client()
  client.pause()
  await client.send(request)
  let before = -1
  while (given === 0 || given !== before) {
    before = given
    for (let i = 0; i < 50; i++) await nextTurn()
  }
  assert.ok(given < total, `${given} blocks were asked for although nobody reads`)
  client.resume()
  const { body } = await client.response()
  assert.equal(body.length, total * 65536)
  assert.deepEqual([given, body[0], body.at(-1)], [total, 0, 255])
})

const early: Record<string, WSGIApplication> = {
  'at once': () => { throw new Error('boom') },
  'in a promise': async () => { await nextTurn(); throw new Error('boom') },
  'after startResponse': (_environ, start) => { start('200 OK', text); throw new Error('boom') },
  'after startResponse with a length': (_environ, start) => {
    start('200 OK', [...text, ['Content-Length', '5']])
    throw new Error('boom')
  },
  'in a generator before its first block': function* (_environ, start) { start('200 OK', text); throw new Error('boom') },
  'in a generator behind an empty block': function* (_environ, start) {
    start('200 OK', text)
    yield bytes('')
    throw new Error('boom')
  },
  'in an async generator': async function* (_environ, start) { start('200 OK', text); await nextTurn(); throw new Error('boom') },
  'in a promise of a block': (_environ, start) => { start('200 OK', text); return [Promise.reject(new Error('boom'))] },
  'what is no Error': () => { throw loosely('boom') },
}
for (const [when, application] of Object.entries(early)) {
  rule(`throwing ${when} is a bare 500, the whole error in the log, and a connection that goes on`, async (serve) => {
    const served = await serve(application)
    const client = await served.client()
    for (let i = 0; i < 2; i++) {
      await client.send(request)
      const response = await client.response()
      assert.equal(response.status, 500)
      assert.doesNotMatch(response.head + response.body.toString(), /boom/)
    }
    assert.deepEqual(served.errors, ['boom', 'boom'])
    assert.deepEqual(served.seen('applicationError').map(({ head }) => `${head.method} ${head.path}`), ['GET /', 'GET /'])
  })
}

bareRule('with debug the 500 shows the error', async (serve) => {
  const served = await serve(() => { throw new Error('boom here') }, { debug: true })
  const response = await served.get('/', 'Accept: text/plain')
  assert.equal(response.status, 500)
  assert.match(response.body.toString(), /boom here/)
})

const late: Record<string, WSGIApplication> = {
  'a generator': function* (_environ, start) { start('200 OK', text); yield bytes('part'); throw new Error('boom') },
  'an async generator': async function* (_environ, start) { start('200 OK', text); yield bytes('part'); throw new Error('boom') },
  'a promise of a block': (_environ, start) => {
    start('200 OK', text)
    return [bytes('part'), Promise.reject(new Error('boom'))]
  },
  'the callable after write': (_environ, start) => { start('200 OK', text)(bytes('part')); throw new Error('boom') },
  'the promise after write': async (_environ, start) => { await start('200 OK', text)(bytes('part')); throw new Error('boom') },
}
for (const [form, application] of Object.entries(late)) {
  rule(`an error of ${form} behind a block cuts the connection such that a client can tell`, async (serve) => {
    const served = await serve(application)
    const client = await served.client()
    await client.send(request)
    await assert.rejects(client.response(), BadResponse)
    assert.match(client.received().toString('latin1'), /\r\n\r\n4\r\npart\r\n$/)
    assert.deepEqual(served.errors, ['boom'])
  })
}

rule('on HTTP/1.0, where only the end of the connection ends a body, a cut is a reset', async (serve) => {
  let goOn = (): void => {}
  const served = await serve(async function* (_environ, start) {
    start('200 OK', text)
    yield bytes('part')
    await new Promise<void>((resolve) => { goOn = resolve })
    throw new Error('boom')
  })
  const client = await served.client()
  await client.send('GET / HTTP/1.0\r\n\r\n')
  // Node reports a reset that comes together with bytes as an end in order.
  while (!client.received().includes('part')) await nextTurn()
  goOn()
  await client.untilClosed()
  assert.equal((client.error as NodeJS.ErrnoException | null)?.code, 'ECONNRESET')
})

rule('an application that does not begin its answer in time is a 504, and its late answer is dropped', async (serve) => {
  let goOn = (): void => {}
  let late = false
  const served = await serve(async (_environ, start) => {
    await new Promise<void>((resolve) => { goOn = resolve })
    start('200 OK', text)
    late = true
    return [bytes('late')]
  }, { timeout: 0.1 })
  const client = await served.client()
  await client.send(request)
  assert.equal((await client.response()).status, 504)
  goOn()
  while (!late) await nextTurn()
  assert.deepEqual(served.errors, [])
})
