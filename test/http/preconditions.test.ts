import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatHttpDate } from '../../src/http/dates.ts'
import { evaluatePreconditions, rangeCounts, type Validators, type Verdict } from '../../src/http/preconditions.ts'

const modified = Date.UTC(2024, 0, 10, 12)
const now = Date.UTC(2024, 5, 1)
const at = formatHttpDate(modified)
const before = formatHttpDate(modified - 1000)
const after = formatHttpDate(modified + 1000)
/** The file system knows more than the wire. */
const current: Validators = { etag: '"a"', lastModified: modified + 456 }

function verdict(method: string, fields: Record<string, string>, validators: Validators | null = current): Verdict {
  return evaluatePreconditions({ method, fields: Object.entries(fields).flat(), now }, validators)
}
function ranged(fields: Record<string, string>, validators: Validators = current, method = 'GET'): boolean {
  return rangeCounts({ method, fields: Object.entries(fields).flat(), now }, validators)
}

test('without conditions the request is performed', () => {
  assert.equal(verdict('GET', {}), 'perform')
  assert.equal(verdict('PUT', {}, null), 'perform')
})

test('If-Match: the tag, or any, strongly compared', () => {
  assert.equal(verdict('PUT', { 'If-Match': '"a"' }), 'perform')
  assert.equal(verdict('GET', { 'if-match': '"x", "a"' }), 'perform')
  assert.equal(verdict('PUT', { 'If-Match': '"b"' }), 'failed')
  assert.equal(verdict('PUT', { 'If-Match': 'W/"a"' }), 'failed')
  assert.equal(verdict('PUT', { 'If-Match': '"a"' }, { etag: 'W/"a"' }), 'failed')
  assert.equal(verdict('PUT', { 'If-Match': '*' }), 'perform')
  assert.equal(verdict('PUT', { 'If-Match': '*' }, {}), 'perform', 'a representation without a tag is one')
  assert.equal(verdict('PUT', { 'If-Match': '*' }, null), 'failed')
  assert.equal(verdict('PUT', { 'If-Match': '"a"' }, null), 'failed')
  assert.equal(verdict('PUT', { 'If-Match': 'a' }), 'failed', 'malformed')
})

test('If-Unmodified-Since: not modified after the date, in whole seconds', () => {
  assert.equal(verdict('PUT', { 'If-Unmodified-Since': at }), 'perform')
  assert.equal(verdict('PUT', { 'If-Unmodified-Since': after }), 'perform')
  assert.equal(verdict('PUT', { 'If-Unmodified-Since': before }), 'failed')
  assert.equal(verdict('GET', { 'If-Unmodified-Since': before }), 'failed')
  assert.equal(verdict('PUT', { 'If-Unmodified-Since': 'yesterday' }), 'perform', 'not a date: ignored')
  assert.equal(verdict('PUT', { 'If-Unmodified-Since': before }, { etag: '"a"' }), 'perform', 'no date to compare')
  assert.equal(verdict('PUT', { 'If-Unmodified-Since': before, 'If-Match': '"a"' }), 'perform', 'If-Match comes first')
})

test('If-None-Match: none of the tags, weakly compared', () => {
  for (const method of ['GET', 'HEAD']) {
    assert.equal(verdict(method, { 'If-None-Match': '"a"' }), 'not-modified')
    assert.equal(verdict(method, { 'If-None-Match': 'W/"a"' }), 'not-modified')
    assert.equal(verdict(method, { 'If-None-Match': '"b", W/"a"' }), 'not-modified')
    assert.equal(verdict(method, { 'If-None-Match': '*' }), 'not-modified')
    assert.equal(verdict(method, { 'If-None-Match': '"b"' }), 'perform')
    assert.equal(verdict(method, { 'If-None-Match': 'a' }), 'perform', 'malformed: the reader gets the content')
  }
  assert.equal(verdict('PUT', { 'If-None-Match': '*' }), 'failed')
  assert.equal(verdict('PUT', { 'If-None-Match': '*' }, null), 'perform')
  assert.equal(verdict('PUT', { 'If-None-Match': '"a"' }, null), 'perform')
  assert.equal(verdict('PUT', { 'If-None-Match': '"a"' }), 'failed')
  assert.equal(verdict('PUT', { 'If-None-Match': 'a' }), 'failed', 'malformed: nothing is written')
  assert.equal(verdict('GET', { 'If-None-Match': '"a"' }, {}), 'perform')
})

