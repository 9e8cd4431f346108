import assert from 'node:assert/strict'
import { rule, type ServedApplication } from '../../support/served-application.ts'
import type { WSGIApplication } from '../../../src/gateway/wsgi.ts'

/** Answers with the strings of its environ, as JSON. */
const telling: WSGIApplication = (environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'application/json']])
  const strings = Object.entries(environ).filter(([, value]) => typeof value === 'string')
  return [Buffer.from(JSON.stringify(Object.fromEntries(strings)))]
}

async function environOf(served: ServedApplication, ...pieces: string[]): Promise<Record<string, string | undefined>> {
  const response = await served.request(...pieces)
  assert.equal(response.status, 200, response.head)
  return JSON.parse(response.body.toString()) as Record<string, string | undefined>
}

rule('the environ of a plain request has what PEP 3333 asks for', async (serve) => {
  const served = await serve(telling, { serverSoftware: 'tested/1' })
  const environ = await environOf(served, 'GET /a/b?c=d HTTP/1.1\r\nHost: a.example:81\r\n\r\n')
  const { REMOTE_PORT: port, 'pulsar.request_id': id, ...rest } = environ
  assert.match(String(id), /^[\w-]+$/)
  assert.match(String(port), /^\d+$/)
  assert.deepEqual(rest, {
    REQUEST_METHOD: 'GET', SCRIPT_NAME: '', PATH_INFO: '/a/b', QUERY_STRING: 'c=d', RAW_URI: '/a/b?c=d',
    SERVER_NAME: '127.0.0.1', SERVER_PORT: String(served.port), SERVER_PROTOCOL: 'HTTP/1.1', SERVER_SOFTWARE: 'tested/1',
    REMOTE_ADDR: '127.0.0.1', HTTP_HOST: 'a.example:81', 'wsgi.url_scheme': 'http',
  })
})

rule('the values that are no strings are those of one process and one thread', async (serve) => {
  let seen: unknown[] = []
  const served = await serve((environ, startResponse) => {
    seen = [
      environ['wsgi.version'], environ['wsgi.multithread'], environ['wsgi.multiprocess'], environ['wsgi.run_once'],
      environ['wsgi.input_terminated'], typeof environ['wsgi.file_wrapper'], environ['pulsar.client_disconnected'](),
      environ['pulsar.cfg'].timeout,
      Object.getPrototypeOf(environ) === Object.prototype,
    ]
    environ.PATH_INFO = 'mine to change'
    delete environ.HTTP_HOST
    startResponse('204 No Content', [])
    return []
  }, { timeout: 17 })
  assert.equal((await served.get()).status, 204)
  assert.deepEqual(seen, [[1, 0], false, false, false, true, 'function', false, 17, true])
})

rule('each request has an environ of its own', async (serve) => {
  const environs = new Set<unknown>()
  const served = await serve((environ, startResponse) => {
    environs.add(environ)
    assert.equal('example.seen' in environ, false)
    environ['example.seen'] = true
    return telling(environ, startResponse)
  })
  for (let i = 0; i < 3; i++) assert.equal((await served.get()).status, 200)
  assert.equal(environs.size, 3)
})

for (const [target, path] of [
  ['/caf%C3%A9', '/caf\u00c3\u00a9'], ['/caf%e9', '/caf\u00e9'], ['/%E2%82%AC', '/\u00e2\u0082\u00ac'],
  ['/a%2Fb', '/a/b'], ['/a%00b', '/a\0b'],
  ['/%25', '/%'], ['/%2541', '/%41'], ['/100%', '/100%'], ['/%zz%4', '/%zz%4'], ['/a+b', '/a+b'], ['/a;b=c', '/a;b=c'],
  ['//a//b/', '//a//b/'], ['/a/../b/.', '/a/../b/.'],
] as const) {
  rule(`the path ${target} is decoded to bytes once, and changed in no other way`, async (serve) => {
    const served = await serve(telling)
    const environ = await environOf(served, `GET ${target}?q=%41&%zz HTTP/1.1\r\nHost: a\r\n\r\n`)
    assert.deepEqual([environ.PATH_INFO, environ.QUERY_STRING, environ.RAW_URI], [path, 'q=%41&%zz', `${target}?q=%41&%zz`])
  })
}

