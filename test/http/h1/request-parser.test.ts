import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { causes } from '../../../src/http/causes.ts'
import { RequestParser, type ParserLimits } from '../../../src/http/h1/request-parser.ts'
import { requestCases, type ReadMessage, type RequestCase } from '../../support/request-cases.ts'

const defaults: ParserLimits = { requestLine: 8190, fields: 100, fieldSize: 8190, head: 65536, body: 0 }
const next = 'GET /next HTTP/1.1\r\nHost: next\r\n\r\n'
const cases = requestCases()

type Result = Pick<RequestCase, 'messages' | 'outcome'>

/** What a parser makes of pieces. Each stands in the middle of a buffer of junk that is overwritten once it was read. */
function parse(pieces: readonly Buffer[], limits: Readonly<Record<string, number>> = {}): Result {
  const parser = new RequestParser({ ...defaults, ...limits }, 'http')
  const messages: ReadMessage[] = []
  let current: ReadMessage | null = null
  for (const piece of pieces) {
    const margin = 3
    const bytes = Buffer.alloc(piece.length + 2 * margin, '\n')
    const to = margin + piece.copy(bytes, margin)
    for (let at = margin, stalled = 0; ;) {
      const event = parser.next(bytes, at, to)
      assert.ok(parser.position >= at && parser.position <= to, `position ${parser.position} of ${at} to ${to}`)
      stalled = parser.position === at ? stalled + 1 : 0
      assert.ok(stalled < 4, `${event} again and again`)
      at = parser.position
      if (event === 'refused') return { messages, outcome: refusal(parser) }
      if (event === 'need') {
        assert.equal(at, to)
        break
      }
      if (event === 'head') messages.push(current = message(parser))
      assert.ok(current, `${event} without a head`)
      if (event === 'data') {
        assert.ok(parser.dataFrom >= margin && parser.dataFrom < parser.dataTo && parser.dataTo <= at, 'the range of data')
        current.data += bytes.toString('latin1', parser.dataFrom, parser.dataTo)
      }
      if (event !== 'end') continue
      current.ended = true
      current.trailers = [...parser.trailers]
      current = null
      parser.reset()
    }
    bytes.fill('x')
  }
  return { messages, outcome: current || !parser.idle ? 'incomplete' : 'complete' }
}

function message(parser: RequestParser): ReadMessage {
  const { head } = parser
  assert.equal(head.scheme, 'http')
  return {
    method: head.method, target: head.target, version: head.version,
    path: head.path, query: head.query, authority: head.authority,
    fields: [...head.fields], persistent: parser.persistent, expectsContinue: parser.expectsContinue,
    upgrade: parser.upgrade, length: parser.bodyLength, data: '', trailers: [], ended: false,
  }
}

/** A refused parser stays so, whatever comes. */
function refusal(parser: RequestParser): RequestCase['outcome'] {
  const { cause, detail } = parser.refusal
  assert.equal(causes[cause].fault, 'client')
  assert.ok(detail.length > 0 && /^[\x20-\x7e\xa0-\uffff]*$/.test(detail), `fit for a log: ${JSON.stringify(detail)}`)
  const more = Buffer.from(next)
  assert.equal(parser.next(more, 0, more.length), 'refused')
  assert.equal(parser.refusal.cause, cause)
  return { refused: cause }
}

const byteByByte = (input: Buffer): Buffer[] => Array.from(input, (_, i) => input.subarray(i, i + 1))

/** Every place; in a long input those near its ends, and a sample of the others. */
function cuts(length: number): number[] {
  const all = Array.from({ length: Math.max(0, length - 1) }, (_, i) => i + 1)
  return length <= 1500 ? all : all.filter((at) => at < 150 || at > length - 150 || at % 97 === 0)
}

for (const { name, input, limits, messages, outcome } of cases) {
  test(name, () => {
    const expected = { messages, outcome }
    assert.deepEqual(parse([input], limits), expected, 'whole')
    assert.deepEqual(parse(byteByByte(input), limits), expected, 'byte by byte')
    for (const at of cuts(input.length)) {
      assert.deepEqual(parse([input.subarray(0, at), input.subarray(at)], limits), expected, `cut at ${at}`)
    }
    if (outcome === 'incomplete') return
    const behind = parse([Buffer.from(next)]).messages
    const expectedBehind = outcome === 'complete' ? { messages: [...messages, ...behind], outcome } : expected
    const longer = Buffer.concat([input, Buffer.from(next)])
    const roomy = { ...limits, ...(outcome === 'complete' ? roomForNext(limits) : {}) }
    assert.deepEqual(parse([longer], roomy), expectedBehind, 'with a request behind')
    assert.deepEqual(parse([input, Buffer.from(next)], roomy), expectedBehind, 'with a request behind, in a piece of its own')
    assert.deepEqual(parse(byteByByte(longer), roomy), expectedBehind, 'with a request behind, byte by byte')
  })
}

/** The limits of a case would refuse the request behind it. */
function roomForNext(limits: Readonly<Record<string, number>>): Record<string, number> {
  const wanted: Record<string, number> = { requestLine: 30, fieldSize: 20, head: 60 }
  return Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, Math.max(limit, wanted[name] ?? 0)]))
}

test('the corpus has every cause that a parser can find', () => {
  const notTheParsers = ['header-timeout', 'body-timeout', 'connect-refused', 'client-gone', 'send-timeout']
  const wanted = Object.entries(causes)
    .filter(([name, { fault }]) => fault === 'client' && !notTheParsers.includes(name)).map(([name]) => name)
  const found = new Set(cases.map(({ outcome }) => (typeof outcome === 'object' ? outcome.refused : outcome)))
  assert.deepEqual(wanted.filter((name) => !found.has(name)), [])
})

test('a damaged request gives the same wherever it is cut, and never an exception', () => {
  const short = cases.filter(({ input }) => input.length < 400)
  const damage = fc.record({
    from: fc.constantFrom(...short),
    places: fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'\r\n \t:;,=/0\0a\xff#"')), { minLength: 1, maxLength: 3 }),
    cuts: fc.array(fc.nat(), { maxLength: 4 }),
  })
  fc.assert(fc.property(damage, ({ from, places, cuts }) => {
    const input = Buffer.from(from.input)
    for (const [place, character] of places) input.write(character, place % input.length, 'latin1')
    const whole = parse([input], from.limits)
    assert.deepEqual(parse(byteByByte(input), from.limits), whole)
    const edges = [0, ...cuts.map((cut) => cut % input.length).sort((a, b) => a - b), input.length]
    assert.deepEqual(parse(edges.slice(1).map((edge, i) => input.subarray(edges[i], edge)), from.limits), whole)
  }), { numRuns: 3000 })
})