test('If-Modified-Since: for GET and HEAD, where there is no If-None-Match', () => {
  assert.equal(verdict('GET', { 'If-Modified-Since': at }), 'not-modified')
  assert.equal(verdict('HEAD', { 'If-Modified-Since': after }), 'not-modified')
  assert.equal(verdict('GET', { 'If-Modified-Since': before }), 'perform')
  assert.equal(verdict('POST', { 'If-Modified-Since': at }), 'perform')
  assert.equal(verdict('GET', { 'If-Modified-Since': at, 'If-None-Match': '"b"' }), 'perform')
  assert.equal(verdict('GET', { 'If-Modified-Since': at }, { etag: '"a"' }), 'perform')
  assert.equal(verdict('GET', { 'If-Modified-Since': '0' }), 'perform')
})

test('repeated lists are one list, and a repeated date is none', () => {
  const twice = (name: string, a: string, b: string): string[] => [name, a, name.toLowerCase(), b]
  assert.equal(
    evaluatePreconditions({ method: 'GET', fields: twice('If-None-Match', '"x"', '"a"'), now }, current),
    'not-modified'
  )
  assert.equal(evaluatePreconditions({ method: 'PUT', fields: twice('If-Match', '"x"', '"a"'), now }, current), 'perform')
  assert.equal(evaluatePreconditions({ method: 'GET', fields: twice('If-Modified-Since', at, at), now }, current), 'perform')
})

test('CONNECT, OPTIONS and TRACE have no conditions', () => {
  for (const method of ['CONNECT', 'OPTIONS', 'TRACE'])
    assert.equal(verdict(method, { 'If-Match': '"b"', 'If-None-Match': '*' }), 'perform')
})

test('the order of RFC 9110 section 13.2.2: a failed match wins over everything behind it', () => {
  const field = (name: string, ...values: string[]): fc.Arbitrary<Record<string, string>> =>
    fc.constantFrom({}, ...values.map((value) => ({ [name]: value })))
  fc.assert(
    fc.property(
      fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE'),
      fc.constantFrom(current, {}, { etag: '"a"' }, { lastModified: modified }, null),
      field('If-Match', '"a"', '"b"', '*'),
      field('If-Unmodified-Since', at, before),
      field('If-None-Match', '"a"', '"b"', '*'),
      field('If-Modified-Since', at, before),
      (method, validators, match, unmodified, none, since) => {
        const reads = method === 'GET' || method === 'HEAD'
        const first = 'If-Match' in match ? verdict(method, match, validators) : verdict(method, unmodified, validators)
        const second = 'If-None-Match' in none ? verdict(method, none, validators) : verdict(method, since, validators)
        const expected = first === 'failed' ? 'failed' : second
        assert.equal(verdict(method, { ...since, ...none, ...unmodified, ...match }, validators), expected)
        if (!reads) assert.notEqual(expected, 'not-modified')
      }
    ),
    { numRuns: 500 }
  )
})

test('a Range counts for GET alone, and If-Range may take it back', () => {
  const range = { Range: 'bytes=0-1' }
  assert.equal(ranged({}), false)
  assert.equal(ranged(range), true)
  for (const method of ['HEAD', 'POST', 'PUT']) assert.equal(ranged(range, current, method), false)
  assert.equal(ranged({ ...range, 'If-Range': '"a"' }), true)
  assert.equal(ranged({ ...range, 'If-Range': '"b"' }), false)
  assert.equal(ranged({ ...range, 'If-Range': 'W/"a"' }), false)
  assert.equal(ranged({ ...range, 'If-Range': 'W/"a"' }, { etag: 'W/"a"' }), false)
  assert.equal(ranged({ ...range, 'If-Range': '"a"' }, { etag: 'W/"a"' }), false)
  assert.equal(ranged({ ...range, 'If-Range': '"a", "b"' }), false, 'one tag, not a list')
  assert.equal(ranged({ ...range, 'If-Range': '*' }), false)
})

test('a date in If-Range has to be the very date, and not one of this second', () => {
  const range = { Range: 'bytes=0-1' }
  assert.equal(ranged({ ...range, 'If-Range': at }), true)
  assert.equal(ranged({ ...range, 'If-Range': after }), false)
  assert.equal(ranged({ ...range, 'If-Range': before }), false)
  assert.equal(ranged({ ...range, 'If-Range': at }, { etag: '"a"' }), false)
  const fields = ['Range', 'bytes=0-1', 'If-Range', at]
  assert.equal(rangeCounts({ method: 'GET', fields, now: modified + 999 }, current), false)
  assert.equal(rangeCounts({ method: 'GET', fields, now: modified + 1000 }, current), true)
})
