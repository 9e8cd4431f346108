/** PEP 3333, "environ Variables": types and presence; values are compared in environ.test.ts. */
import type { Case } from './case.ts'

export const environCases: readonly Case[] = [
  {
    name: 'environ is a builtin dict, and the variables of CGI are native strings without a character above U+00FF',
    application: `
      def application(environ, start_response):
          assert type(environ) is dict
          for name, value in environ.items():
              assert type(name) is str
              if '.' not in name:
                  assert type(value) is str, name
                  value.encode('latin-1')
          start_response('200 OK', TEXT)
          return [b'as it should be']
    `,
    request: 'GET /caf%C3%A9/%FF?q=%C3%A9 HTTP/1.1\r\nX-Name: caf\xe9',
    answer: { status: 200, body: 'as it should be' },
  },
  {
    name: 'the variables that must be there are there, and those of wsgi have their types',
    application: `
      def application(environ, start_response):
          for name in ('REQUEST_METHOD', 'SERVER_NAME', 'SERVER_PORT', 'SERVER_PROTOCOL'):
              assert environ[name], name
          assert environ['wsgi.version'] == (1, 0) and type(environ['wsgi.version']) is tuple
          assert environ['wsgi.url_scheme'] == 'http'
          for name in ('wsgi.multithread', 'wsgi.multiprocess', 'wsgi.run_once'):
              assert type(environ[name]) is bool, name
          assert environ['wsgi.run_once'] is False
          start_response('200 OK', TEXT)
          return [b'all there']
    `,
    answer: { status: 200, body: 'all there' },
  },
  {
    name: 'an application may change its environ, and the next request does not see it',
    application: `
      def application(environ, start_response):
          seen = 'example.seen' in environ or environ['PATH_INFO'] == 'changed'
          environ['example.seen'] = True
          environ['PATH_INFO'] = 'changed'
          environ['wsgi.version'] = None
          start_response('200 OK', TEXT)
          return [b'seen' if seen else b'new']
    `,
    talk: async ({ client, lines }) => {
      for (let i = 0; i < 2; i++) {
        await client.send(`GET / HTTP/1.1\r\n${lines}\r\n`)
        const { body } = await client.finalResponse()
        if (body.toString() !== 'new') throw new Error(`request ${i + 1} saw ${body.toString()}`)
      }
    },
    withoutGunicorn: 'its sync worker keeps no connection',
  },
  {
    name: 'a field that is repeated is joined with commas, and a cookie with semicolons',
    application: `
      def application(environ, start_response):
          start_response('200 OK', TEXT)
          return [repr((environ['HTTP_X_MANY'], environ['HTTP_COOKIE'])).encode()]
    `,
    request: 'GET / HTTP/1.1\r\nX-Many: a\r\nCookie: a=1\r\nX-Many: b\r\nCookie: b=2',
    answer: { status: 200, body: "('a,b', 'a=1; b=2')" },
    withoutGunicorn: 'it joins cookies with commas, which RFC 6265 section 5.4 does not allow',
  },
  {
    name: 'a field whose name has an underscore, or is Proxy, does not reach the application',
    application: `
      def application(environ, start_response):
          start_response('200 OK', TEXT)
          return [str(sorted(name for name in environ if name in ('HTTP_PROXY', 'HTTP_X_FORWARDED_FOR'))).encode()]
    `,
    request: 'GET / HTTP/1.1\r\nX_Forwarded_For: 192.0.2.9\r\nProxy: http://192.0.2.9/',
    answer: { status: 200, body: '[]' },
    withoutGunicorn: 'it passes Proxy on',
  },
  {
    name: 'the length and the type of a body have no HTTP_ variable of their own',
    application: `
      def application(environ, start_response):
          assert 'HTTP_CONTENT_LENGTH' not in environ and 'HTTP_CONTENT_TYPE' not in environ
          start_response('200 OK', TEXT)
          return [(environ['CONTENT_LENGTH'] + ' ' + environ['CONTENT_TYPE']).encode()]
    `,
    request: 'POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Type: text/x-three',
    body: ['abc'],
    answer: { status: 200, body: '3 text/x-three' },
  },
  {
    name: 'an application can ask whether the client is still there',
    application: `
      def application(environ, start_response):
          gone = environ['pulsar.client_disconnected']()
          start_response('200 OK', TEXT)
          return [str(gone).encode()]
    `,
    answer: { status: 200, body: 'False' },
    withoutGunicorn: 'the variable is Pulsar\'s',
  },
]
