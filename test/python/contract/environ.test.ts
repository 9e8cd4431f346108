/** The environ is the same on every way, and gunicorn's where PEP 3333 leaves no choice. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { RawClient, request, valuesOf } from '../../support/raw-client.ts'
import type { RunningCommand } from '../../support/start-command.ts'
import { direct, gunicorn, inTypeScript, makeDirectory, middleware, threaded, unbuffered, wrapped, type Way } from './ways.ts'

const application = `
  import base64, json
  def plain(value):
      return value if isinstance(value, (str, bool, tuple)) else 'an object'
  def application(environ, start_response):
      shown = json.dumps({name: plain(value) for name, value in environ.items()}).encode()
      start_response('200 OK', [('Content-Length', '0'), ('X-Environ', base64.b64encode(shown).decode())])
      return []
`

interface Shape {
  readonly request: string
  readonly lines?: string
  readonly body?: string
  /** Host is of the shape. */
  readonly ownHost?: true
  /** Variables in which gunicorn differs, with the reason. */
  readonly notInGunicorn?: Readonly<Record<string, string>>
  /** A proxy speaks for its client, and for the address that it was asked at. */
  readonly forwarded?: true
}

const shapes: Readonly<Record<string, Shape>> = {
  'a plain GET': { request: 'GET / HTTP/1.1' },
  'an empty query': { request: 'GET /path? HTTP/1.1' },
  'a query with a question mark, escapes and plus signs': { request: 'GET /path?a=%20+b?c=%C3%A9&d HTTP/1.1' },
  'an escaped path': { request: 'GET /a%20b/%E2%82%AC/caf%c3%a9 HTTP/1.1' },
  'an escaped slash and an escaped percent sign': { request: 'GET /a%2Fb%252F%25 HTTP/1.1' },
  'escapes that are no UTF-8': { request: 'GET /%FF%FE%80 HTTP/1.1' },
  'what is no escape': { request: 'GET /100%/%zz/%4 HTTP/1.1' },
  'double slashes, dots and parameters': { request: 'GET /a//b/./../c;v=1;w HTTP/1.1' },
  'two slashes at the start': { request: 'GET //a//b HTTP/1.1' },
  'a query on the root': { request: 'GET /?x HTTP/1.1' },
  'an absolute target': {
    request: 'GET http://b.example:81/path?query HTTP/1.1',
    notInGunicorn: { HTTP_HOST: 'it keeps Host, which RFC 9112 section 3.2.2 has replaced' },
  },
  'an absolute target without a path': {
    request: 'GET http://b.example HTTP/1.1',
    notInGunicorn: { HTTP_HOST: 'as above', PATH_INFO: 'it leaves it empty' },
  },
  'fields with latin-1 bytes': { request: 'GET / HTTP/1.1', lines: 'X-Name: caf\xe9 \xff\x80\r\nUser-Agent: \xc3\xa9\r\n' },
  'fields with white space': { request: 'GET / HTTP/1.1', lines: 'X-A:  a \t b \t\r\nX-Empty:\r\nX-Blank:   \r\n' },
  'repeated fields': { request: 'GET / HTTP/1.1', lines: 'X-Many: a\r\nX-Other: o\r\nx-many: b, c\r\nX-MANY: d\r\n' },
  'repeated cookies': {
    request: 'GET / HTTP/1.1', lines: 'Cookie: a=1\r\nCookie: b=2; c=3\r\n',
    notInGunicorn: { HTTP_COOKIE: 'it joins with commas, not as RFC 6265 section 5.4 has it' },
  },
  'fields of a browser': {
    request: 'GET /index.html?lang=de HTTP/1.1',
    lines: 'Connection: keep-alive\r\nAccept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nAccept-Encoding: gzip, deflate, br\r\n'
      + 'Accept-Language: de;q=0.8,en\r\nCookie: session=0123456789abcdef\r\nIf-Modified-Since: Sat, 29 Oct 1994 19:43:31 GMT\r\n'
      + 'Authorization: Basic YTpi\r\nReferer: http://a.example/\r\nUpgrade-Insecure-Requests: 1\r\n',
  },
  'forwarding fields': {
    request: 'GET / HTTP/1.1', lines: 'X-Forwarded-For: 192.0.2.9\r\nX-Forwarded-Host: c.example\r\nForwarded: for=192.0.2.9\r\n',
    forwarded: true,
    notInGunicorn: {
      REMOTE_ADDR: 'it leaves that to the application', REMOTE_PORT: 'the same', SERVER_NAME: 'the same', SERVER_PORT: 'the same', HTTP_HOST: 'the same',
    },
  },
  'fields named like variables': { request: 'GET / HTTP/1.1', lines: 'Content: a\r\nHost-Name: b\r\nRemote-Addr: 192.0.2.9\r\nHttps: on\r\n' },
  'names of JavaScript': { request: 'GET / HTTP/1.1', lines: 'constructor: a\r\n__proto__x: b\r\ntoString: c\r\n' },
  'HEAD': { request: 'HEAD /a?b HTTP/1.1' },
  'OPTIONS *': { request: 'OPTIONS * HTTP/1.1', notInGunicorn: { PATH_INFO: 'it refuses the request' } },
  'a method of its own': { request: 'M-SEARCH /a HTTP/1.1' },
  'a method in lower case': { request: 'get / HTTP/1.1', notInGunicorn: { REQUEST_METHOD: 'it refuses the request' } },
  'a body with its length': { request: 'POST /form HTTP/1.1', lines: 'Content-Length: 3\r\nContent-Type: text/plain; charset=x\r\n', body: 'abc' },
  'a body of no length': { request: 'POST / HTTP/1.1', lines: 'Content-Length: 0\r\n' },
  'a length with zeros before it': { request: 'POST / HTTP/1.1', lines: 'Content-Length: 003\r\n', body: 'abc' },
  'a type without a body': { request: 'GET / HTTP/1.1', lines: 'Content-Type: text/x-a\r\n' },
  'a chunked body': { request: 'PUT /up HTTP/1.1', lines: 'Transfer-Encoding: chunked\r\nTrailer: X-T\r\n', body: '3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n' },
  'HTTP/1.0': { request: 'GET /old?a=b HTTP/1.0' },
  'HTTP/1.0 without Host': { request: 'GET / HTTP/1.0', ownHost: true },
  'HTTP/1.0 with a body': { request: 'POST / HTTP/1.0', lines: 'Content-Length: 2\r\n', body: 'ab' },
  'an empty Host': { request: 'GET / HTTP/1.1', ownHost: true, lines: 'Host:\r\n' },
  'Host with a port': { request: 'GET / HTTP/1.1', ownHost: true, lines: 'Host: [::1]:8080\r\n' },
  'an expectation': {
    request: 'POST / HTTP/1.1', lines: 'Content-Length: 1\r\nExpect: 100-continue\r\n', body: 'a',
  },
}

