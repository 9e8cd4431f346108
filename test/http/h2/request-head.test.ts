import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { causes } from '../../../src/http/causes.ts'
import { readHead, type H2Head } from '../../../src/http/h2/request-head.ts'
import { FORBIDDEN_IN_VALUE } from '../../../src/http/grammar.ts'

const limits = { requestLine: 100, fields: 10, fieldSize: 200, head: 2000, body: 1000 }
const GET = [':method', 'GET', ':scheme', 'http', ':authority', 'a.example', ':path', '/x?y=1']

const read = (list: readonly string[], ended: boolean = true): ReturnType<typeof readHead> => readHead(list, 'http', limits, ended)

function good(list: readonly string[], ended: boolean = true): H2Head {
  const result = read(list, ended)
  if ('cause' in result) assert.fail(`${result.cause}: ${result.detail}`)
  return result
}

function refused(list: readonly string[], ended: boolean = true): string {
  const result = read(list, ended)
  return 'cause' in result ? result.cause : 'taken'
}

test('a request has the head that it would have over HTTP/1.1, Host included', () => {
  const { head, bodyLength } = good([...GET, 'accept', '*/*'])
  assert.deepEqual(head, {
    method: 'GET', target: '/x?y=1', path: '/x', query: 'y=1', fields: ['host', 'a.example', 'accept', '*/*'],
    version: '2', scheme: 'http', authority: 'a.example',
  })
  assert.equal(bodyLength, 0)
})

test('Host does not count beside the authority', () => {
  assert.deepEqual(good([...GET, 'accept', '*/*', 'host', 'A.Example']).head.fields, ['host', 'a.example', 'accept', '*/*'])
  assert.deepEqual(good([...without(':authority'), 'accept', '*/*', 'host', 'b.example']).head.fields, ['accept', '*/*', 'host', 'b.example'])
  assert.deepEqual(good(GET).head.fields, ['host', 'a.example'])
})

test('the scheme is the connection\'s, whatever the client says', () => {
  assert.equal(good([':method', 'GET', ':scheme', 'https', ':authority', 'a', ':path', '/']).head.scheme, 'http')
})

test('a body has its declared length, or only an end', () => {
  assert.equal(good(GET, false).bodyLength, null)
  assert.equal(good([...GET, 'content-length', '5'], false).bodyLength, 5)
  assert.equal(good([...GET, 'content-length', '5', 'expect', '100-continue'], false).expectsContinue, true)
  assert.equal(good([...GET, 'expect', '100-continue']).expectsContinue, false)
  assert.equal(good([...GET, 'te', 'trailers']).takesTrailers, true)
})

test('CONNECT names an authority with its port, and nothing else', () => {
  assert.deepEqual(good([':method', 'CONNECT', ':authority', 'b.example:443']).head.authority, 'b.example:443')
  for (const list of [[':method', 'CONNECT'], [':method', 'CONNECT', ':authority', 'b.example'],
    [':method', 'CONNECT', ':authority', 'b:1', ':path', '/'], [':method', 'CONNECT', ':authority', 'b:1', ':scheme', 'http']]) {
    assert.notEqual(refused(list), 'taken', list.join())
  }
})

const replaced = (name: string, value: string): string[] => GET.flatMap((text, i) => (i % 2 === 1 ? [] : [text, text === name ? value : GET[i + 1] as string]))
const without = (name: string): string[] => GET.flatMap((text, i) => (i % 2 === 1 || text === name ? [] : [text, GET[i + 1] as string]))

