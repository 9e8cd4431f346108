import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testWsgiEnviron } from '../../src/app/test-wsgi-environ.ts'
import type { TestEnvironOptions } from '../../src/gateway/test-environ.ts'
import { validator } from '../../src/gateway/validator.ts'

const application = validator((_environ, startResponse) => {
  startResponse('204 No Content', [])
  return []
})

const variants: Record<string, TestEnvironOptions> = {
  'no options': {},
  'a path with a query': { path: '/a/b?c=d' },
  'a path that is not ASCII': { path: '/\u20ac \u00e9' },
  'a URL': { path: 'https://example.org:8443/x' },
  'a URL without a path': { path: 'http://example.org?q' },
  'an IPv6 host': { path: 'http://[::1]:8080/' },
  'OPTIONS *': { method: 'options', path: '*' },
  'CONNECT': { method: 'CONNECT', path: 'example.org:443', headers: { host: 'example.org:443' } },
  'fields and a body': { method: 'POST', headers: [['X-A', '1'], ['x-a', '2'], ['Content-Type', 'text/plain']], body: 'abc' },
  'a chunked body': { method: 'POST', headers: { 'Transfer-Encoding': 'chunked' }, body: '3\r\nabc\r\n0\r\n\r\n' },
  'TLS': { secure: true },
}
for (const [name, options] of Object.entries(variants)) {
  test(`a test environ of ${name} is valid`, () => {
    const environ = testWsgiEnviron(options)
    assert.deepEqual(application(environ, () => (data) => data.length), [])
  })
}

test('without options it is a GET of the root on 127.0.0.1', () => {
  const environ = testWsgiEnviron()
  const expected = {
    REQUEST_METHOD: 'GET', SCRIPT_NAME: '', PATH_INFO: '/', QUERY_STRING: '', RAW_URI: '/', SERVER_PROTOCOL: 'HTTP/1.1',
    SERVER_NAME: '127.0.0.1', SERVER_PORT: '80', HTTP_HOST: '127.0.0.1', REMOTE_ADDR: '127.0.0.1', 'wsgi.url_scheme': 'http',
  }
  for (const [key, value] of Object.entries(expected)) assert.equal(environ[key], value, key)
  assert.equal(environ['pulsar.cfg'].scriptName, '')
})

test('a URL supplies host, port and scheme', () => {
  const environ = testWsgiEnviron({ path: 'https://example.org:8443/x?y#z' })
  assert.equal(environ.HTTP_HOST, 'example.org:8443')
  assert.deepEqual([environ.SERVER_NAME, environ.SERVER_PORT], ['example.org', '8443'])
  assert.deepEqual([environ['wsgi.url_scheme'], environ.HTTPS], ['https', 'on'])
  assert.deepEqual([environ.RAW_URI, environ.PATH_INFO, environ.QUERY_STRING], ['/x?y', '/x', 'y'])
  assert.equal(testWsgiEnviron({ secure: true }).SERVER_PORT, '443')
  assert.equal(testWsgiEnviron({ headers: { HOST: 'b.example' }, path: 'http://a.example/' }).HTTP_HOST, 'b.example')
})

test('a path beyond ASCII is escaped, and its bytes are in PATH_INFO', () => {
  const environ = testWsgiEnviron({ path: '/caf\u00e9/%E2%82%AC' })
  assert.equal(environ.RAW_URI, '/caf%C3%A9/%E2%82%AC')
  assert.equal(Buffer.from(environ.PATH_INFO, 'latin1').toString('utf8'), '/caf\u00e9/\u20ac')
})

test('fields get where the server puts them', () => {
  const environ = testWsgiEnviron({
    method: 'post', body: Buffer.from('abc'),
    headers: [
      ['X-A', '1'], ['x-a', '2'], ['Cookie', 'a=b'], ['Cookie', 'c=d'], ['Content-Type', 'text/plain'], ['X_A', '3'],
      ['Proxy', 'p'],
    ],
  })
  assert.equal(environ.REQUEST_METHOD, 'POST')
  assert.equal(environ.HTTP_X_A, '1,2')
  assert.equal(environ.HTTP_COOKIE, 'a=b; c=d')
  assert.deepEqual([environ.CONTENT_TYPE, environ.CONTENT_LENGTH], ['text/plain', '3'])
  for (const key of ['HTTP_CONTENT_TYPE', 'HTTP_CONTENT_LENGTH', 'HTTP_PROXY']) assert.equal(key in environ, false, key)
})

test('the body is what wsgi.input gives', async () => {
  assert.equal((await testWsgiEnviron()['wsgi.input'].read()).length, 0)
  assert.equal((await testWsgiEnviron({ method: 'PUT', body: '\u20ac' })['wsgi.input'].read()).toString(), '\u20ac')
})

test('extra keys are put in at the end, and the environ is the caller\'s alone', () => {
  const extra = { SCRIPT_NAME: '/app', 'example.user': 1 } as const
  const environ = testWsgiEnviron({ extra })
  assert.equal(environ.SCRIPT_NAME, '/app')
  assert.equal(environ['example.user'], 1)
  environ.SCRIPT_NAME = '/other'
  assert.equal(extra.SCRIPT_NAME, '/app')
  assert.equal(testWsgiEnviron().SCRIPT_NAME, '')
})

test('pulsar.connection leads nowhere, without an error', () => {
  const environ = testWsgiEnviron({ headers: { Upgrade: 'echo', Connection: 'upgrade' } })
  const connection = environ['pulsar.connection']
  assert.equal(connection.closed, false)
  assert.equal(environ['pulsar.client_disconnected'](), false)
  connection.informational('103 Early Hints', [])
  let closed = 0
  connection.onClose(() => { closed++ })
  connection.upgrade('101 Switching Protocols', [['Upgrade', 'echo']]).write('x')
  assert.equal(closed, 1)
})

for (const [what, options] of Object.entries<TestEnvironOptions>({
  'a bad method': { method: 'G T' },
  'a relative path': { path: 'a' },
  'a bad host': { headers: { Host: 'a b' } },
  'two hosts': { headers: [['Host', 'a'], ['host', 'a']] },
  'a value of two lines': { headers: { 'X-A': 'a\r\nX-B: b' } },
  'a value beyond latin-1': { headers: { 'X-A': '\u20ac' } },
  'an asterisk that is not OPTIONS': { path: '*' },
})) {
  test(`${what} is refused, as the server would`, () => {
    assert.throws(() => testWsgiEnviron(options), TypeError)
  })
}
