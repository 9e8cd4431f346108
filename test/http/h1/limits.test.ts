/** Every limit of the parser, at its value and one past it, wherever the bytes are cut. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutAt } from '../../support/generated-requests.ts'
import { parse } from '../../support/parsed-requests.ts'

interface Limit {
  readonly name: string
  readonly cause: string
  /** Values to try: for a setting several, for a constant its own. */
  readonly values: readonly number[]
  /** The setting, where it is one. */
  readonly setting?: 'requestLine' | 'fields' | 'fieldSize' | 'head' | 'body'
  /** A request that needs as much as `n`. */
  request(n: number): string
}

const x = (count: number): string => 'x'.repeat(count)
const head = 'POST / HTTP/1.1\r\nHost: h\r\n'
const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`
/** Field lines of so many bytes together, none over 8000. */
const lines = (bytes: number): string => {
  let text = ''
  for (let left = bytes; left > 0;) {
    const size = left > 8000 ? Math.min(8000, left - 5) : left
    text += `X:${x(size - 4)}\r\n`
    left -= size
  }
  return text
}
/** Chunks whose extensions are so many bytes together. */
const extended = (bytes: number): string => {
  let text = ''
  for (let left = bytes; left > 0;) {
    const size = left > 1000 ? Math.min(1000, left - 2) : left
    text += `1;${x(size - 1)}\r\na\r\n`
    left -= size
  }
  return text
}

const limits: readonly Limit[] = [
  {
    name: 'the request line',
    cause: 'request-line-too-long',
    setting: 'requestLine',
    values: [20, 100, 8190, 20_000],
    request: (n) => `GET /${x(n - 14)} HTTP/1.1\r\nHost: h\r\n\r\n`,
  },
  {
    name: 'a field line',
    cause: 'field-too-long',
    setting: 'fieldSize',
    values: [30, 100, 8190, 20_000],
    request: (n) => `${head}X: ${x(n - 3)}\r\n\r\n`,
  },
  {
    name: 'a field line of nothing but a name',
    cause: 'field-too-long',
    setting: 'fieldSize',
    values: [30, 8190],
    request: (n) => `${head}${x(n - 1)}:\r\n\r\n`,
  },
  {
    name: 'white space around a value',
    cause: 'field-too-long',
    setting: 'fieldSize',
    values: [30, 8190],
    request: (n) => `${head}X:${' '.repeat(n - 3)}y\r\n\r\n`,
  },
  {
    name: 'a trailer',
    cause: 'field-too-long',
    setting: 'fieldSize',
    values: [30, 8190],
    request: (n) => `${chunked}0\r\nX: ${x(n - 3)}\r\n\r\n`,
  },
  {
    name: 'the count of fields',
    cause: 'too-many-fields',
    setting: 'fields',
    values: [1, 2, 100, 300],
    request: (n) => `GET / HTTP/1.1\r\nHost: h\r\n${'X: y\r\n'.repeat(n - 1)}\r\n`,
  },
  {
    name: 'the count of fields that are dropped',
    cause: 'too-many-fields',
    setting: 'fields',
    values: [2, 100],
    request: (n) => `GET / HTTP/1.1\r\nHost: h\r\n${'X_Y: z\r\n'.repeat(n - 1)}\r\n`,
  },
  {
    name: 'the count of trailers',
    cause: 'too-many-fields',
    setting: 'fields',
    values: [2, 100],
    request: (n) => `${chunked}0\r\n${'X: y\r\n'.repeat(n)}\r\n`,
  },
  {
    name: 'the count of trailers that are dropped',
    cause: 'too-many-fields',
    setting: 'fields',
    values: [2, 100],
    request: (n) => `${chunked}0\r\n${'Cookie: y\r\n'.repeat(n)}\r\n`,
  },
  {
    name: 'the head',
    cause: 'head-too-long',
    setting: 'head',
    values: [100, 8192, 65_536],
    request: (n) => `GET / HTTP/1.1\r\nHost: h\r\n${lines(n - 27)}\r\n`,
  },
  {
    name: 'the head with empty lines before it',
    cause: 'head-too-long',
    setting: 'head',
    values: [100],
    request: (n) => `\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n${lines(n - 31)}\r\n`,
  },
  {
    name: 'the trailer section',
    cause: 'head-too-long',
    setting: 'head',
    values: [100, 8192, 65_536],
    request: (n) => `${chunked}0\r\n${lines(n)}\r\n`,
  },
  {
    name: 'a body of a length',
    cause: 'body-too-long',
    setting: 'body',
    values: [1, 1000, 100_000],
    request: (n) => `${head}Content-Length: ${n}\r\n\r\n${x(n)}`,
  },
  {
    name: 'a body in one chunk',
    cause: 'body-too-long',
    setting: 'body',
    values: [1, 1000, 100_000],
    request: (n) => `${chunked}${n.toString(16)}\r\n${x(n)}\r\n0\r\n\r\n`,
  },
  {
    name: 'a body in chunks of one byte',
    cause: 'body-too-long',
    setting: 'body',
    values: [1, 1000],
    request: (n) => `${chunked}${'1\r\nx\r\n'.repeat(n)}0\r\n\r\n`,
  },
  { name: 'the method', cause: 'method-too-long', values: [64], request: (n) => `${x(n)} / HTTP/1.1\r\nHost: h\r\n\r\n` },
  {
    name: 'empty lines before the request',
    cause: 'bad-request-line',
    values: [8],
    request: (n) => `${'\r\n'.repeat(n)}GET / HTTP/1.1\r\nHost: h\r\n\r\n`,
  },
  {
    name: 'a chunk line',
    cause: 'chunk-line-too-long',
    values: [1024],
    request: (n) => `${chunked}1;${x(n - 2)}\r\na\r\n0\r\n\r\n`,
  },
  {
    name: 'the line of the last chunk',
    cause: 'chunk-line-too-long',
    values: [1024],
    request: (n) => `${chunked}0;${x(n - 2)}\r\n\r\n`,
  },
  {
    name: 'the extensions of a body',
    cause: 'chunk-line-too-long',
    values: [16_384],
    request: (n) => `${chunked}${extended(n)}0\r\n\r\n`,
  },
  {
    name: 'the digits of a chunk size',
    cause: 'bad-chunk',
    values: [15],
    request: (n) => `${chunked}${'1'.padStart(n, '0')}\r\na\r\n0\r\n\r\n`,
  },
]

/** The limits that this one's requests would meet first. */
const roomy = { requestLine: 1_000_000, fields: 1_000_000, fieldSize: 1_000_000, head: 10_000_000, body: 0 }

for (const { name, cause, values, setting, request } of limits) {
  for (const value of values) {
    test(`${name}: ${value} is taken, ${value + 1} is ${cause}`, () => {
      const set = setting === undefined ? roomy : { ...roomy, [setting]: value }
      for (const [n, expected] of [
        [value, 'complete'],
        [value + 1, { refused: cause }],
      ] as const) {
        const bytes = Buffer.from(request(n), 'latin1')
        const cuts = [1, 2, 3, Math.floor(bytes.length / 2), bytes.length - 2, bytes.length - 1, bytes.length - 3]
        for (const pieces of [[bytes], cutAt(bytes, cuts), ...cuts.map((cut) => cutAt(bytes, [cut]))]) {
          assert.deepEqual(parse(pieces, set).outcome, expected, `${n}`)
        }
      }
    })
  }
}

test('a refusal needs no more bytes than the limit and the line end: nothing waits for a line that never ends', () => {
  for (const [start, limit, cause] of [
    ['', 'requestLine', 'request-line-too-long'],
    ['GET / HTTP/1.1\r\nHost: h\r\n', 'fieldSize', 'field-too-long'],
    [`${chunked}0\r\n`, 'fieldSize', 'field-too-long'],
  ] as const) {
    const set = { ...roomy, [limit]: 200 }
    assert.equal(parse([Buffer.from(start + x(201))], set).outcome, 'incomplete', 'its CR may be the last byte')
    assert.deepEqual(parse([Buffer.from(start + x(202))], set).outcome, { refused: cause })
  }
  assert.deepEqual(parse([Buffer.from(chunked + '1'.repeat(1026))]).outcome, { refused: 'chunk-line-too-long' })
})
