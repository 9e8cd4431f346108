import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forbidsBody, statuses, statusLine, statusText } from '../../src/http/statuses.ts'

test('a registered code has its registered reason', () => {
  assert.equal(statusText(200), 'OK')
  assert.equal(statusText(413), 'Content Too Large')
  assert.equal(statusText(422), 'Unprocessable Content')
  assert.equal(statusLine(404), '404 Not Found')
  assert.equal(statusLine(404), '404 Not Found')
})

test('every reason is a reason-phrase of RFC 9112 section 4', () => {
  for (const code of Object.keys(statuses)) assert.match(statusLine(Number(code)), /^[1-5]\d\d [A-Za-z][A-Za-z -]*$/)
})

test('an unknown code says its class', () => {
  assert.equal(statusLine(299), '299 Successful')
  assert.equal(statusLine(199), '199 Informational')
  assert.equal(statusLine(399), '399 Redirection')
  assert.equal(statusLine(499), '499 Client Error')
  assert.equal(statusLine(599), '599 Server Error')
})

test('what is no status code is refused', () => {
  for (const code of [0, 99, 600, 999, -200, 200.5, NaN, Infinity]) assert.throws(() => statusLine(code), RangeError)
})

test('1xx, 204 and 304 end with their head', () => {
  for (const code of [100, 101, 103, 199, 204, 304]) assert.equal(forbidsBody(code), true, String(code))
  for (const code of [200, 205, 206, 301, 400, 404, 500]) assert.equal(forbidsBody(code), false, String(code))
})
