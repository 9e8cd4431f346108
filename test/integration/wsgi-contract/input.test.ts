import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { rule } from '../../support/served-application.ts'
import type { Fields } from '../../../src/gateway/exchange.ts'
import type { InputStream, WSGIApplication } from '../../../src/gateway/wsgi.ts'

const text: Fields = [['Content-Type', 'text/plain']]
const content = 'one\n\ntwo\r\nthr\xe9e\nand a last line without end'
const lines = ['one\n', '\n', 'two\r\n', 'thr\xe9e\n', 'and a last line without end']

/** An application that answers with what it read, as JSON. */
function reading(read: (input: InputStream) => Promise<unknown>): WSGIApplication {
  return async (environ, startResponse) => {
    const seen = await read(environ['wsgi.input'])
    startResponse('200 OK', [['Content-Type', 'application/json']])
    return [Buffer.from(JSON.stringify(seen))]
  }
}

const latin1 = (bytes: Buffer): string => bytes.toString('latin1')

/** Until the input gives nothing more. */
async function all(next: () => Promise<Buffer>): Promise<string[]> {
  const seen: string[] = []
  for (;;) {
    const piece = await next()
    if (piece.length === 0) return seen
    seen.push(latin1(piece))
  }
}

const cut = (value: string, size: number): string[] => value.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []

const ways: Record<string, [read: (input: InputStream) => Promise<unknown>, expected: unknown]> = {
  'read()': [async (input) => [latin1(await input.read()), latin1(await input.read())], [content, '']],
  'read(-1)': [async (input) => latin1(await input.read(-1)), content],
  'read(0)': [async (input) => [latin1(await input.read(0)), latin1(await input.read())], ['', content]],
  'read(1)': [(input) => all(() => input.read(1)), [...content]],
  'read(7)': [(input) => all(() => input.read(7)), cut(content, 7)],
  'read(1000)': [(input) => all(() => input.read(1000)), [content]],
  'readline()': [(input) => all(() => input.readline()), lines],
  'readline(3)': [(input) => all(() => input.readline(3)), lines.flatMap((line) => cut(line, 3))],
  'readline(0)': [async (input) => [latin1(await input.readline(0)), latin1(await input.readline())], ['', 'one\n']],
  'readlines()': [async (input) => (await input.readlines()).map(latin1), lines],
  'readlines(5)': [
    async (input) => [(await input.readlines(5)).map(latin1), (await input.readlines()).map(latin1)],
    [lines.slice(0, 2), lines.slice(2)],
  ],
  'iteration': [
    async (input) => {
      const seen: string[] = []
      for await (const line of input) seen.push(latin1(line))
      return seen
    },
    lines,
  ],
  'all of them in turn': [
    async (input) => {
      const seen = [latin1(await input.read(2)), latin1(await input.readline())]
      for await (const line of input) { seen.push(latin1(line)); break }
      return [...seen, ...(await input.readlines(1)).map(latin1), latin1(await input.read())]
    },
    ['on', 'e\n', '\n', 'two\r\n', lines.slice(3).join('')],
  ],
  'calls that do not wait for one another': [
    async (input) => (await Promise.all([input.read(2), input.readline(), input.readline(), input.read()])).map(latin1),
    ['on', 'e\n', '\n', lines.slice(2).join('')],
  ],
}

const framings: Record<string, (...pieces: string[]) => string[]> = {
  'a body of known length': (...pieces) => [`Content-Length: ${pieces.join('').length}\r\n\r\n`, ...pieces],
  'a chunked body': (...pieces) => [
    'Transfer-Encoding: chunked\r\n\r\n',
    ...pieces.flatMap((piece) => [piece.length.toString(16), '\r\n', piece, '\r\n']),
    '0\r\n', 'X-Trailer: 1\r\n\r\n',
  ],
}

