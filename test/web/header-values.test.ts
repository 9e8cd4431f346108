import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDictHeader, parseOptionsHeader, quotedValue } from '../../src/web/header-values.ts'

const plain = (found: object): unknown => ({ ...found })

test('a value comes with its options, their names in lower case, quotes and escapes taken off', () => {
  const [value, options] = parseOptionsHeader('text/html; Charset=UTF-8; title="a \\"b\\"; c"')
  assert.equal(value, 'text/html')
  assert.deepEqual(plain(options), { charset: 'UTF-8', title: 'a "b"; c' })
  assert.deepEqual(parseOptionsHeader(undefined)[0], '')
})

test('the first of two options counts, and what is none is passed over', () => {
  assert.deepEqual(plain(parseOptionsHeader('a; b=1; b=2')[1]), { b: '1' })
  assert.deepEqual(plain(parseOptionsHeader('a; =1; ;')[1]), {})
})

test('a list of names and values is a dictionary, quoted commas and lonely names included', () => {
  assert.deepEqual(plain(parseDictHeader('max-age=60, no-cache, private="a, b", X="\\"q\\""')), {
    'max-age': '60', 'no-cache': null, private: 'a, b', x: '"q"',
  })
})

test('a name that every object has is a name like any other', () => {
  assert.equal(parseOptionsHeader('a; b=1')[1].constructor, undefined)
  assert.equal(Object.getPrototypeOf(parseDictHeader('__proto__=a')), null)
  assert.equal(Object.entries(parseDictHeader('__proto__=a'))[0]?.[1], 'a')
})

test('what is quoted reads the same again', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), (value) => {
    if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) assert.throws(() => quotedValue(value), TypeError)
    else {
      assert.equal(parseOptionsHeader(`a; b=${quotedValue(value)}`)[1].b, value)
      assert.equal(parseDictHeader(`b=${quotedValue(value)}`).b, value)
    }
  }))
})

test('a long hostile field is read in time that grows with its length alone', () => {
  for (const piece of ['a; ', '"', 'a="\\', '= ', ', ', 'a=', ' ', '; =']) {
    const field = `a;${piece.repeat(20_000)}`
    assert.ok(parseOptionsHeader(field).length === 2)
    assert.equal(typeof parseDictHeader(field), 'object')
  }
})