for (const [what, list, cause] of [
  ['no method', without(':method'), 'bad-method'],
  ['a method that is none', replaced(':method', 'G T'), 'bad-method'],
  ['no path', without(':path'), 'bad-target'],
  ['an empty path', replaced(':path', ''), 'bad-target'],
  ['a path without a slash', replaced(':path', 'x'), 'bad-target'],
  ['a URL as path', replaced(':path', 'http://b.example/'), 'bad-target'],
  ['an asterisk for GET', replaced(':path', '*'), 'bad-target'],
  ['a space in the path', replaced(':path', '/a b'), 'bad-target'],
  ['a fragment', replaced(':path', '/a#b'), 'bad-target'],
  ['no scheme', without(':scheme'), 'bad-target'],
  ['neither authority nor Host', without(':authority'), 'missing-host'],
  ['an authority that is none', replaced(':authority', 'a b'), 'bad-host'],
  ['an authority with userinfo', replaced(':authority', 'u@a'), 'bad-host'],
  ['Host that differs', [...GET, 'host', 'b.example'], 'bad-host'],
  ['Host twice', [...without(':authority'), 'host', 'a', 'host', 'a'], 'repeated-host'],
  ['a pseudo-header twice', [...GET, ':path', '/'], 'bad-field-line'],
  ['a pseudo-header behind a field', [':method', 'GET', 'a', 'b', ':path', '/'], 'bad-field-line'],
  ['an unknown pseudo-header', [':protocol', 'x', ...GET], 'bad-field-line'],
  ['a name in upper case', [...GET, 'Accept', '*/*'], 'bad-field-line'],
  ['a name that is no token', [...GET, 'a b', 'c'], 'bad-field-line'],
  ['an empty name', [...GET, '', 'c'], 'bad-field-line'],
  ['Connection', [...GET, 'connection', 'close'], 'bad-field-line'],
  ['Keep-Alive', [...GET, 'keep-alive', '1'], 'bad-field-line'],
  ['Transfer-Encoding', [...GET, 'transfer-encoding', 'chunked'], 'bad-field-line'],
  ['Upgrade', [...GET, 'upgrade', 'websocket'], 'bad-field-line'],
  ['TE other than trailers', [...GET, 'te', 'gzip'], 'bad-field-line'],
  ['LF in a value', [...GET, 'a', 'b\nc: d'], 'bad-field-value'],
  ['NUL in a value', [...GET, 'a', '\0'], 'bad-field-value'],
  ['a length that is no number', [...GET, 'content-length', '+5'], 'bad-content-length'],
  ['two lengths', [...GET, 'content-length', '5', 'content-length', '5'], 'bad-content-length'],
  ['a body that is too long', [...GET, 'content-length', '1001'], 'body-too-long'],
  ['an unknown expectation', [...GET, 'expect', 'more'], 'expectation-failed'],
  ['a field that is too long', [...GET, 'a', 'b'.repeat(200)], 'field-too-long'],
  ['a target that is too long', replaced(':path', `/${'b'.repeat(100)}`), 'request-line-too-long'],
  ['too many fields', [...GET, ...Array.from({ length: 11 }, (_, i) => [`f${i}`, '']).flat()], 'too-many-fields'],
  ['a head that is too long', [...GET, ...Array.from({ length: 10 }, (_, i) => [`f${i}`, 'b'.repeat(190)]).flat()], 'head-too-long'],
] as const) {
  test(`refused: ${what}`, () => {
    assert.equal(refused(list, false), cause)
    assert.ok(causes[cause].status >= 400)
  })
}

test('at the limits all is taken', () => {
  assert.equal(refused(replaced(':path', `/${'b'.repeat(99)}`)), 'taken')
  assert.equal(refused([...GET, 'a', 'b'.repeat(199)]), 'taken')
  assert.equal(refused([...GET, ...Array.from({ length: 10 }, (_, i) => [`f${i}`, '']).flat()]), 'taken')
})

test('a field with an underscore, and Proxy, are dropped', () => {
  assert.deepEqual(good([...GET, 'x_forwarded_for', '1', 'proxy', 'p']).head.fields, ['host', 'a.example'])
})

test('any list is one head or one refusal, and nothing in a head could end a line', () => {
  const text = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 12 })
  const name = fc.oneof(text, fc.constantFrom(':method', ':path', ':scheme', ':authority', 'host', 'te', 'content-length', 'cookie', 'x-a'))
  const value = fc.oneof(text, fc.constantFrom('GET', '/', 'http', 'a.example', '5', 'trailers'))
  fc.assert(fc.property(fc.array(fc.tuple(name, value), { maxLength: 12 }), (fields) => {
    const list = fields.flat()
    const result = read(list, false)
    if ('cause' in result) {
      assert.ok(result.cause in causes)
      return
    }
    const { method, target, fields: kept, authority } = result.head
    for (const one of [method, target, authority, ...kept]) assert.ok(!FORBIDDEN_IN_VALUE.test(one))
    assert.ok(!/[\s]/.test(method + target + authority))
  }), { numRuns: 3000 })
})
