/** PEP 3333, "Specification Details" (close) and "Error Handling"; what escapes an application. */
import { strict as assert } from 'node:assert'
import type { Case } from './case.ts'

/** A body with close(), noted; its blocks, by a generator whose end is noted too. */
const closing = (blocks: string, status: string = '200 OK'): string => `
  class Body:
      def __init__(self, blocks):
          self.blocks = blocks
      def __iter__(self):
          return self
      def __next__(self):
          return next(self.blocks)
      def close(self):
          self.blocks.close()
          note('closed')
  def blocks():
      try:
          ${blocks.split('\n').map((line) => line.trim()).join('; ')}
      finally:
          note('ended')
  def application(environ, start_response):
      start_response('${status}', TEXT)
      return Body(blocks())
`

export const endingCases: readonly Case[] = [
  {
    name: 'close() is called once, after the last block',
    application: closing("yield b'a'; yield b'b'"),
    answer: { status: 200, body: 'ab' },
    events: ['ended', 'closed'],
  },
  {
    name: 'close() is called once after a HEAD',
    application: closing("yield b'a'; yield b'b'"),
    request: 'HEAD / HTTP/1.1',
    answer: { status: 200 },
    events: ['ended', 'closed'],
  },
  {
    name: 'close() is called once after an error before the first block, and the client gets a bare 500',
    application: closing("yield b''; raise RuntimeError('escaped early')"),
    answer: { status: 500 },
    events: ['ended', 'closed'],
    log: /escaped early/,
    withoutGunicorn: 'it sends the headers with an empty block',
  },
  {
    name: 'close() is called once after an error behind a block, and the answer is cut',
    application: closing("yield b'a'; raise RuntimeError('escaped late')"),
    answer: { status: 200, body: 'a', cut: true },
    events: ['ended', 'closed'],
    log: /escaped late/,
  },
  {
    name: 'close() is called once when the client has gone, and the body is not iterated to its end',
    application: closing("while True: yield b'x' * 65536"),
    talk: async ({ client, lines }) => {
      await client.send(`GET / HTTP/1.1\r\n${lines}\r\n`)
      await client.bytes(100_000)
      client.reset()
    },
    events: ['ended', 'closed'],
  },
  {
    name: 'close() of an iterable that was given more than its length is called',
    application: closing("yield b'a'; yield b'b'").replace('TEXT)', "TEXT + [('Content-Length', '1')])"),
    answer: { status: 200, body: 'a' },
    events: ['ended', 'closed'],
    bare: 'the application breaks the contract',
  },
  {
    name: 'what close() raises does not hurt the answer',
    application: `
      class Body(list):
          def close(self):
              raise RuntimeError('raised by close')
      def application(environ, start_response):
          start_response('200 OK', TEXT + [('Content-Length', '5')])
          return Body([b'whole'])
    `,
    answer: { status: 200, body: 'whole' },
    log: /raised by close/,
  },
  {
    name: 'an exception of the application is a bare 500, with the traceback in the log, and costs nobody else anything',
    application: `
      def application(environ, start_response):
          if environ['PATH_INFO'] == '/fine':
              start_response('200 OK', TEXT)
              return [b'fine']
          secret = 'what the client must not see'
          raise RuntimeError(secret)
    `,
    talk: async ({ client, lines }) => {
      for (let i = 0; i < 2; i++) {
        await client.send(`GET / HTTP/1.1\r\n${lines}\r\n`)
        const { status, body } = await client.finalResponse()
        assert.equal(status, 500)
        assert.doesNotMatch(body.toString(), /must not see|Traceback/)
      }
      await client.send(`GET /fine HTTP/1.1\r\n${lines}\r\n`)
      assert.equal((await client.finalResponse()).body.toString(), 'fine')
    },
    log: /Traceback[^]*what the client must not see/,
    withoutGunicorn: 'its sync worker keeps no connection',
  },
  {
    name: 'an exception after start_response, before any block, is a 500 without what was said',
    application: `
      def application(environ, start_response):
          start_response('200 OK', TEXT + [('X-Said', '1')])
          raise RuntimeError('after the start')
    `,
    answer: { status: 500, fields: { 'X-Said': [] } },
  },
  {
    name: 'an exception after write() cuts the answer',
    application: `
      def application(environ, start_response):
          write = start_response('200 OK', TEXT)
          write(b'written')
          raise RuntimeError('after write')
    `,
    answer: { status: 200, body: 'written', cut: true },
  },
  {
    name: 'sys.exit() in an application is an error of that request alone',
    application: `
      import sys
      def application(environ, start_response):
          if environ['PATH_INFO'] == '/exit':
              sys.exit(1)
          start_response('200 OK', TEXT)
          return [b'still here']
    `,
    talk: async ({ client, lines }) => {
      await client.send(`GET /exit HTTP/1.1\r\n${lines}\r\n`)
      assert.equal((await client.finalResponse()).status, 500)
      await client.send(`GET / HTTP/1.1\r\n${lines}\r\n`)
      assert.equal((await client.finalResponse()).body.toString(), 'still here')
    },
    withoutGunicorn: 'its worker exits',
  },
  {
    name: 'a generator that the server does not ask again is closed by it',
    application: `
      def application(environ, start_response):
          start_response('200 OK', TEXT + [('Content-Length', '1')])
          try:
              yield b'a'
              while True:
                  yield b'too much'
          except GeneratorExit:
              note('closed')
              raise
    `,
    answer: { status: 200, body: 'a' },
    events: ['closed'],
    bare: 'the application breaks the contract',
    withoutGunicorn: 'it asks for ever, as it drops what is too much',
  },
]
