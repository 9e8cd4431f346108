import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testWsgiEnviron } from '../../../src/app/test-wsgi-environ.ts'
import { parseAuthorizationHeader } from '../../../src/web/auth/authorization-header.ts'
import { BasicAuth } from '../../../src/web/auth/basic-auth.ts'
import { HttpAuthenticate } from '../../../src/web/auth/http-authenticate.ts'

const environ = testWsgiEnviron()
const basic = (text: string | Buffer): unknown => parseAuthorizationHeader(`Basic ${Buffer.from(text as string).toString('base64')}`)

test('name and password are read, whatever the case of the scheme', () => {
  // RFC 7617 section 2.
  const auth = parseAuthorizationHeader('bAsIc  QWxhZGRpbjpvcGVuIHNlc2FtZQ==')
  assert.deepEqual(auth, new BasicAuth('Aladdin', 'open sesame'))
  // Section 2.1.
  assert.deepEqual(parseAuthorizationHeader('Basic dGVzdDoxMjPCow=='), new BasicAuth('test', '123£'))
})

test('a password may have colons, and both may be empty', () => {
  assert.deepEqual(basic('a:b:c'), new BasicAuth('a', 'b:c'))
  assert.deepEqual(basic(':'), new BasicAuth('', ''))
})

test('what is no UTF-8 is latin-1', () => {
  assert.deepEqual(basic(Buffer.from('a:\xe9', 'latin1')), new BasicAuth('a', 'é'))
})

test('what is malformed is nothing', () => {
  for (const text of ['abc', 'a\n:b', 'a:\0']) assert.equal(basic(text), undefined, JSON.stringify(text))
  for (const field of ['Basic', 'Basic ', 'Basic QQ Q', 'Basic Q===', 'Basic *', 'Bearer abc', '', ' ']) {
    assert.equal(parseAuthorizationHeader(field), undefined, field)
  }
})

test('only this name with this password is authenticated', () => {
  const auth = new BasicAuth('ada', 'secret')
  assert.ok(auth.authenticated(environ, 'ada', 'secret'))
  assert.ok(!auth.authenticated(environ, 'ada', 'Secret'))
  assert.ok(!auth.authenticated(environ, 'Ada', 'secret'))
  assert.ok(!auth.authenticated(environ, 'ada', ''))
  assert.ok(!auth.authenticated(environ, 'ada:secret', ''))
})

test('the challenge is a 401 that says the realm and the charset', () => {
  const error = new HttpAuthenticate('basic', { realm: 'the "inner" \\ circle' })
  assert.equal(error.status, 401)
  assert.deepEqual(error.headers, [['WWW-Authenticate', 'Basic realm="the \\"inner\\" \\\\ circle", charset="UTF-8"']])
  assert.throws(() => new HttpAuthenticate('basic', { realm: 'a\r\nSet-Cookie: x' }), /no quoted-string/)
})
