import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { H1Connection } from '../../../src/http/h1/connection.ts'
import { ResponseWriter } from '../../../src/http/h1/response-writer.ts'
import { FakeHost } from '../../support/fake-host.ts'
import { readResponse, type RawResponse } from '../../support/response-reader.ts'

const seed = Number(process.env.PULSAR_TEST_SEED ?? Date.now() % 2 ** 31)
const limits = { requestLine: 8190, fields: 100, fieldSize: 8190, head: 65536, body: 0 }
const date = Date.UTC(2024, 1, 29, 12, 0, 0)

type Pair = [name: string, value: string]
interface Answer {
  readonly status: string
  readonly fields: readonly Pair[]
  /** One piece is answered at once, where `streamed` is false. */
  readonly pieces: readonly Uint8Array[]
  readonly streamed: boolean
  readonly trailers: readonly Pair[]
  readonly request: { readonly method: string; readonly version: '1.0' | '1.1'; readonly keepAlive: boolean }
}

const characters = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i))
const text = (from: readonly string[], minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...from), { minLength, maxLength }).map((parts) => parts.join(''))
const token = text([..."!#$%&'*+-.^_`|~09azAZ"], 1, 16)
const value = text([...characters(0x20, 0x7e), ...characters(0x80, 0xff), '\t'], 0, 30)
const trim = (value: string): string => value.replace(/^[ \t]+|[ \t]+$/g, '')

const framing = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailers',
  'date',
  'server',
])
const field = fc.tuple(
  fc
    .oneof(token, fc.constantFrom('Content-Type', 'Set-Cookie', 'X-A', 'etag'))
    .filter((name) => !framing.has(name.toLowerCase())),
  value,
)
/** What an application may say of the connection, and what is not its to say: the server's framing must hold all the same. */
const meddling = fc.constantFrom<Pair>(
  ['Connection', 'close'],
  ['Connection', 'keep-alive'],
  ['connection', 'upgrade, Close'],
  ['Transfer-Encoding', 'chunked'],
  ['transfer-encoding', 'gzip'],
  ['Keep-Alive', 'timeout=5'],
  ['Upgrade', 'h2c'],
  ['TE', 'trailers'],
  ['Date', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ['Server', 'mine'],
)
const status = fc
  .tuple(fc.oneof(fc.constantFrom(200, 200, 201, 204, 205, 206, 304, 404, 500, 599), fc.integer({ min: 200, max: 599 })), value)
  .map(([code, reason]) => `${code} ${reason}`)
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.constant(Buffer.from('0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')),
  fc.constant(Buffer.alloc(20_000, 'x')),
)
const answers: fc.Arbitrary<Answer> = fc
  .record({
    status,
    fields: fc.array(fc.oneof({ weight: 5, arbitrary: field }, { weight: 1, arbitrary: meddling }), { maxLength: 8 }),
    pieces: fc.array(piece, { maxLength: 4 }),
    streamed: fc.boolean(),
    trailers: fc.array(field, { maxLength: 2 }),
    request: fc.record({
      method: fc.constantFrom('GET', 'GET', 'POST', 'HEAD'),
      version: fc.constantFrom('1.1' as const, '1.1' as const, '1.0' as const),
      keepAlive: fc.boolean(),
    }),
  })
  .chain((answer) =>
    fc.constantFrom(null, 0, -1, 5).map((declared) => {
      // A declared length: the true one, one less, or five more; the last cuts the answer short.
      if (declared === null) return answer
      const length = Math.max(0, answer.pieces.reduce((sum, { length }) => sum + length, 0) + declared)
      return { ...answer, fields: [...answer.fields, ['Content-Length', `${length}`] as Pair] }
    }),
  )

const whole = (pieces: readonly Uint8Array[]): Buffer => Buffer.concat(pieces)

/** The bytes of an answer, written through a real connection, and what became of the connection. */
function written(answer: Answer): FakeHost {
  const { method, version, keepAlive } = answer.request
  const host = new FakeHost((exchange) => {
    if (!answer.streamed) {
      exchange.answer(answer.status, answer.fields, whole(answer.pieces))
      return
    }
    const sink = exchange.begin(answer.status, answer.fields)
    for (const piece of answer.pieces) sink.write(piece)
    sink.end(answer.trailers)
  })
  const connection = new H1Connection(host, limits, 'http', new ResponseWriter('test', () => date))
  const input = Buffer.from(`${method} / HTTP/${version}\r\nHost: h\r\nConnection: ${keepAlive ? 'keep-alive' : 'close'}\r\n\r\n`)
  connection.receive(input, input.length)
  return host
}