const belowScriptName: Readonly<Record<string, Shape>> = {
  'a path below the script name': { request: 'GET /base/a%20b?c HTTP/1.1' },
  'the script name itself': { request: 'GET /base HTTP/1.1' },
  'the script name with a slash': { request: 'GET /base/ HTTP/1.1' },
  'a path that only begins like the script name': { request: 'GET /basement HTTP/1.1' },
}

type Environ = Readonly<Record<string, unknown>>

/** The only keys that Python does not get. */
const onlyInTypeScript = ['pulsar.connection', 'pulsar.cfg']
/** As the application shows it. TypeScript imports it. */
const onlyInPython = { 'pulsar.publish': 'an object', 'pulsar.metrics': 'an object' }
/** A server's own, which neither PEP 3333 nor CGI knows. */
const serversOwn = /^(?:pulsar|gunicorn)\.|^wsgi\.early_hints$|^SERVER_SOFTWARE$/

async function ask(server: RunningCommand, { request: line, lines = '', body = '', ownHost, forwarded }: Shape): Promise<Environ> {
  await using client = await RawClient.connect(server.address)
  const host = ownHost ? '' : 'Host: a.example\r\n'
  await client.send(`${line}\r\n${host}X-Case: environ\r\n${lines}\r\n${body}`)
  const response = await client.finalResponse(line.split(' ', 1)[0])
  assert.equal(response.status, 200, response.body.toString())
  // In a field, so that a HEAD is told too.
  const environ = JSON.parse(Buffer.from(valuesOf(response, 'x-environ')[0] ?? '', 'base64').toString()) as Environ
  if (forwarded === undefined) {
    assert.equal(environ.REMOTE_PORT, String(client.socket.localPort))
    assert.equal(environ.SERVER_PORT, String(client.socket.remotePort))
  }
  const name = environ['pulsar.request_id']
  if (name !== undefined) assert.match(name as string, /^\w+-\w+$/)
  const { 'pulsar.request_id': _, ...rest } = environ
  return {
    ...rest, ...(forwarded === undefined && { REMOTE_PORT: 'the client\'s', SERVER_PORT: 'the server\'s' }),
    ...(name !== undefined && { 'pulsar.request_id': 'the request\'s' }),
  }
}

