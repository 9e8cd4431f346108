import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { causes } from '../../../src/http/causes.ts'
import { byteByByte, parse } from '../../support/parsed-requests.ts'
import { requestCases } from '../../support/request-cases.ts'

const next = 'GET /next HTTP/1.1\r\nHost: next\r\n\r\n'
const cases = requestCases()

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
  const notTheParsers = [
    'header-timeout', 'body-timeout', 'connect-refused', 'client-gone', 'send-timeout', 'buffer-full', 'http2-error', 'bad-handshake', 'bad-forwarded',
    'bad-proxy-header',
  ]
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

test('a value that came before is known again, and nothing that only begins or ends like it', () => {
  const values = ['some/1.0', 'some/1.0 more', 'some', 'xsome/1.0', 'some/1.0', 'other/1.0', 'some/1.0']
  const lines = [...values.map((value) => `User-Agent: ${value}`), 'User-Agent:some/1.0', 'User-Agent: \t some/1.0 \t', 'User-Agent:  some/1.']
  for (const name of ['User-Agent', 'X-Any']) {
    const input = lines.map((line) => `GET / HTTP/1.1\r\nHost: a\r\n${line.replace('User-Agent', name)}\r\n\r\n`).join('').repeat(4)
    const { messages, outcome } = parse([Buffer.from(input)])
    assert.equal(outcome, 'complete')
    const expected = [...values, 'some/1.0', 'some/1.0', 'some/1.']
    assert.deepEqual(messages.map(({ fields }) => fields.slice(2)), Array.from({ length: 4 }, () => expected).flat().map((value) => [name, value]))
  }
  assert.match(JSON.stringify(parse([Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: some/1.0\rx\r\n\r\n')]).outcome), /"bad-/)
})