/** What an answer must be to whoever reads it. */
function expectation({ status, fields, pieces, request, streamed, trailers }: Answer): {
  body: Buffer
  short: boolean
  persistent: boolean
  trailers: Pair[]
} {
  const code = Number(status.slice(0, 3))
  const declared = fields.find(([name]) => name === 'Content-Length')
  const content = whole(pieces)
  const bodiless = request.method === 'HEAD' || code === 204 || code === 205 || code === 304
  const length = declared ? Number(declared[1]) : content.length
  const chunked = !bodiless && streamed && !declared && request.version === '1.1'
  const closes = fields.some(([name, value]) => name.toLowerCase() === 'connection' && value.toLowerCase().includes('close'))
  const unframed = !bodiless && streamed && !declared && request.version === '1.0'
  return {
    body: bodiless ? Buffer.alloc(0) : content.subarray(0, length),
    short: !bodiless && content.length < length,
    persistent: request.keepAlive && !closes && !unframed,
    trailers: chunked ? trailers.map(([name, value]) => [name, trim(value)]) : [],
  }
}

const kept = ([name]: readonly [string, string]): boolean => !framing.has(name.toLowerCase())

test('any answer that is taken is read back as the same status, fields and body, and framed for its request', () => {
  const framings = new Set<string>()
  fc.assert(
    fc.property(answers, (answer) => {
      const host = written(answer)
      const expected = expectation(answer)
      if (expected.short) {
        assert.ok(host.closed, 'cut, so that the client sees it')
        assert.throws(() => readResponse(host.sent(), { method: answer.request.method, ended: true }))
        return
      }
      const response = readResponse(host.sent(), { method: answer.request.method, ended: true }) as RawResponse
      framings.add(response.framing)
      assert.equal(response.size, host.sent().length, 'no byte behind the answer')
      assert.equal(`${response.status} ${response.reason}`, answer.status)
      assert.deepEqual(
        response.fields.filter(kept),
        answer.fields.filter(kept).map(([name, value]) => [name, trim(value)]),
      )
      assert.deepEqual(response.body, expected.body)
      assert.deepEqual(response.trailers, expected.trailers)
      assert.equal(host.ended || host.closed, !expected.persistent, 'kept, or closed')
      const connection = response.fields.filter(([name]) => name === 'Connection').map(([, value]) => value)
      // RFC 9110 section 15.5.22: only a 426 says what to upgrade to, and Connection names the field (section 7.8).
      const upgrade = answer.status.startsWith('426') && answer.fields.some(([name]) => name.toLowerCase() === 'upgrade')
      const ordinary = upgrade ? ['upgrade'] : answer.request.version === '1.0' ? ['keep-alive'] : []
      assert.deepEqual(connection, expected.persistent ? ordinary : [upgrade ? 'close, upgrade' : 'close'])
      for (const name of ['Date', 'Server']) {
        assert.ok(
          response.fields.filter(([found]) => found === name).length ===
            Math.max(1, answer.fields.filter(([given]) => given === name).length),
          `one ${name}`,
        )
      }
    }),
    { seed, numRuns: 2000 },
  )
  assert.deepEqual([...framings].sort(), ['chunked', 'close', 'length', 'none'], 'every framing was there')
})

test('node:http reads the same status, fields and body', async () => {
  const queue: Answer[] = []
  const server = createServer((socket) => {
    socket.once('data', () => {
      const answer = queue.shift() as Answer
      socket.end(written(answer).sent())
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  try {
    await fc.assert(
      fc.asyncProperty(
        answers.filter((answer) => !expectation(answer).short && answer.request.version === '1.1'),
        async (answer) => {
          queue.push(answer)
          const read = await readByNode(port, answer.request.method)
          const expected = expectation(answer)
          assert.equal(`${read.status} ${read.reason}`, answer.status)
          assert.deepEqual(
            read.fields.filter(kept),
            answer.fields.filter(kept).map(([name, value]) => [name, trim(value)]),
          )
          assert.deepEqual(read.body, expected.body)
          assert.deepEqual(read.trailers, expected.trailers)
        },
      ),
      { seed, numRuns: 200 },
    )
  } finally {
    server.close()
  }
})

interface NodesReading {
  status: number
  reason: string
  fields: Pair[]
  body: Buffer
  trailers: Pair[]
}

function readByNode(port: number, method: string): Promise<NodesReading> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, agent: false }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => {
        pieces.push(piece)
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode as number,
          reason: response.statusMessage as string,
          fields: pairs(response.rawHeaders),
          body: Buffer.concat(pieces),
          trailers: pairs(response.rawTrailers),
        }),
      )
    })
    request.on('error', reject)
    request.end()
  })
}