for (const [way, [read, expected]] of Object.entries(ways)) {
  for (const [framing, framed] of Object.entries(framings)) {
    rule(`${way} on ${framing} that comes in odd pieces`, async (serve) => {
      const served = await serve(reading(read))
      for (const size of [1, 3, 8, 100]) {
        const response = await served.request('POST / HTTP/1.1\r\nHost: a\r\n', ...framed(...cut(content, size)))
        assert.deepEqual(JSON.parse(response.body.toString()), expected, `pieces of ${size}`)
      }
    })
  }
}

rule('the input of a request without body is at its end', async (serve) => {
  const served = await serve(reading(async (input) => [
    latin1(await input.read()), latin1(await input.read(5)), latin1(await input.readline()), await input.readlines(),
  ]))
  assert.deepEqual(JSON.parse((await served.get()).body.toString()), ['', '', '', []])
})

rule('the input ends with its body, and the next request is not part of it', async (serve) => {
  const served = await serve(reading(async (input) => latin1(await input.read(1000))))
  const client = await served.client()
  const post = (body: string): string => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  await client.send(post('first') + post('second'))
  for (const body of ['first', 'second']) assert.equal(JSON.parse((await client.response()).body.toString()), body)
})

rule('a body that nobody reads is not the next request', async (serve) => {
  const served = await serve((environ, startResponse) => {
    startResponse('200 OK', text)
    return [Buffer.from(environ.PATH_INFO)]
  })
  const client = await served.client()
  const body = 'GET /smuggled HTTP/1.1\r\nX: y'
  await client.send(`POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`, body)
  await client.send('GET /b HTTP/1.1\r\nHost: a\r\n\r\n')
  for (const path of ['/a', '/b']) assert.equal((await client.response()).body.toString(), path)
})

rule('100 Continue is sent when the application first reads, and not when it never does', async (serve) => {
  const served = await serve(async (environ, startResponse) => {
    const body = environ.PATH_INFO === '/read' ? await environ['wsgi.input'].read() : Buffer.from('unread')
    startResponse('200 OK', text)
    return [body]
  })
  const expecting = (path: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n`
  const reader = await served.client()
  await reader.send(expecting('/read'))
  assert.equal((await reader.response()).status, 100)
  await reader.send('abc')
  assert.equal((await reader.response()).body.toString(), 'abc')
  const refused = await served.client()
  await refused.send(expecting('/'))
  const response = await refused.response()
  assert.deepEqual([response.status, response.body.toString()], [200, 'unread'])
})

rule('an answer may begin before the body has come, and echo it', async (serve) => {
  const served = await serve((environ, startResponse) => {
    startResponse('200 OK', text)
    return environ['wsgi.input']
  })
  const client = await served.client()
  await client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n')
  while (!client.received().includes('4\r\none\n\r\n')) await nextTurn()
  await client.send('4\r\ntwo\n\r\n0\r\n\r\n')
  assert.equal((await client.response()).body.toString(), 'one\ntwo\n')
})

rule('a body that breaks off rejects what reads it, and is no error of the application', async (serve) => {
  let told: unknown
  const served = await serve(async (environ) => {
    try {
      return [await environ['wsgi.input'].read()]
    } catch (error) {
      told = error
      throw error
    }
  })
  const client = await served.client()
  await client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n', 'abc')
  client.reset()
  while (told === undefined) await nextTurn()
  assert.equal((told as Error).name, 'ExchangeClosed')
  for (let i = 0; i < 5; i++) await nextTurn()
  assert.deepEqual(served.errors, [])
})

rule('malformed chunks are a 400 that the application cannot hide', async (serve) => {
  const served = await serve(async (environ, startResponse) => {
    await environ['wsgi.input'].read().catch(() => {})
    startResponse('200 OK', text)
    return []
  })
  const response = await served.request('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n', '3\r\nabcX')
  assert.equal(response.status, 400)
  assert.deepEqual(served.seen('refused').map(({ cause }) => cause), ['bad-chunk'])
})

rule('a size that is no whole number is refused', async (serve) => {
  const served = await serve(reading(async (input) => {
    const bad: unknown = '3'
    await assert.rejects(async () => input.read(bad as number), TypeError)
    return latin1(await input.read())
  }))
  const response = await served.request('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc')
  assert.equal(JSON.parse(response.body.toString()), 'abc')
})
