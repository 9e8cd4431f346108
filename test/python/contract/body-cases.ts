/** PEP 3333, "Buffering and Streaming", "Handling the Content-Length Header", "Optional Platform-Specific File Handling". */
import { strict as assert } from 'node:assert'
import type { Case } from './case.ts'

const length = 'wsgiref.validate hides the length of a list'
const byApplication = 'the application breaks the contract'

const forms: Readonly<Record<string, string>> = {
  'a list': "return [b'one,', b'', b'two,', b'three']",
  'a tuple': "return (b'one,', b'', b'two,', b'three')",
  'an iterator': "return iter([b'one,', b'', b'two,', b'three'])",
  'a generator': "return (block for block in [b'one,', b'', b'two,', b'three'])",
  'an object with __getitem__ only': 'return Indexed()',
  'an object with __iter__': 'return Iterable()',
  'write()': "write(b'one,'); write(b''); write(b'two,'); return [b'three']",
}

const answering = (statement: string, headers: string = 'TEXT', status: string = '200 OK'): string => `
  class Indexed:
      def __getitem__(self, i):
          return (b'one,', b'', b'two,', b'three')[i]
  class Iterable:
      def __iter__(self):
          yield from (b'one,', b'', b'two,', b'three')
  def application(environ, start_response):
      write = start_response('${status}', ${headers})
      ${statement}
`

/** A file in the working directory, 100 bytes. */
const file = (open: string, headers: string = 'TEXT'): string => `
  import io
  NAME = 'hundred-bytes'
  with open(NAME, 'wb') as made:
      made.write(b'0123456789' * 10)
  def application(environ, start_response):
      file = ${open}
      start_response('200 OK', ${headers})
      return environ['wsgi.file_wrapper'](file, 7)
`

const bodiless = ['204 No Content', '304 Not Modified'] as const

