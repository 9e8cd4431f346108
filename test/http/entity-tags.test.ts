import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseEntityTag, parseEntityTags, strongMatch, weakMatch, type EntityTag } from '../../src/http/entity-tags.ts'

const strong = (opaque: string): EntityTag => ({ weak: false, opaque })
const weak = (opaque: string): EntityTag => ({ weak: true, opaque })

test('the examples of RFC 9110 section 8.8.3 are entity tags', () => {
  assert.deepEqual(parseEntityTag('"xyzzy"'), strong('xyzzy'))
  assert.deepEqual(parseEntityTag('W/"xyzzy"'), weak('xyzzy'))
  assert.deepEqual(parseEntityTag('""'), strong(''))
})

test('a comma and a backslash are characters like others', () => {
  assert.deepEqual(parseEntityTags('"a,b", "c\\"'), [strong('a,b'), strong('c\\')])
  assert.deepEqual(parseEntityTags('"\u00e9"'), [strong('\u00e9')])
})

test('what is not an entity tag is none', () => {
  const wrong = [
    '',
    'x',
    '*',
    '"',
    '"a',
    'a"',
    'w/"a"',
    'W/ "a"',
    'W"a"',
    '"a b"',
    '"a"b"',
    '"a" ',
    ' "a"',
    '"\x7f"',
    '"\n"',
    '"\u0100"',
    '"a", "b"'
  ]
  for (const text of wrong) assert.equal(parseEntityTag(text), undefined, text)
})

test('a list is separated by commas, with empty elements', () => {
  assert.equal(parseEntityTags('*'), '*')
  assert.deepEqual(parseEntityTags('"a", W/"b" ,"c"'), [strong('a'), weak('b'), strong('c')])
  assert.deepEqual(parseEntityTags(', ,"a",,\t"b",'), [strong('a'), strong('b')])
})

test('a malformed or empty list is none', () => {
  for (const text of ['', ' ', ',', '"a" "b"', '"a""b"', '"a";"b"', '"a", b', '*, "a"', '"a", *', '"a', '* ']) {
    assert.equal(parseEntityTags(text), undefined, text)
  }
})

test('the table of comparisons of RFC 9110 section 8.8.3.2', () => {
  const rows: [EntityTag, EntityTag, boolean, boolean][] = [
    [weak('1'), weak('1'), false, true],
    [weak('1'), weak('2'), false, false],
    [weak('1'), strong('1'), false, true],
    [strong('1'), strong('1'), true, true]
  ]
  for (const [a, b, strongly, weakly] of rows) {
    assert.equal(strongMatch(a, b), strongly)
    assert.equal(strongMatch(b, a), strongly)
    assert.equal(weakMatch(a, b), weakly)
    assert.equal(weakMatch(b, a), weakly)
  }
})

test('what is written is read again', () => {
  const opaque = fc.string({
    unit: fc
      .integer({ min: 0x21, max: 0xff })
      .filter((c) => c !== 0x22 && c !== 0x7f && (c < 0x7f || c > 0x7f))
      .map((c) => String.fromCharCode(c))
  })
  const tag = fc.record({ weak: fc.boolean(), opaque })
  fc.assert(
    fc.property(
      fc.array(tag, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(',', ', ', ' ,', ',,', ' ,\t, '),
      (tags, comma) => {
        const text = tags.map((one) => `${one.weak ? 'W/' : ''}"${one.opaque}"`).join(comma)
        assert.deepEqual(
          parseEntityTags(text),
          tags.map((one) => ({ ...one }))
        )
      }
    )
  )
})

test('no text takes long or makes the reader throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const tags = parseEntityTags(text)
      assert.ok(tags === undefined || tags === '*' || tags.length > 0)
    })
  )
  assert.equal(parseEntityTags(' ,'.repeat(50000) + 'x'), undefined)
})
