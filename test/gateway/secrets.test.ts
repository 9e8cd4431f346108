import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { maskedUrl, maskedValue } from '../../src/gateway/secrets.ts'

test('a value is masked by its name', () => {
  for (const name of [
    'HTTP_AUTHORIZATION',
    'HTTP_PROXY_AUTHORIZATION',
    'HTTP_COOKIE',
    'Set-Cookie',
    'HTTP_X_CSRF_TOKEN',
    'HTTP_X_API_KEY',
    'db_password',
    'DB_PASSWD',
    'clientSecret',
    'SSL_SESSION_ID',
    'passphrase'
  ]) {
    assert.equal(maskedValue(name, 'hunter2'), '[masked]', name)
  }
  for (const name of ['HTTP_ACCEPT', 'PATH_INFO', 'HTTP_USER_AGENT', 'SERVER_NAME', 'wsgi.input'])
    assert.equal(maskedValue(name, 'hunter2'), 'hunter2', name)
})

test('what a URL carries is masked, and the rest of it is not', () => {
  assert.equal(maskedUrl('/a?x=1&access_token=hunter2&y=2#z'), '/a?x=1&access_token=[masked]&y=2#z')
  assert.equal(maskedUrl('api_key=hunter2&q=key'), 'api_key=[masked]&q=key')
  assert.equal(maskedUrl('password=hunter2=hunter3'), 'password=[masked]')
  assert.equal(maskedUrl('redis://joe:hunter2@db:6379/0'), 'redis://joe:[masked]@db:6379/0')
  assert.equal(maskedUrl('redis://:hunter2@db'), 'redis://:[masked]@db')
  assert.equal(maskedUrl('http://example.org:80/a@b'), 'http://example.org:80/a@b')
  assert.equal(maskedUrl('/a?b=c'), '/a?b=c')
})

test('no parameter with the name of a secret gets through, wherever it stands', () => {
  const word = fc.stringMatching(/^[a-z]{0,5}$/)
  fc.assert(
    fc.property(word, word, word, fc.constantFrom('?', '&', ';', '?a=b&'), (before, behind, rest, separator) => {
      const text = `/${rest}${separator}${before}token${behind}=hunter2&${rest}`
      assert.ok(!maskedUrl(text).includes('hunter2'), text)
    })
  )
})
