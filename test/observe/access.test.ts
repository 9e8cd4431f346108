import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestHead } from '../../src/http/request-head.ts'
import { denial, type AccessRules, type Sort } from '../../src/observe/admin/access.ts'

const token = 'correct-horse-battery'
const loopback: AccessRules = { token: null, local: false }
const unix: AccessRules = { token: null, local: true }
const guarded: AccessRules = { token, local: false }

function head(fields: Readonly<Record<string, string>> = {}, authority = '127.0.0.1:9060'): RequestHead {
  return {
    method: 'GET', target: '/', path: '/', query: '', fields: Object.entries(fields).flat(), version: '1.1', scheme: 'http', authority,
  }
}

const statusOf = (request: RequestHead, rules: AccessRules, sort: Sort = 'steer'): string =>
  denial(request, sort, rules)?.status.slice(0, 3) ?? 'allowed'

test('without a token a program on this machine may do all', () => {
  for (const authority of ['127.0.0.1:9060', 'localhost:9060', 'LOCALHOST', '[::1]:9060', '127.1.2.3']) {
    assert.equal(statusOf(head({}, authority), loopback), 'allowed', authority)
  }
})

test('a name that leads here by a trick of DNS is refused, whatever is asked for but health', () => {
  for (const authority of ['evil.example:9060', 'localhost.evil.example', '127.0.0.1.evil.example:9060', '', '10.0.0.1:9060']) {
    for (const sort of ['page', 'read', 'steer'] as const) assert.equal(statusOf(head({}, authority), loopback, sort), '421', authority)
    assert.equal(statusOf(head({}, authority), loopback, 'open'), 'allowed')
  }
})

test('who comes by a unix socket may call the server what he likes', () => {
  assert.equal(statusOf(head({}, 'pulsar'), unix), 'allowed')
})

test('a page of another site can neither steer nor read, by its origin or by what the browser says of it', () => {
  for (const rules of [loopback, unix]) {
    assert.equal(statusOf(head({ Origin: 'http://evil.example' }), rules), '403')
    assert.equal(statusOf(head({ Origin: 'null' }), rules), '403')
    assert.equal(statusOf(head({ Origin: 'http://127.0.0.1:8060' }), rules), '403', 'another port is another origin')
    assert.equal(statusOf(head({ Origin: 'https://127.0.0.1:9060' }), rules), '403', 'another scheme too')
    for (const site of ['cross-site', 'same-site']) {
      assert.equal(statusOf(head({ 'Sec-Fetch-Site': site }), rules), '403')
      assert.equal(statusOf(head({ 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': 'navigate' }), rules, 'read'), '403')
    }
  }
})

test('the page itself may steer, and may be come to by a link', () => {
  assert.equal(statusOf(head({ 'Origin': 'http://127.0.0.1:9060', 'Sec-Fetch-Site': 'same-origin' }), loopback), 'allowed')
  assert.equal(statusOf(head({ 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate' }), loopback, 'page'), 'allowed')
  assert.equal(statusOf(head({ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }), loopback, 'page'), 'allowed')
  assert.equal(statusOf(head({ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' }), loopback, 'page'), '403')
})

test('with a token only who shows it gets more than health and the empty page', () => {
  const remote = (fields: Readonly<Record<string, string>>): RequestHead => head(fields, 'ops.example:9060')
  for (const sort of ['read', 'steer'] as const) {
    assert.equal(statusOf(remote({}), guarded, sort), '401')
    assert.equal(statusOf(remote({ Authorization: `Bearer ${token}x` }), guarded, sort), '401')
    assert.equal(statusOf(remote({ Authorization: `Basic ${token}` }), guarded, sort), '401')
    assert.equal(statusOf(remote({ Authorization: `Bearer ${token}` }), guarded, sort), 'allowed')
    assert.equal(statusOf(remote({ authorization: `bearer ${token}` }), guarded, sort), 'allowed')
  }
  assert.equal(statusOf(remote({}), guarded, 'open'), 'allowed')
  assert.equal(statusOf(remote({}), guarded, 'page'), 'allowed')
})

test('a token does not let another site in', () => {
  assert.equal(statusOf(head({ Authorization: `Bearer ${token}`, Origin: 'http://evil.example' }), guarded), '403')
})

test('a WebSocket brings the token as a subprotocol', () => {
  const coded = Buffer.from(token).toString('base64url')
  assert.equal(statusOf(head({ 'Sec-WebSocket-Protocol': `pulsar-admin, token.${coded}` }), guarded), 'allowed')
  assert.equal(statusOf(head({ 'Sec-WebSocket-Protocol': 'pulsar-admin, token.AAAA' }), guarded), '401')
})