const pairs = (flat: readonly string[]): Pair[] =>
  flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] as string] as Pair] : []))

// What cannot go on the wire ------------------------------------------------------------------------------------------------------

const control = fc.constantFrom(
  '\r',
  '\n',
  '\r\n',
  '\0',
  '\x01',
  '\x0b',
  '\x0c',
  '\x1f',
  '\x7f',
  '\u0100',
  '\u010d\u010a',
  '\ud83d\ude00',
)
const around = (inner: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.tuple(value, inner, value).map((parts) => parts.join(''))
const noToken = fc.oneof(
  fc.constant(''),
  fc
    .tuple(text([...'aZ-'], 0, 4), fc.constantFrom(...' \t:()<>@,;\\"/[]?={}\r\n\0\x7f\xe4', '\u212a'), text([...'aZ-'], 0, 4))
    .map((parts) => parts.join('')),
)
const unsendable = fc.oneof(
  fc.record({ status: around(control).map((text) => `200 ${text}`), fields: fc.constant<Pair[]>([]) }),
  fc.record({
    status: fc.constantFrom(
      '200',
      '20 OK',
      '2000 OK',
      '600 No',
      '099 No',
      '1x0 No',
      ' 200 OK',
      '200\tOK',
      '',
      '100 Continue',
      '101 Switching Protocols',
      '199 x',
      '\u0662\u0660\u0660 OK',
    ),
    fields: fc.constant<Pair[]>([]),
  }),
  fc.record({ status: fc.constant('200 OK'), fields: fc.tuple(field, fc.tuple(noToken, value)).map((pairs): Pair[] => pairs) }),
  fc.record({
    status: fc.constant('200 OK'),
    fields: fc
      .tuple(
        field,
        fc.tuple(fc.oneof(token, fc.constantFrom('Content-Length', 'Connection', 'Transfer-Encoding')), around(control)),
      )
      .map((pairs): Pair[] => pairs),
  }),
  fc.record({
    status: fc.constant('200 OK'),
    fields: fc.constantFrom<Pair[]>(
      [['Content-Length', '']],
      [['Content-Length', '-1']],
      [['Content-Length', '1, 1']],
      [['Content-Length', '0x1']],
      [
        ['Content-Length', '1'],
        ['content-length', '2'],
      ],
      [['Content-Length', '9'.repeat(16)]],
    ),
  }),
)

test('what cannot go on the wire is a TypeError before any byte, and the exchange can still be answered', () => {
  fc.assert(
    fc.property(unsendable, fc.boolean(), ({ status, fields }, streamed) => {
      let threw = false
      const host = new FakeHost((exchange) => {
        assert.throws(
          () => {
            streamed ? exchange.begin(status, fields) : exchange.answer(status, fields)
          },
          TypeError,
          JSON.stringify([status, fields]),
        )
        threw = !exchange.begun
        exchange.answer('500 Internal Server Error', [])
      })
      const connection = new H1Connection(host, limits, 'http', new ResponseWriter('test', () => date))
      const input = Buffer.from('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
      connection.receive(input, input.length)
      assert.ok(threw)
      const response = readResponse(host.sent(), { ended: true }) as RawResponse
      assert.deepEqual([response.status, response.size], [500, host.sent().length])
    }),
    { seed, numRuns: 2000 },
  )
})

test('trailers and interim answers that cannot go on the wire are a TypeError too', () => {
  const bad = fc.oneof(fc.tuple(noToken, value), fc.tuple(token, around(control)))
  fc.assert(
    fc.property(bad, (pair) => {
      const writer = new ResponseWriter('test', () => date)
      assert.throws(() => writer.fieldLines([pair]), TypeError)
      assert.throws(() => writer.interim('103 Early Hints', [pair]), TypeError)
    }),
    { seed, numRuns: 500 },
  )
})