rule('other forms of the target have the path that is theirs', async (serve) => {
  const served = await serve(telling)
  const asterisk = await environOf(served, 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.deepEqual([asterisk.PATH_INFO, asterisk.RAW_URI], ['*', '*'])
  const absolute = await environOf(served, 'GET http://b.example/x?y HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.deepEqual([absolute.PATH_INFO, absolute.QUERY_STRING, absolute.RAW_URI], ['/x', 'y', 'http://b.example/x?y'])
  assert.deepEqual([absolute.HTTP_HOST, absolute['wsgi.url_scheme']], ['b.example', 'http'])
  const bare = await environOf(served, 'GET http://b.example HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal(bare.PATH_INFO, '/')
})

rule('the mount point is SCRIPT_NAME, and taken off PATH_INFO where a segment ends', async (serve) => {
  const served = await serve(telling, { scriptName: '/app' })
  const paths = [['/app/x', '/x'], ['/app', ''], ['/app/', '/'], ['/%61pp/x', '/x'], ['/apple', '/apple']] as const
  for (const [target, path] of paths) {
    const environ = await environOf(served, `GET ${target} HTTP/1.1\r\nHost: a\r\nScript-Name: /evil\r\n\r\n`)
    assert.deepEqual([environ.SCRIPT_NAME, environ.PATH_INFO, environ.RAW_URI], ['/app', path, target])
  }
})

rule('request fields are HTTP_ variables, repeated ones joined', async (serve) => {
  const served = await serve(telling)
  const environ = await environOf(served, 'GET / HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nx-many: a\r\nX-MANY: b\r\nX-Many: b\r\n'
    + 'Cookie: a=1\r\ncookie: b=2\r\n'
    + 'X-Empty:\r\nX-Latin: caf\xe9\r\nx.odd!: y\r\nAccept:   text/plain \t\r\n\r\n')
  assert.deepEqual([environ.HTTP_X_ONE, environ.HTTP_X_MANY, environ.HTTP_COOKIE], ['1', 'a,b,b', 'a=1; b=2'])
  assert.deepEqual([environ.HTTP_X_EMPTY, environ.HTTP_X_LATIN, environ.HTTP_ACCEPT], ['', 'caf\u00e9', 'text/plain'])
  assert.equal(environ['HTTP_X.ODD!'], 'y')
})

rule('the type and length of the content have no HTTP_ variable', async (serve) => {
  const served = await serve(telling)
  const post = 'POST / HTTP/1.1\r\nHost: a\r\n'
  const environ = await environOf(served, `${post}Content-Type: text/plain\r\ncontent-length: 003\r\n\r\nabc`)
  assert.deepEqual([environ.CONTENT_TYPE, Number(environ.CONTENT_LENGTH)], ['text/plain', 3])
  const chunked = await environOf(served, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')
  const none = await environOf(served, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  for (const name of ['HTTP_CONTENT_TYPE', 'HTTP_CONTENT_LENGTH']) assert.equal(name in environ, false, name)
  for (const name of ['CONTENT_TYPE', 'CONTENT_LENGTH']) assert.deepEqual([name in chunked, name in none], [false, false], name)
})

rule('a field that could pose as another is not there', async (serve) => {
  const served = await serve(telling)
  const environ = await environOf(served, 'POST / HTTP/1.1\r\nHost: a\r\nX_Forwarded_For: evil\r\nProxy: evil\r\n'
    + 'Content_Length: 9\r\nContent-Length: 0\r\n'
    + 'Script_Name: /evil\r\n\r\n')
  assert.equal(JSON.stringify(environ).includes('evil'), false)
  assert.equal(environ.CONTENT_LENGTH, '0')
})

rule('trailers are not request fields', async (serve) => {
  const served = await serve(async (environ, startResponse) => {
    await environ['wsgi.input'].read()
    return telling(environ, startResponse)
  })
  const chunks = '1\r\na\r\n0\r\nX-Late: 1\r\n\r\n'
  const environ = await environOf(served, `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`)
  assert.equal('HTTP_X_LATE' in environ, false)
})

rule('a client of HTTP/1.0 that names no host still has a server name', async (serve) => {
  const served = await serve(telling)
  const environ = await environOf(served, 'GET / HTTP/1.0\r\n\r\n')
  assert.equal(environ.SERVER_PROTOCOL, 'HTTP/1.0')
  assert.deepEqual([environ.SERVER_NAME, environ.SERVER_PORT], ['127.0.0.1', String(served.port)])
  assert.equal('HTTP_HOST' in environ, false)
})

rule('wsgi.errors is the server\'s log', async (serve) => {
  const served = await serve((environ, startResponse) => {
    environ['wsgi.errors'].write('one\n')
    environ['wsgi.errors'].writelines(['two\n', 'three\n'])
    environ['wsgi.errors'].flush()
    return telling(environ, startResponse)
  })
  await served.get()
  assert.equal(served.seen('errorsWritten').map(({ text }) => text).join(''), 'one\ntwo\nthree\n')
})