const without = (environ: Environ, names: readonly string[]): Environ =>
  Object.fromEntries(Object.entries(environ).filter(([name]) => !names.includes(name)))

describe('the environ', { skip: gunicorn.skip() }, () => {
  const servers = new Map<Way, RunningCommand>()
  before(async () => {
    for (const way of [inTypeScript, direct, unbuffered, threaded, wrapped, gunicorn]) {
      servers.set(way, await way.start(makeDirectory({ environ: application })))
    }
  })
  after(async () => { for (const server of servers.values()) await server.stop() })
  const on = (way: Way, shape: Shape): Promise<Environ> => ask(servers.get(way) as RunningCommand, shape)

  for (const [name, shape] of Object.entries(shapes)) {
    test(`${name} gives Python the environ that a TypeScript application gets, on each way`, async () => {
      const expected = { ...without(await on(inTypeScript, shape), onlyInTypeScript), ...onlyInPython }
      for (const way of [direct, unbuffered, wrapped]) assert.deepEqual(await on(way, shape), expected, way.name)
      assert.deepEqual(await on(threaded, shape), { ...expected, 'wsgi.multithread': true }, threaded.name)
    })
    if (shape.notInGunicorn?.REQUEST_METHOD || shape.notInGunicorn?.PATH_INFO === 'it refuses the request') continue
    test(`${name} gives the environ that gunicorn gives`, async () => {
      const [ours, theirs] = [await on(direct, shape), await on(gunicorn, shape)]
      const own = Object.keys({ ...ours, ...theirs }).filter((name) => serversOwn.test(name))
      for (const name of Object.keys(shape.notInGunicorn ?? {})) assert.notDeepEqual(ours[name], theirs[name], `${name} is no difference`)
      const others = [...own, ...Object.keys(shape.notInGunicorn ?? {})]
      assert.deepEqual(without(ours, others), without(theirs, others))
    })
  }
})

describe('the environ with --script-name', { skip: direct.skip() }, () => {
  const servers: RunningCommand[] = []
  before(async () => {
    for (const way of [inTypeScript, direct, wrapped]) {
      servers.push(await way.start(makeDirectory({ environ: application }), '--script-name', '/base'))
    }
  })
  after(async () => { for (const server of servers) await server.stop() })

  for (const [name, shape] of Object.entries(belowScriptName)) {
    test(`${name} gives Python the environ that a TypeScript application gets, on each way`, async () => {
      const [expected = {}, ...others] = await Promise.all(servers.map((server) => ask(server, shape)))
      assert.equal(expected.SCRIPT_NAME, '/base')
      for (const environ of others) assert.deepEqual(environ, { ...without(expected, onlyInTypeScript), ...onlyInPython })
    })
  }
})

test('what TypeScript middleware puts into the environ is there in Python, as far as JSON has values like it', { skip: direct.skip() }, async () => {
  const shown = `
    import json
    def application(environ, start_response):
        body = json.dumps([environ.get(name, 'absent') for name in (
            'SCRIPT_NAME', 'PATH_INFO', 'REMOTE_USER', 'example.list', 'example.object', 'example.text', 'example.function', 'HTTP_X_GONE')]).encode()
        start_response('200 OK', TEXT)
        return [body]
  `
  const server = await middleware.start(makeDirectory({ shown }))
  const { body } = await request(server.address, 'GET /mounted/a%20b HTTP/1.1\r\nHost: a\r\nX-Case: shown\r\nX-Gone: 1\r\n\r\n')
  assert.deepEqual(JSON.parse(body.toString()), [
    '/mounted', '/a b', 'somebody', [1, -2.5, true, null, 'text'], { nested: { list: [] }, big: 2 ** 40 }, 'caf\u00e9 \u20ac', 'absent', 'absent',
  ])
  await server.stop()
})
