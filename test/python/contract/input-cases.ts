/** PEP 3333, "Input and Error Streams". */
import { strict as assert } from 'node:assert'
import type { Case } from './case.ts'

const post = (length: number): string => `POST / HTTP/1.1\r\nContent-Length: ${length}`
const chunkedPost = 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked'

/** Answers with what an expression on `input` gives. */
const giving = (expression: string): string => `
  def application(environ, start_response):
      input = environ['wsgi.input']
      result = ${expression}
      start_response('200 OK', TEXT)
      return [repr(result).encode()]
`

/** The same body by its length and in chunks, cut where it hurts. */
function bothFramings(name: string, expression: string, text: string, result: string, bare?: string): Case[] {
  const whole = { application: giving(expression), answer: { status: 200, body: result }, ...(bare && { bare }) }
  const half = text.length >> 1
  const chunks = [text.slice(0, half), text.slice(half)].filter(Boolean).map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
  return [
    { ...whole, name: `${name}, of a body with a length`, request: post(text.length), body: [text.slice(0, half), text.slice(half)] },
    { ...whole, name: `${name}, of a chunked body`, request: chunkedPost, body: [...chunks, '0\r\n\r\n'] },
  ]
}

const strictSizes = 'wsgiref.validate wants exactly one size for read(), and none for others'

