import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contentRange, maxRanges, minGap, parseRange, unsatisfiedRange, type ByteRange } from '../../src/http/ranges.ts'

const ignored = { kind: 'ignored' }
const unsatisfiable = { kind: 'unsatisfiable' }
function parts(...pairs: [number, number][]): unknown {
  return { kind: 'ranges', ranges: pairs.map(([start, end]) => ({ start, end })) }
}

test('the examples of RFC 9110 section 14.1.2 on 10000 bytes', () => {
  assert.deepEqual(parseRange('bytes=0-499', 10000), parts([0, 499]))
  assert.deepEqual(parseRange('bytes=500-999', 10000), parts([500, 999]))
  assert.deepEqual(parseRange('bytes=-500', 10000), parts([9500, 9999]))
  assert.deepEqual(parseRange('bytes=9500-', 10000), parts([9500, 9999]))
  assert.deepEqual(parseRange('bytes=0-0,-1', 10000), parts([0, 0], [9999, 9999]))
  assert.deepEqual(parseRange('bytes= 0-999, 4500-5499, -1000', 10000), parts([0, 999], [4500, 5499], [9000, 9999]))
  assert.deepEqual(parseRange('bytes=500-600,601-999', 10000), parts([500, 999]))
  assert.deepEqual(parseRange('bytes=500-700,601-999', 10000), parts([500, 999]))
})

test('the unit is read in any case, and only bytes is one', () => {
  assert.deepEqual(parseRange('BYTES=0-1', 10), parts([0, 1]))
  for (const value of ['lines=0-1', 'byte=0-1', 'bytes', 'bytes:0-1', 'bytes =0-1', '=0-1', ''])
    assert.deepEqual(parseRange(value, 10), ignored, value)
})

test('a range ends where the representation does', () => {
  assert.deepEqual(parseRange('bytes=5-99', 10), parts([5, 9]))
  assert.deepEqual(parseRange('bytes=-99', 10), parts([0, 9]))
  assert.deepEqual(parseRange(`bytes=5-${'9'.repeat(400)}`, 10), parts([5, 9]))
  assert.deepEqual(parseRange(`bytes=-${'9'.repeat(400)}`, 10), parts([0, 9]))
})

test('what no byte of the representation meets cannot be satisfied', () => {
  for (const value of ['bytes=10-', 'bytes=10-10', 'bytes=-0', 'bytes=10-11,20-', `bytes=${'9'.repeat(400)}-`]) {
    assert.deepEqual(parseRange(value, 10), unsatisfiable, value)
  }
  assert.deepEqual(parseRange('bytes=0-', 0), unsatisfiable)
  assert.deepEqual(parseRange('bytes=20-,3-4', 10), parts([3, 4]), 'the others are met')
})

test('the last bytes of nothing are nothing, and no 416', () => {
  assert.deepEqual(parseRange('bytes=-5', 0), ignored)
  assert.deepEqual(parseRange('bytes=-0', 0), unsatisfiable)
})

test('a malformed set is ignored as a whole', () => {
  const wrong = [
    'bytes=',
    'bytes=,',
    'bytes=-',
    'bytes=1',
    'bytes=a-b',
    'bytes=2-1',
    'bytes=0-1,2-1',
    'bytes=0-1;2-3',
    'bytes=0--1',
    'bytes=+1-2',
    'bytes=0 - 1',
    'bytes=1.0-2',
    'bytes=0x1-2',
    'bytes=0-1,x',
    'bytes=\u0661-2',
    'bytes=0-1='
  ]
  for (const value of wrong) assert.deepEqual(parseRange(value, 10), ignored, value)
})

test('empty elements of the list are passed over', () => {
  assert.deepEqual(parseRange('bytes=,0-1 ,\t, 5-6,', 1000), parts([0, 6]))
})

test('parts keep the order asked for, and are joined where the gap is not worth a head', () => {
  assert.deepEqual(parseRange('bytes=5000-5001,0-1', 10000), parts([5000, 5001], [0, 1]))
  assert.deepEqual(parseRange(`bytes=0-9,${10 + minGap}-199`, 10000), parts([0, 9], [10 + minGap, 199]))
  assert.deepEqual(parseRange(`bytes=0-9,${9 + minGap}-199`, 10000), parts([0, 199]))
  assert.deepEqual(parseRange('bytes=5000-5001,0-1,5002-5003', 10000), parts([5000, 5003], [0, 1]))
})

test('too many, too many that overlap and too many out of order are ignored: RFC 9110 section 17.15', () => {
  const many = (count: number): string => `bytes=${Array.from({ length: count }, (_, i) => `${i * 1000}-${i * 1000}`).join(',')}`
  assert.equal(parseRange(many(maxRanges), 1e6).kind, 'ranges')
  assert.deepEqual(parseRange(many(maxRanges + 1), 1e6), ignored)
  assert.deepEqual(parseRange(`bytes=0-1${','.repeat(100000)}`, 1e6), ignored)
  assert.deepEqual(parseRange('bytes=0-,0-,0-', 10), parts([0, 9]))
  assert.deepEqual(parseRange('bytes=0-,0-,0-,0-', 10), ignored)
  assert.deepEqual(parseRange('bytes=9000-9001,8000-8001,7000-7001,6000-6001', 10000), ignored)
})

test('whatever is asked, what is sent is inside, apart, and hardly more than the representation', () => {
  const spec = fc.oneof(
    fc.tuple(fc.nat(12000), fc.nat(12000)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.nat(12000).map((first) => `${first}-`),
    fc.nat(12000).map((length) => `-${length}`)
  )
  fc.assert(
    fc.property(fc.array(spec, { minLength: 1, maxLength: 6 }), fc.nat(10000), (specs, size) => {
      const asked = parseRange(`bytes=${specs.join(',')}`, size)
      if (asked.kind !== 'ranges') return
      const sorted: ByteRange[] = [...asked.ranges].sort((a, b) => a.start - b.start)
      sorted.forEach(({ start, end }, index) => {
        assert.ok(start >= 0 && end >= start && end < size)
        const before = sorted[index - 1]
        if (before !== undefined) assert.ok(start - before.end > minGap)
      })
      // Each byte that was asked for is in some part.
      for (const text of specs) {
        const [first = '', last = ''] = text.split('-')
        const from = first === '' ? Math.max(size - Number(last), 0) : Number(first)
        const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
        if (from <= to)
          assert.ok(
            sorted.some((part) => part.start <= from && part.end >= to),
            text
          )
      }
    }),
    { numRuns: 500 }
  )
})

test('no text makes the reader throw', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (text, size) => {
      assert.ok(['ranges', 'unsatisfiable', 'ignored'].includes(parseRange(`bytes=${text}`, size).kind))
    })
  )
})

test('Content-Range says the part and the size', () => {
  assert.equal(contentRange({ start: 0, end: 499 }, 1234), 'bytes 0-499/1234')
  assert.equal(unsatisfiedRange(1234), 'bytes */1234')
})
