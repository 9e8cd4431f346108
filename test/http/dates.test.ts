import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatHttpDate, parseHttpDate } from '../../src/http/dates.ts'

const example = Date.UTC(1994, 10, 6, 8, 49, 37)

test('the examples of RFC 9110 section 5.6.7 are one date', () => {
  assert.equal(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT'), example)
  assert.equal(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT'), example)
  assert.equal(parseHttpDate('Sun Nov  6 08:49:37 1994'), example)
  assert.equal(formatHttpDate(example), 'Sun, 06 Nov 1994 08:49:37 GMT')
})

test('a date is sent as an IMF-fixdate, cut to seconds', () => {
  assert.equal(formatHttpDate(0), 'Thu, 01 Jan 1970 00:00:00 GMT')
  assert.equal(formatHttpDate(example + 999), 'Sun, 06 Nov 1994 08:49:37 GMT')
  assert.equal(formatHttpDate(Date.UTC(9999, 11, 31, 23, 59, 59)), 'Fri, 31 Dec 9999 23:59:59 GMT')
})

test('what no HTTP-date can say is refused', () => {
  for (const ms of [NaN, Infinity, Date.UTC(10000, 0, 1), 8.64e15, -8.64e15]) assert.throws(() => formatHttpDate(ms), RangeError)
})

test('every second of four-digit years comes back from all three forms', () => {
  const first = new Date(0).setUTCFullYear(0, 0, 1)
  const last = Date.UTC(9999, 11, 31, 23, 59, 59)
  fc.assert(
    fc.property(fc.integer({ min: first / 1000, max: last / 1000 }), (second) => {
      const ms = second * 1000
      const text = formatHttpDate(ms)
      const [name = '', d = '', m = '', y = '', time = ''] = text.split(' ')
      assert.equal(parseHttpDate(text), ms)
      assert.equal(parseHttpDate(`${name.slice(0, 3)} ${m} ${d.replace(/^0/, ' ')} ${time} ${y}`), ms)
      // In the RFC 850 form a year is one of a hundred; seen from the date itself it is that date.
      assert.equal(parseHttpDate(`Monday, ${d}-${m}-${y.slice(2)} ${time} GMT`, ms), ms)
    })
  )
})

test('a two-digit year is never more than 50 years ahead, and the latest such', () => {
  const now = Date.UTC(2026, 5, 15, 12)
  assert.equal(parseHttpDate('Monday, 15-Jun-76 12:00:00 GMT', now), Date.UTC(2076, 5, 15, 12))
  assert.equal(parseHttpDate('Monday, 15-Jun-76 12:00:01 GMT', now), Date.UTC(1976, 5, 15, 12, 0, 1))
  assert.equal(parseHttpDate('Monday, 01-Jan-77 00:00:00 GMT', now), Date.UTC(1977, 0, 1))
  assert.equal(parseHttpDate('Monday, 01-Jan-27 00:00:00 GMT', now), Date.UTC(2027, 0, 1))
  assert.equal(
    parseHttpDate('Monday, 29-Feb-00 00:00:00 GMT', Date.UTC(2060, 0, 1)),
    Date.UTC(2000, 1, 29),
    '2100 has no 29 February'
  )
  assert.equal(parseHttpDate('Monday, 01-Jan-69 00:00:00 GMT'), Date.UTC(2069, 0, 1))
  assert.equal(parseHttpDate('Monday, 01-Jan-70 00:00:00 GMT'), 0)
})

test('a leap second is the first second of the next day', () => {
  assert.equal(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT'), Date.UTC(2017, 0, 1))
  assert.equal(parseHttpDate('Sat, 31 Dec 2016 22:59:60 GMT'), undefined)
})

test('anything else is no date', () => {
  const wrong = [
    '',
    '0',
    'now',
    '1994-11-06T08:49:37Z',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 gmt',
    'sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 nov 1994 08:49:37 GMT',
    'Sun,06 Nov 1994 08:49:37 GMT',
    ' Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT ',
    'Sun, 06 Nov 1994 08:49:37 GMT\n',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 06-Nov-94 08:49:37 GMT',
    'Sunday, 06-Nov-1994 08:49:37 GMT',
    'Sun Nov 6 08:49:37 1994',
    'Sun Nov  6 08:49:37 1994 GMT',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Wed, 29 Feb 2023 00:00:00 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 31 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT; length=10',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun Nov  0 08:49:37 1994'
  ]
  for (const text of wrong) assert.equal(parseHttpDate(text, example), undefined, text)
})

test('no text makes the reader throw', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer(), (text, now) => {
      const date = parseHttpDate(text, now)
      assert.ok(date === undefined || Number.isSafeInteger(date))
    })
  )
})