export const inputCases: readonly Case[] = [
  ...bothFramings('read(size) gives so many bytes, and nothing at the end',
    '[input.read(4), input.read(100), input.read(100)]', 'abcdefgh', "[b'abcd', b'efgh', b'']"),
  ...bothFramings('read() gives all, and nothing the second time', '[input.read(), input.read()]', 'all of it', "[b'all of it', b'']",
    strictSizes),
  ...bothFramings('read(-1) and read(None) give all', '[input.read(2), input.read(-1), input.read(-1)]', 'all of it',
    "[b'al', b'l of it', b'']"),
  ...bothFramings('read(0) gives nothing and takes nothing', '[input.read(0), input.read(2)]', 'ab', "[b'', b'ab']"),
  ...bothFramings('readline() gives lines with their ends, the last as it is',
    '[input.readline(), input.readline(), input.readline(), input.readline()]', 'one\n\nlast', "[b'one\\n', b'\\n', b'last', b'']"),
  ...bothFramings('readline(size) gives at most so much of a line', '[input.readline(2), input.readline(100), input.readline(1)]',
    'line\nnext', "[b'li', b'ne\\n', b'n']"),
  ...bothFramings('readlines() gives every line', 'input.readlines()', 'a\nb\r\nc', "[b'a\\n', b'b\\r\\n', b'c']"),
  ...bothFramings('iterating gives the lines', 'list(input)', 'a\nbc\n', "[b'a\\n', b'bc\\n']"),
  ...bothFramings('reading in several ways goes on where the last stopped',
    '[input.read(2), input.readline(), input.readlines(), input.read(5)]', 'abcd\ne\nf', "[b'ab', b'cd\\n', [b'e\\n', b'f'], b'']"),
  ...bothFramings('bytes are passed as they are', 'input.read(256 * 4)', Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join(''),
    `b'${Array.from({ length: 256 }, (_, i) => pythonByte(i)).join('')}'`),
  {
    name: 'readlines(hint) may stop at the line that reaches the hint',
    application: giving('b"".join(input.readlines(3)) in (b"ab\\n", b"ab\\ncd\\n", b"ab\\ncd\\nef\\n")'),
    request: post(9), body: ['ab\ncd\nef\n'],
    answer: { status: 200, body: 'True' },
  },
  {
    name: 'a request without a body has an empty input',
    application: giving('[input.read(1), input.readline(), input.readlines(), list(input)]'),
    answer: { status: 200, body: "[b'', b'', [], []]" },
  },
  {
    name: 'a body of no length is at its end at once',
    application: giving('input.read(1)'),
    request: post(0),
    answer: { status: 200, body: "b''" },
  },
  {
    name: 'an empty chunked body is at its end at once',
    application: giving('[input.read(1), environ.get("CONTENT_LENGTH", "none")]'),
    request: chunkedPost, body: ['0\r\n\r\n'],
    answer: { status: 200, body: "[b'', 'none']" },
  },
  {
    name: 'the trailers of a chunked body are no part of it',
    application: giving('input.read(100)'),
    request: chunkedPost, body: ['3\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n'],
    answer: { status: 200, body: "b'abc'" },
  },
  {
    name: 'the input ends with the body, whatever the client sends behind it',
    application: giving('[input.read(100), input.read(100)]'),
    talk: async ({ client, lines }) => {
      await client.send(`POST / HTTP/1.1\r\nContent-Length: 3\r\n${lines}\r\nabcGET / HTTP/1.1\r\n${lines}\r\n`)
      assert.equal((await client.finalResponse('POST')).body.toString(), "[b'abc', b'']")
      assert.equal((await client.finalResponse()).body.toString(), "[b'', b'']")
    },
    withoutGunicorn: 'its sync worker keeps no connection',
  },
  {
    name: 'a body that nobody read does not hurt the next request of the connection',
    application: `
      def application(environ, start_response):
          start_response('200 OK', TEXT)
          return [environ['PATH_INFO'].encode()]
    `,
    talk: async ({ client, lines }) => {
      await client.send(`POST /a HTTP/1.1\r\nContent-Length: 30\r\n${lines}\r\n${'GET /x HTTP/1.1'.padEnd(30)}`)
      assert.equal((await client.finalResponse('POST')).body.toString(), '/a')
      await client.send(`GET /b HTTP/1.1\r\n${lines}\r\n`)
      assert.equal((await client.finalResponse()).body.toString(), '/b')
    },
    withoutGunicorn: 'its sync worker keeps no connection',
  },
  {
    name: 'read(size) waits for so many bytes, however slowly they come',
    application: giving('[input.read(6), input.read(6)]'),
    talk: async ({ client, lines }) => {
      await client.send(`POST / HTTP/1.1\r\nContent-Length: 8\r\n${lines}\r\n`)
      for (const byte of 'abcdefgh') {
        await new Promise((resolve) => setTimeout(resolve, 10))
        await client.send(byte)
      }
      assert.equal((await client.finalResponse('POST')).body.toString(), "[b'abcdef', b'gh']")
    },
  },
  {
    name: 'a client that waits for 100 Continue gets it',
    application: giving('input.read(10)'),
    talk: async ({ client, lines }) => {
      await client.send(`POST / HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n${lines}\r\n`)
      assert.equal((await client.response('POST')).status, 100)
      await client.send('abc')
      assert.equal((await client.finalResponse('POST')).body.toString(), "b'abc'")
    },
  },
  {
    name: 'a body of a megabyte is read line by line, and whole',
    application: `
      import hashlib
      def application(environ, start_response):
          input = environ['wsgi.input']
          digest, lines = hashlib.sha256(), 0
          for line in input:
              digest.update(line)
              lines += 1
          start_response('200 OK', TEXT)
          return [(str(lines) + ' ' + digest.hexdigest()).encode()]
    `,
    request: post(1 << 20), body: ['0123456789abcd\r\n'.repeat(1 << 15), '0123456789abcd\r\n'.repeat(1 << 15)],
    answer: { status: 200, body: `${1 << 16} 7c10a4a25752977dee92f49a46c65d484ccc4cc1d6b3b302cff8d93aa049d3e7` },
  },
  {
    name: 'wsgi.errors takes text by write, writelines and print, and can be flushed',
    application: `
      def application(environ, start_response):
          errors = environ['wsgi.errors']
          errors.write('written to the log \\u00e9\\n')
          errors.writelines(['lines to the log\\n'])
          errors.flush()
          start_response('200 OK', TEXT)
          return [b'told']
    `,
    answer: { status: 200, body: 'told' },
    log: /written to the log é[^]*lines to the log/,
  },
]

/** As repr() shows it. */
function pythonByte(code: number): string {
  const named: Record<number, string> = { 9: '\\t', 39: "\\'", 10: '\\n', 13: '\\r', 92: '\\\\' }
  if (code in named) return named[code] as string
  if (code < 32 || code > 126) return `\\x${code.toString(16).padStart(2, '0')}`
  return String.fromCharCode(code)
}
