import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Accept, CharsetAccept, ContentAccept, EncodingAccept, LanguageAccept } from '../../src/web/accept.ts'

test('what is listed comes best first, equals in the order of the field', () => {
  const accept = new Accept('a;q=0.5, b, c;q=0.8, d')
  assert.deepEqual([...accept], [
    { value: 'b', quality: 1 }, { value: 'd', quality: 1 }, { value: 'c', quality: 0.8 }, { value: 'a', quality: 0.5 },
  ])
  assert.equal(accept.best, 'b')
  assert.equal(accept.length, 4)
  assert.equal(accept.toHeader(), 'b, d, c;q=0.8, a;q=0.5')
})

test('the quality 0 is not acceptable', () => {
  const accept = new ContentAccept('text/html;q=0, text/*')
  assert.equal(accept.has('text/html'), false)
  assert.equal(accept.has('text/plain'), true)
  assert.deepEqual(accept.values(), ['text/*'])
  assert.equal(accept.bestMatch(['text/html', 'text/plain']), 'text/plain')
  assert.equal(accept.bestMatch(['text/html', 'image/png']), undefined)
})

test('the closest range decides (RFC 9110 section 12.5.1)', () => {
  const accept = new ContentAccept('text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5')
  const qualities = ['text/plain;format=flowed', 'text/plain', 'text/html', 'image/jpeg', 'text/plain;format=fixed'].map((type) => accept.quality(type))
  assert.deepEqual(qualities, [1, 0.7, 0.3, 0.5, 0.4])
})

test('of equals the first that is offered is taken', () => {
  const accept = new ContentAccept('application/json, text/html')
  assert.equal(accept.bestMatch(['text/html', 'application/json']), 'text/html')
  assert.equal(accept.bestMatch([]), undefined)
})

test('without the field, or with nothing in it that can be read, everything is acceptable', () => {
  for (const field of [undefined, '', ' ', ',,', ';q=1', 'a b', 'text/html;q=2', 'text/html;q=0.1234']) {
    assert.equal(new ContentAccept(field).quality('text/html'), 1, String(field))
    assert.equal(new ContentAccept(field).best, undefined)
  }
})

test('HTML, XHTML and JSON can be asked for', () => {
  const browser = new ContentAccept('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8')
  assert.deepEqual([browser.acceptHtml, browser.acceptXhtml, browser.acceptJson], [true, true, true])
  const script = new ContentAccept('application/json')
  assert.deepEqual([script.acceptHtml, script.acceptXhtml, script.acceptJson], [false, false, true])
})

test('identity is acceptable unless it is named or * is not (RFC 9110 section 12.5.3)', () => {
  const identity = (field: string | undefined): number => new EncodingAccept(field).quality('identity')
  assert.deepEqual([undefined, '', 'gzip', 'identity;q=0', '*;q=0', '*;q=0, identity;q=0.5'].map(identity), [1, 1, 1, 0, 0, 0.5])
  assert.equal(new EncodingAccept(undefined).quality('gzip'), 1)
  assert.equal(new EncodingAccept('').quality('gzip'), 0)
  assert.equal(new EncodingAccept('x-gzip').quality('gzip'), 1)
  assert.equal(new EncodingAccept('gzip;q=0, *').quality('gzip'), 0)
})

test('a language covers those that begin with it, not the reverse', () => {
  const accept = new LanguageAccept('da, en-GB;q=0.8, en;q=0.7')
  assert.deepEqual(['da', 'da-DK', 'en-gb', 'en-US', 'en_GB', 'd', 'fr'].map((tag) => accept.quality(tag)), [1, 1, 0.8, 0.7, 0.8, 0, 0])
  assert.equal(new LanguageAccept('*;q=0.1').quality('fr'), 0.1)
})

test('charsets go by several names', () => {
  const accept = new CharsetAccept('utf8, latin1;q=0.5')
  assert.deepEqual(['UTF-8', 'iso-8859-1', 'us-ascii'].map((name) => accept.quality(name)), [1, 0.5, 0])
})

test('whatever the field says, a quality is from 0 to 1, and what it would send reads the same again', () => {
  const parts = fc.array(fc.constantFrom('text/html', '*/*', 'text/*', ';', ',', 'q=', '0.5', '1', '"', ' ', '=', 'ä', ';q=0'), { maxLength: 12 })
  fc.assert(fc.property(fc.oneof(parts.map((list) => list.join('')), fc.string()), (field) => {
    const accept = new ContentAccept(field)
    const quality = accept.quality('text/html')
    assert.ok(quality >= 0 && quality <= 1)
    assert.deepEqual([...new ContentAccept(accept.toHeader())], [...accept])
  }))
})
