import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { causes } from '../../../src/http/causes.ts'
import { cutAt, generatedRequest } from '../../support/generated-requests.ts'
import { byteByByte, parse, type ParsedRequests } from '../../support/parsed-requests.ts'

/** PULSAR_TEST_SEED repeats a run whose seed a failure printed. */
const seed = Number(process.env.PULSAR_TEST_SEED ?? Date.now() % 2 ** 31)
const cuts = fc.array(fc.nat(), { maxLength: 8 })
const requests = fc.array(generatedRequest, { minLength: 1, maxLength: 3 })

/** What a client or a middle box may damage: a byte changed, put in, taken out, a piece said twice, all that follows cut off. */
const damage = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    at: fc.nat(),
    bytes: fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      '\0',
      ' ',
      '\t',
      ':',
      ',',
      ';',
      '\x0b',
      '\x7f',
      '\xa0',
      '\xff',
      '0',
      '-',
      'chunked',
    ),
  }),
  fc.record({ kind: fc.constant('change' as const), at: fc.nat(), byte: fc.nat(255) }),
  fc.record({ kind: fc.constant('remove' as const), at: fc.nat(), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('repeat' as const), at: fc.nat(), count: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
)
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never

function damaged(bytes: Buffer, how: Damage): Buffer {
  const at = bytes.length === 0 ? 0 : how.at % bytes.length
  const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at)]
  switch (how.kind) {
    case 'put':
      return Buffer.concat([before, Buffer.from(how.bytes, 'latin1'), behind])
    case 'change':
      return Buffer.concat([before, Buffer.of(how.byte), behind.subarray(1)])
    case 'remove':
      return Buffer.concat([before, behind.subarray(how.count)])
    case 'repeat':
      return Buffer.concat([before, behind.subarray(0, how.count), behind])
    case 'cut':
      return before
  }
}

/** One reading whatever the cuts, and no more than one refusal: parse() itself checks that a refused parser stays refused. */
function readOneWay(bytes: Buffer, cuts: readonly number[]): ParsedRequests {
  const whole = parse([bytes])
  assert.deepEqual(parse(cutAt(bytes, cuts)), whole, 'cut')
  assert.deepEqual(parse(byteByByte(bytes)), whole, 'byte by byte')
  return whole
}

test('any valid requests, one behind the other, are read as themselves at any cuts', () => {
  fc.assert(
    fc.property(requests, cuts, (requests, cuts) => {
      const read = readOneWay(Buffer.concat(requests.map(({ bytes }) => bytes)), cuts)
      assert.deepEqual(read, { messages: requests.map(({ message }) => message), outcome: 'complete' })
    }),
    { seed, numRuns: 1500 },
  )
})

test('no beginning of a valid request is refused, or read as a whole one', () => {
  fc.assert(
    fc.property(generatedRequest, fc.nat(), ({ bytes, message }, end) => {
      const beginning = bytes.subarray(0, end % bytes.length)
      const { messages, outcome } = parse([beginning])
      assert.ok(typeof outcome === 'string', 'not refused')
      assert.ok(
        messages.every(({ ended }) => !ended),
        'not complete',
      )
      for (const { data, ...rest } of messages) {
        assert.ok(message.data.startsWith(data))
        assert.deepEqual(rest, {
          ...rest,
          method: message.method,
          target: message.target,
          fields: message.fields,
          length: message.length,
        })
      }
    }),
    { seed, numRuns: 1500 },
  )
})

test('any bytes are read one way, or refused once: never an exception', () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(
        fc.constantFrom(
          'GET ',
          '/ ',
          'HTTP/1.1',
          '\r\n',
          '\n',
          '\r',
          'Host: h',
          'Content-Length: 3',
          'Transfer-Encoding: chunked',
          '0',
          'a',
          ':',
          ' ',
          ';',
          '"',
          '\0',
          '\x80',
        ),
        { maxLength: 40 },
      )
      .map((parts) => Buffer.from(parts.join(''), 'latin1')),
  )
  fc.assert(
    fc.property(noise, cuts, (bytes, cuts) => {
      readOneWay(bytes, cuts)
    }),
    { seed, numRuns: 3000 },
  )
})

test('valid requests with any damage are read one way, or refused once: never an exception', () => {
  const outcomes = new Set<string>()
  fc.assert(
    fc.property(requests, fc.array(damage, { minLength: 1, maxLength: 3 }), cuts, (requests, how, cuts) => {
      const bytes = how.reduce(damaged, Buffer.concat(requests.map(({ bytes }) => bytes)))
      const { messages, outcome } = readOneWay(bytes, cuts)
      outcomes.add(typeof outcome === 'string' ? outcome : outcome.refused)
      assert.ok(
        messages.slice(0, -1).every(({ ended }) => ended),
        'one after the other',
      )
    }),
    { seed, numRuns: 3000 },
  )
  const refused = [...outcomes].filter((outcome) => outcome in causes)
  assert.ok(
    outcomes.has('complete') && outcomes.has('incomplete') && refused.length >= 8,
    `the damage is of many kinds: ${[...outcomes].join(', ')}`,
  )
})

test('what stands before a refusal is read as it is without what stands behind', () => {
  fc.assert(
    fc.property(generatedRequest, requests, damage, (first, requests, how) => {
      const behind = damaged(Buffer.concat(requests.map(({ bytes }) => bytes)), how)
      const { messages } = parse([first.bytes, behind])
      assert.deepEqual(messages[0], first.message)
    }),
    { seed, numRuns: 1500 },
  )
})
