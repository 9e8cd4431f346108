/** PEP 3333, "The start_response() Callable", "Error Handling", "Unicode Issues". */
import type { Case } from './case.ts'

const byApplication = 'the application breaks the contract'

/** Answers by start_response with these arguments. */
const starting = (status: string, headers: string): string => `
  def application(environ, start_response):
      start_response(${status}, ${headers})
      return [b'ok']
`

/** What is no status or no header: a 500, and a word of it in the log. */
const refused: readonly (readonly [what: string, status: string, headers: string])[] = [
  ['a status that is bytes', "b'200 OK'", 'TEXT'],
  ['a status without a number', "'OK'", 'TEXT'],
  ['a status with a line break', "'200 OK\\r\\nX-Made: 1'", 'TEXT'],
  ['an interim status', "'100 Continue'", 'TEXT'],
  ['a name with a line break', "'200 OK'", "[('Content-Type\\r\\nX-Made', 'a')]"],
  ['a name that is no token', "'200 OK'", "TEXT + [('X Made', 'a')]"],
  ['an empty name', "'200 OK'", "TEXT + [('', 'a')]"],
  ['a value with a line break', "'200 OK'", "TEXT + [('X-Made', 'a\\r\\nX-Other: b')]"],
  ['a value with a NUL', "'200 OK'", "TEXT + [('X-Made', 'a\\0')]"],
  ['a value that is bytes', "'200 OK'", "TEXT + [('X-Made', b'a')]"],
  ['a value that is a number', "'200 OK'", "TEXT + [('Content-Length', 2)]"],
  ['a value beyond latin-1', "'200 OK'", "TEXT + [('X-Made', '\\u20ac')]"],
]

