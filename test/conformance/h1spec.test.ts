/** The 33 behaviours that uNetworking/h1spec checks, against the real server on a real socket, each with the rule that it comes from. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { bareRule } from '../support/served-application.ts'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'

/** As h1spec asks of a server under test: under any method and path, the body comes back. */
const echo: WSGIApplication = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read()
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [body]
}

interface Behaviour {
  readonly name: string
  readonly rule: string
  readonly request: string
  /** A status; `waits`: nothing is answered before the rest has come. */
  readonly expected: number | 'waits'
  readonly body?: string
}

const whole = 'GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n'
const head = 'GET / HTTP/1.1\r\nHost: a.example\r\n'
const post = 'POST / HTTP/1.1\r\nHost: a.example\r\n'

const fragments: readonly (readonly [name: string, request: string])[] = [
  ['within the method', 'G'],
  ['behind the method', 'GET '],
  ['within the target', 'GET /hello'],
  ['behind the target', 'GET /hello '],
  ['within the version', 'GET /hello HTTP'],
  ['behind the version', 'GET /hello HTTP/1.1'],
  ['between CR and LF of the request line', 'GET /hello HTTP/1.1\r'],
  ['behind the request line', 'GET /hello HTTP/1.1\r\n'],
  ['within a field name', 'GET /hello HTTP/1.1\r\nHos'],
  ['behind the colon', 'GET /hello HTTP/1.1\r\nHost:'],
  ['before a field value', 'GET /hello HTTP/1.1\r\nHost: '],
  ['behind a field value', 'GET /hello HTTP/1.1\r\nHost: localhost'],
  ['between CR and LF of a field line', 'GET /hello HTTP/1.1\r\nHost: localhost\r'],
  ['behind a field line', 'GET /hello HTTP/1.1\r\nHost: localhost\r\n'],
  ['between CR and LF of the empty line', 'GET /hello HTTP/1.1\r\nHost: localhost\r\n\r'],
]

export const behaviours: readonly Behaviour[] = [
  ...fragments.map(([name, request]): Behaviour => ({
    name: `a request cut ${name} is waited for`,
    rule: 'RFC 9112 section 2.2',
    request,
    expected: 'waits',
  })),
  { name: 'a request line without a version is refused', rule: 'RFC 9112 section 3', request: 'GET / \r\n\r\n', expected: 400 },
  {
    name: 'an expectation of 100-continue without a body is answered',
    rule: 'RFC 9110 section 10.1.1',
    request: `${head}Expect: 100-continue\r\n\r\n`,
    expected: 200,
  },
  { name: 'a GET is answered', rule: 'RFC 9112 section 2.1', request: `${head}\r\n`, expected: 200 },
  {
    name: 'names in any case, a tab before a value and an empty value are read',
    rule: 'RFC 9112 section 5',
    request: 'GET / HTTP/1.1\r\nhoSt:\ta.example\r\nempty:\r\n\r\n',
    expected: 200,
  },
  {
    name: 'a field name that is no token is refused',
    rule: 'RFC 9110 section 5.1',
    request: `${head}X-Invalid[]: test\r\n\r\n`,
    expected: 400,
  },
  {
    name: 'no Host is refused',
    rule: 'RFC 9112 section 3.2',
    request: 'GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n',
    expected: 400,
  },
  { name: 'two Hosts are refused', rule: 'RFC 9112 section 3.2', request: `${head}Host: b.example\r\n\r\n`, expected: 400 },
  {
    name: 'a negative length beyond any number is refused',
    rule: 'RFC 9112 section 6.3',
    request: `${head}Content-Length: -123456789123456789123456789\r\n\r\n`,
    expected: 400,
  },
  {
    name: 'a negative length is refused',
    rule: 'RFC 9112 section 6.3',
    request: `${head}Content-Length: -1234\r\n\r\n`,
    expected: 400,
  },
  {
    name: 'a length that is no number is refused',
    rule: 'RFC 9112 section 6.3',
    request: `${head}Content-Length: abc\r\n\r\n`,
    expected: 400,
  },
  { name: 'an empty value is read', rule: 'RFC 9110 section 5.5', request: `${head}X-Empty-Header: \r\n\r\n`, expected: 200 },
  {
    name: 'a control character in a value is refused',
    rule: 'RFC 9110 section 5.5',
    request: `${head}X-Bad-Control-Char: test\x07\r\n\r\n`,
    expected: 400,
  },
  {
    name: 'HTTP/9.9 is refused',
    rule: 'RFC 9110 section 15.6.6',
    request: 'GET / HTTP/9.9\r\nHost: a.example\r\n\r\n',
    expected: 505,
  },
  {
    name: 'text before the method is refused',
    rule: 'RFC 9112 section 3',
    request: 'Extra lineGET / HTTP/1.1\r\nHost: a.example\r\n\r\n',
    expected: 400,
  },
  {
    name: 'a CR without LF is refused',
    rule: 'RFC 9112 section 2.2',
    request: `${head}\rSome-Header: Test\r\n\r\n`,
    expected: 400,
  },
  {
    name: 'a body of a length is read',
    rule: 'RFC 9112 section 6.2',
    request: `${post}Content-Length: 5\r\n\r\nhello`,
    expected: 200,
    body: 'hello',
  },
  {
    name: 'a body in chunks is read',
    rule: 'RFC 9112 section 7.1',
    request: `${post}Transfer-Encoding: chunked\r\n\r\nc\r\nHellO world1\r\n0\r\n\r\n`,
    expected: 200,
    body: 'HellO world1',
  },
  {
    name: 'both framing fields, in any case, are refused',
    rule: 'RFC 9112 section 6.1',
    request: `${post}content-LengtH: 5\r\nTransFer-Encoding: chunked\r\n\r\nc\r\nHellO world1\r\n0\r\n\r\n`,
    expected: 400,
  },
]

for (const { name, rule, request, expected, body } of behaviours) {
  bareRule(`${rule}: ${name}`, async (serve) => {
    const client = await (await serve(echo)).client()
    await client.send(request)
    if (expected === 'waits') {
      await delay(30)
      assert.equal(client.received().toString(), '', 'nothing is answered')
      assert.ok(!client.ended, 'and the connection is there')
      await client.send(whole.slice(request.length))
    }
    const answer = await client.response()
    assert.equal(answer.status, expected === 'waits' ? 200 : expected)
    if (body !== undefined) assert.equal(answer.body.toString(), body)
    if (answer.status >= 400) await client.untilClosed()
    assert.equal(client.received().length, 0, 'one answer')
  })
}

test('they are 33', () => {
  assert.equal(behaviours.length, 33)
  assert.ok(fragments.every(([, request]) => whole.startsWith(request)))
})