export const bodyCases: readonly Case[] = [
  ...Object.entries(forms).flatMap(([form, statement]): Case[] => ['1.1', '1.0'].map((version) => ({
    name: `${form} arrives in order on HTTP/${version}`,
    application: answering(statement),
    request: `GET / HTTP/${version}`,
    answer: { status: 200, body: 'one,two,three' },
  }))),
  {
    name: 'a list of one block is sent with its length',
    application: answering("return [b'twelve bytes']"),
    answer: { status: 200, body: 'twelve bytes' },
    onPulsar: { status: 200, fields: { 'Content-Length': ['12'], 'Transfer-Encoding': [] } },
    bare: length,
  },
  {
    name: 'an empty list is an empty body',
    application: answering('return []'),
    answer: { status: 200, body: '' },
    onPulsar: { status: 200, fields: { 'Content-Length': ['0'] } },
    bare: length,
  },
  { name: 'a generator without blocks is an empty body', application: answering('return iter(())'), answer: { status: 200, body: '' } },
  {
    name: 'a length that the application gives is the one that is sent',
    application: answering("return iter([b'twelve', b' bytes'])", "TEXT + [('Content-Length', '12')]"),
    answer: { status: 200, body: 'twelve bytes', fields: { 'Content-Length': ['12'], 'Transfer-Encoding': [] } },
  },
  {
    name: 'more bytes than the length are not sent, and the connection goes on',
    application: answering("return iter([b'twelve', b' bytes', b' and more'])", "TEXT + [('Content-Length', '8')]"),
    talk: async ({ client, lines }) => {
      for (let i = 0; i < 2; i++) {
        await client.send(`GET / HTTP/1.1\r\n${lines}\r\n`)
        assert.equal((await client.finalResponse()).body.toString(), 'twelve b')
      }
    },
    bare: byApplication,
    withoutGunicorn: 'its sync worker keeps no connection',
  },
  {
    name: 'fewer bytes than the length cut the connection',
    application: answering("return iter([b'twelve'])", "TEXT + [('Content-Length', '8')]"),
    answer: { status: 200, body: 'twelve', cut: true },
    bare: byApplication,
  },
  {
    name: 'each block is sent before the next is asked for',
    application: `
      def application(environ, start_response):
          start_response('200 OK', TEXT)
          yield b'first'
          wait_for_client(environ)
          yield b'second'
    `,
    talk: async ({ client, lines, go }) => {
      await client.send(`GET / HTTP/1.1\r\n${lines}\r\n`)
      while (!client.received().includes('first')) await new Promise((resolve) => setTimeout(resolve, 2))
      go()
      assert.equal((await client.finalResponse()).body.toString(), 'firstsecond')
    },
  },
  {
    name: 'write() sends at once, and the iterable comes behind',
    application: `
      def application(environ, start_response):
          write = start_response('200 OK', TEXT)
          write(b'first')
          wait_for_client(environ)
          write(b'second')
          return [b'third']
    `,
    talk: async ({ client, lines, go }) => {
      await client.send(`GET / HTTP/1.1\r\n${lines}\r\n`)
      while (!client.received().includes('first')) await new Promise((resolve) => setTimeout(resolve, 2))
      go()
      assert.equal((await client.finalResponse()).body.toString(), 'firstsecondthird')
    },
  },
  {
    name: 'empty blocks do not send the headers',
    application: `
      import sys
      def application(environ, start_response):
          start_response('200 OK', TEXT)
          yield b''
          wait_for_client(environ)
          try:
              raise KeyError('late')
          except KeyError:
              start_response('404 Not Found', TEXT, sys.exc_info())
          yield b'not there'
    `,
    talk: async ({ client, lines, go }) => {
      await client.send(`GET / HTTP/1.1\r\n${lines}\r\n`)
      await new Promise((resolve) => setTimeout(resolve, 100))
      assert.equal(client.received().length, 0)
      go()
      assert.equal((await client.finalResponse()).status, 404)
    },
    withoutGunicorn: 'it sends the headers with an empty block',
  },
  {
    name: 'HEAD is answered with the head of the GET, and no body',
    application: answering("return [b'twelve bytes']", "TEXT + [('Content-Length', '12')]"),
    request: 'HEAD / HTTP/1.1',
    answer: { status: 200, body: '', fields: { 'Content-Length': ['12'] } },
  },
  {
    name: 'HEAD without a length is answered, and the connection goes on',
    application: answering("return iter([b'twelve', b' bytes'])"),
    talk: async ({ client, lines }) => {
      for (let i = 0; i < 2; i++) {
        await client.send(`HEAD / HTTP/1.1\r\n${lines}\r\n`)
        assert.equal((await client.finalResponse('HEAD')).status, 200)
      }
    },
    withoutGunicorn: 'its sync worker keeps no connection',
  },
  ...bodiless.map((status): Case => ({
    name: `${status} has no body, whatever the application gives`,
    application: answering("return [b'not wanted']", '[]', status),
    talk: async ({ client, lines }) => {
      for (let i = 0; i < 2; i++) {
        await client.send(`GET / HTTP/1.1\r\n${lines}\r\n`)
        const { status: number, body } = await client.finalResponse()
        assert.deepEqual([number, body.length], [Number(status.slice(0, 3)), 0])
      }
    },
    bare: byApplication,
    withoutGunicorn: 'its sync worker keeps no connection',
  })),
  {
    name: 'a body of ten megabytes arrives whole',
    application: `
      def application(environ, start_response):
          start_response('200 OK', TEXT)
          return (bytes([65 + i % 26]) * 65536 for i in range(160))
    `,
    answer: { status: 200, body: Array.from({ length: 160 }, (_, i) => String.fromCharCode(65 + i % 26).repeat(65536)).join('') },
  },
  {
    name: 'one block of ten megabytes arrives whole',
    application: answering("return [b'0123456789' * (1 << 20)]"),
    answer: { status: 200, body: '0123456789'.repeat(1 << 20) },
  },
  {
    name: 'a block that is text is an error of the application',
    application: answering("return ['text']"),
    answer: { status: 500 },
    bare: byApplication,
    withoutGunicorn: 'it sends the headers before it looks at the block',
  },
  {
    name: 'bytes in place of an iterable of bytes are an error of the application',
    application: answering("return b'text'"),
    answer: { status: 500 },
    bare: byApplication,
    withoutGunicorn: 'it sends the headers before it looks at the block',
  },
  {
    name: 'None in place of an iterable is an error of the application',
    application: answering('return None'),
    answer: { status: 500 },
    bare: byApplication,
  },
  {
    name: 'wsgi.file_wrapper sends a file',
    application: file("open(NAME, 'rb')"),
    answer: { status: 200, body: '0123456789'.repeat(10) },
  },
  {
    name: 'wsgi.file_wrapper sends a file from where it was read to',
    application: file("open(NAME, 'rb'); file.seek(95)"),
    answer: { status: 200, body: '56789' },
  },
  {
    name: 'wsgi.file_wrapper sends a part of a file, of the length that the application gave',
    application: file("open(NAME, 'rb'); file.seek(10)", "TEXT + [('Content-Length', '15')]"),
    answer: { status: 200, body: '012345678901234', fields: { 'Content-Length': ['15'] } },
    bare: 'wsgiref.validate makes it an iterable of more than its length',
  },
  {
    name: 'wsgi.file_wrapper sends what is no file of the system',
    application: file("io.BytesIO(b'in memory only')"),
    answer: { status: 200, body: 'in memory only' },
  },
  {
    name: 'wsgi.file_wrapper closes its file',
    application: `
      import io
      class Watched(io.BytesIO):
          def close(self):
              note('closed')
              super().close()
      def application(environ, start_response):
          start_response('200 OK', TEXT)
          return environ['wsgi.file_wrapper'](Watched(b'a file'))
    `,
    answer: { status: 200, body: 'a file' },
    events: ['closed'],
  },
  {
    name: 'what wsgi.file_wrapper gives is an iterable for middleware',
    application: `
      import io
      def application(environ, start_response):
          start_response('200 OK', TEXT)
          for block in environ['wsgi.file_wrapper'](io.BytesIO(b'abcdefgh'), 3):
              yield block.upper() + b'.'
    `,
    answer: { status: 200, body: 'ABC.DEF.GH.' },
  },
  {
    name: 'HEAD of a file has no body',
    application: file("open(NAME, 'rb')"),
    request: 'HEAD / HTTP/1.1',
    answer: { status: 200, body: '' },
  },
  {
    name: 'a part of a file is sent to a client that asks for it',
    application: file("open(NAME, 'rb')"),
    request: 'GET / HTTP/1.1\r\nRange: bytes=5-8',
    answer: { status: 206, body: '5678', fields: { 'Content-Range': ['bytes 5-8/100'] } },
    bare: 'behind wsgiref.validate it is no file any more',
    withoutGunicorn: 'it answers no ranges',
  },
]
