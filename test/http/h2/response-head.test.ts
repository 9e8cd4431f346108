import assert from 'node:assert/strict'
import { test } from 'node:test'
import { H2HeadWriter } from '../../../src/http/h2/response-head.ts'
import { ResetBudget } from '../../../src/http/h2/reset-budget.ts'

const writer = new H2HeadWriter('Pulsar', () => 0)
const DATE = 'Thu, 01 Jan 1970 00:00:00 GMT'

test('fields go in lower case, with Date, Server and the length', () => {
  const { block, bodiless, length, code } = writer.head('200 OK', [['Content-Type', 'text/plain']], false, 5)
  assert.deepEqual({ ...block }, { ':status': 200, 'content-type': 'text/plain', date: DATE, server: 'Pulsar', 'content-length': 5 })
  assert.deepEqual([code, bodiless, length], [200, false, 5])
})

test('what belongs to a connection stays behind', () => {
  const { block } = writer.head('200 OK', [
    ['Connection', 'close'], ['Keep-Alive', 'timeout=5'], ['Transfer-Encoding', 'chunked'], ['Upgrade', 'h2c'], ['Proxy-Connection', 'close'],
    ['HTTP2-Settings', 'AAMAAABkAARAAAAAAAIAAAAA'], ['TE', 'trailers'], ['X-Kept', '1'],
  ], false, null)
  assert.deepEqual(Object.keys(block), [':status', 'x-kept', 'date', 'server'])
})

test('cookies are lines of their own, other fields are joined', () => {
  const { block } = writer.head('200 OK', [['Set-Cookie', 'a=1'], ['set-cookie', 'b=2'], ['Vary', 'a'], ['Vary', 'b'], ['__proto__', 'x']], false, 0)
  assert.deepEqual(block['set-cookie'], ['a=1', 'b=2'])
  assert.equal(block.vary, 'a, b')
  assert.equal(block['__proto__'], 'x')
})

test('lengths: none with 204, what was declared with HEAD and 304, 0 with 205', () => {
  const length = (status: string, isHead: boolean, declared?: string, bodyLength: number | null = 0): unknown =>
    writer.head(status, declared === undefined ? [] : [['Content-Length', declared]], isHead, bodyLength).block['content-length']
  assert.equal(length('204 No Content', false), undefined)
  assert.equal(length('204 No Content', false, '5'), undefined)
  assert.equal(length('304 Not Modified', false), undefined)
  assert.equal(length('304 Not Modified', false, '5'), 5)
  assert.equal(length('205 Reset Content', false, '5'), 0)
  assert.equal(length('200 OK', true, '5'), 5)
  assert.equal(length('200 OK', true, undefined, 7), 7)
  assert.equal(length('200 OK', true), undefined)
  assert.equal(length('200 OK', false), 0)
  assert.equal(length('200 OK', false, '5', null), 5)
})

test('an answer like the one before has its head, and any other its own', () => {
  const fields: [string, string][] = [['a', '1'], ['Content-Length', '5']]
  const first = writer.head('200 OK', fields, false, 5)
  assert.equal(writer.head('200 OK', [['a', '1'], ['Content-Length', '5']], false, 5), first)
  const fieldsOf = (...from: Parameters<H2HeadWriter['head']>): unknown => ({ ...writer.head(...from).block })
  fields[0] = ['a', '2']
  assert.deepEqual(fieldsOf('200 OK', fields, false, 5), { ':status': 200, a: '2', date: DATE, server: 'Pulsar', 'content-length': 5 })
  assert.deepEqual(fieldsOf('404 Not Found', fields, false, 5), { ':status': 404, a: '2', date: DATE, server: 'Pulsar', 'content-length': 5 })
  assert.deepEqual(fieldsOf('404 Not Found', fields.slice(0, 1), false, 6), { ':status': 404, a: '2', date: DATE, server: 'Pulsar', 'content-length': 6 })
  assert.equal(writer.head('404 Not Found', fields.slice(0, 1), true, 6).bodiless, true)
  assert.equal(writer.head('404 Not Found', fields.slice(0, 1), false, 6).bodiless, false)
  let now = 0
  const ticking = new H2HeadWriter('', () => now)
  assert.equal(ticking.head('200 OK', [], false, 0).block.date, DATE)
  now = 1000
  assert.equal(ticking.head('200 OK', [], false, 0).block.date, 'Thu, 01 Jan 1970 00:00:01 GMT')
})

test('what could not go on the wire is refused before anything is sent', () => {
  for (const [status, fields] of [
    ['100 Continue', []], ['101 Switching Protocols', []], ['OK', []], ['200 OK', [['a b', 'c']]], ['200 OK', [['a', 'b\r\nc: d']]],
    ['200 OK', [['Content-Length', '5'], ['Content-Length', '6']]], ['200 OK', [['a', '\u0100']]],
  ] as [string, [string, string][]][]) assert.throws(() => writer.head(status, fields, false, 5), TypeError, status)
  assert.throws(() => writer.interim('101 Switching Protocols', []), TypeError)
  assert.throws(() => writer.interim('200 OK', []), TypeError)
  assert.deepEqual({ ...writer.interim('103 Early Hints', [['Link', '</a>']]) }, { ':status': 103, link: '</a>' })
})

test('requests may be taken back in a burst, not again and again', () => {
  const budget = new ResetBudget(0)
  let taken = 0
  while (budget.take(0)) taken++
  assert.equal(taken, 500)
  assert.equal(budget.take(20), false)
  assert.equal(budget.take(1000), true)
})