export const startResponseCases: readonly Case[] = [
  {
    name: 'status and headers reach the client in order, in their own case, and repeated ones stay apart',
    application: starting("'299 Fine By Me'", "TEXT + [('X-b', '2'), ('set-cookie', 'a=1'), ('X-A', '1'), ('set-cookie', 'b=2')]"),
    answer: {
      status: 299, reason: 'Fine By Me', body: 'ok',
      fields: { 'Content-Type': ['text/plain'], 'X-b': ['2'], 'X-A': ['1'], 'set-cookie': ['a=1', 'b=2'] },
    },
  },
  {
    name: 'a value is passed as latin-1',
    application: starting("'200 OK'", "TEXT + [('X-Name', 'caf\\u00e9 \\u00ff')]"),
    answer: { status: 200, fields: { 'X-Name': ['caf\xe9 \xff'] } },
  },
  {
    name: 'the list of headers is not changed by the server',
    application: `
      HEADERS = TEXT + [('X-A', 'b')]
      def application(environ, start_response):
          before = list(HEADERS)
          start_response('200 OK', HEADERS)
          yield b'a'
          yield str(HEADERS == before).encode()
    `,
    answer: { status: 200, body: 'aTrue' },
  },
  {
    name: 'what is done to the list of headers afterwards does not count',
    application: `
      def application(environ, start_response):
          headers = TEXT + [('X-A', 'b')]
          start_response('200 OK', headers)
          headers.append(('X-Late', 'c'))
          return [b'ok']
    `,
    answer: { status: 200, fields: { 'X-A': ['b'], 'X-Late': [] } },
  },
  {
    name: 'start_response gives write, a callable',
    application: `
      def application(environ, start_response):
          write = start_response('200 OK', TEXT)
          return [str(callable(write)).encode()]
    `,
    answer: { status: 200, body: 'True' },
  },
  {
    name: 'start_response may be called by the iterable, before its first block',
    application: `
      def application(environ, start_response):
          yield b''
          start_response('202 Accepted', TEXT)
          yield b''
          yield b'late'
    `,
    answer: { status: 202, body: 'late' },
    bare: 'wsgiref.validate asks for it before any block, empty ones too',
    withoutGunicorn: 'it sends the headers with an empty block',
  },
  {
    name: 'start_response may be called when the iterable is first asked',
    application: `
      def application(environ, start_response):
          start_response('202 Accepted', TEXT)
          yield b'in time'
    `,
    answer: { status: 202, body: 'in time' },
  },
  {
    name: 'a second call without exc_info raises',
    application: `
      def application(environ, start_response):
          start_response('200 OK', TEXT)
          try:
              start_response('404 Not Found', TEXT)
          except Exception as error:
              note('raised')
          return [b'first']
    `,
    answer: { status: 200, body: 'first' },
    events: ['raised'],
  },
  {
    name: 'with exc_info before anything was sent, status and headers are replaced',
    application: `
      import sys
      def application(environ, start_response):
          start_response('200 OK', TEXT + [('X-First', '1'), ('Content-Length', '100')])
          try:
              raise ValueError('found out late')
          except ValueError:
              start_response('503 Busy', TEXT + [('X-Second', '2')], sys.exc_info())
          return [b'second']
    `,
    answer: { status: 503, reason: 'Busy', fields: { 'X-First': [], 'X-Second': ['2'] }, body: 'second' },
    withoutGunicorn: 'it sends the headers of both calls',
  },
  {
    name: 'with exc_info behind empty blocks, status and headers are still replaced',
    application: `
      import sys
      def application(environ, start_response):
          start_response('200 OK', TEXT)
          yield b''
          try:
              raise ValueError('found out late')
          except ValueError:
              start_response('503 Busy', TEXT, sys.exc_info())
          yield b'second'
    `,
    answer: { status: 503, body: 'second' },
    withoutGunicorn: 'it sends the headers with an empty block',
  },
  {
    name: 'with exc_info at the first call it is a first call',
    application: `
      import sys
      def application(environ, start_response):
          try:
              raise ValueError('before the start')
          except ValueError:
              start_response('500 Own Page', TEXT, sys.exc_info())
          return [b'own page']
    `,
    answer: { status: 500, reason: 'Own Page', body: 'own page' },
  },
  {
    name: 'with exc_info after the headers were sent, the very exception is raised again',
    application: `
      import sys
      def application(environ, start_response):
          start_response('200 OK', TEXT)
          yield b'sent'
          error = ValueError('too late')
          try:
              raise error
          except ValueError:
              try:
                  start_response('503 Busy', TEXT, sys.exc_info())
              except ValueError as again:
                  note(again is error)
          yield b', and on'
    `,
    answer: { status: 200, body: 'sent, and on' },
    events: [true],
  },
  {
    name: 'an exception raised again by exc_info cuts the answer',
    application: `
      import sys
      def application(environ, start_response):
          start_response('200 OK', TEXT)
          yield b'sent'
          try:
              raise ValueError('cut by this')
          except ValueError:
              start_response('503 Busy', TEXT, sys.exc_info())
    `,
    answer: { status: 200, body: 'sent', cut: true },
    log: /cut by this/,
  },
  {
    name: 'an answer without start_response is a 500',
    application: `
      def application(environ, start_response):
          return [b'nothing said']
    `,
    answer: { status: 500 },
    bare: byApplication,
    withoutGunicorn: 'it sends None as the status',
  },
  {
    name: 'headers of the connection are the server\'s: those of the application are dropped',
    application: starting("'200 OK'", "TEXT + [('Keep-Alive', 'timeout=5'), ('Proxy-Authenticate', 'x'), ('Connection', 'X-A'), ('X-A', 'b')]"),
    answer: { status: 200, body: 'ok', fields: { 'Keep-Alive': [], 'X-A': ['b'] } },
    bare: byApplication,
  },
  ...refused.map(([what, status, headers]): Case => ({
    name: `${what} is refused, and nothing of the answer is sent`,
    application: starting(status, headers),
    answer: { status: 500, fields: { 'X-Made': [], 'X-Other': [] } },
    bare: byApplication,
    ...(what === 'an interim status' && { withoutGunicorn: 'it closes the connection without an answer' }),
  })),
]
