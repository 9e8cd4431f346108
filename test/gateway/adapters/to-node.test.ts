/** Applications of this package in servers of other people: Express, and node:http alone. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRequire } from 'node:module'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { WebSocket as Client } from 'ws'
import { fromFetch, fromNode, toNode } from '../../../src/gateway/adapters/index.ts'
import { validator } from '../../../src/gateway/validator.ts'
import type { WSGIApplication } from '../../../src/gateway/wsgi.ts'
import { WsgiHandler } from '../../../src/index.ts'
import { WebSocket } from '../../../src/ws/index.ts'
import { RawClient, valuesOf } from '../../support/raw-client.ts'

const require = createRequire(import.meta.url)
const express = require('express') as () => {
  (...parameters: Parameters<ReturnType<typeof toNode>>): void
  use(...what: unknown[]): void
}

async function listening(server: Server, talk: (port: number) => Promise<void>): Promise<void> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await talk((server.address() as AddressInfo).port)
  } finally {
    server.close().closeAllConnections()
  }
}

async function ask(port: number, text: string): Promise<Awaited<ReturnType<RawClient['finalResponse']>>> {
  await using client = await RawClient.connect(port)
  await client.send(text)
  return await client.finalResponse(text.split(' ', 1)[0])
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`
const headers: [string, string][] = [['Content-Type', 'text/plain']]

const shown: WSGIApplication = async (environ, startResponse) => {
  const { REQUEST_METHOD: method, SCRIPT_NAME: script, PATH_INFO: path, QUERY_STRING: query, REMOTE_ADDR: from, HTTP_X_ONE: one } = environ
  const body = (await environ['wsgi.input'].read()).toString()
  startResponse('201 Made', [...headers, ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']])
  return [Buffer.from(JSON.stringify({ method, script, path, query, from, one, body }))]
}

describe('a WSGI application', () => {
  test('in a server of node:http', async () => {
    await listening(createServer(toNode(validator(shown))), async (port) => {
      const answer = await ask(port, 'POST /a%20b?c=d HTTP/1.1\r\nHost: a.example\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nbody')
      assert.equal(`${answer.status} ${answer.reason}`, '201 Made')
      assert.deepEqual(valuesOf(answer, 'set-cookie'), ['a=1', 'b=2'])
      assert.deepEqual(valuesOf(answer, 'content-length'), [String(answer.body.length)])
      assert.deepEqual(JSON.parse(answer.body.toString()), {
        method: 'POST', script: '', path: '/a b', query: 'c=d', from: '127.0.0.1', one: '1', body: 'body',
      })
      const chunked = await ask(port, 'POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n')
      assert.equal(JSON.parse(chunked.body.toString()).body, 'abcde')
    })
  })

  test('below a prefix of an Express application', async () => {
    const app = express()
    app.use('/pulsar', toNode(validator(shown)))
    await listening(createServer(app), async (port) => {
      const { script, path } = JSON.parse((await ask(port, get('/pulsar/x?y'))).body.toString()) as { script: string, path: string }
      assert.deepEqual([script, path], ['/pulsar', '/x'])
      assert.equal((await ask(port, get('/elsewhere'))).status, 404)
    })
  })

  test('streams its answer, and waits for a slow client', async () => {
    let made = 0
    let closed = 0
    const blocks: WSGIApplication = (_environ, startResponse) => {
      startResponse('200 OK', headers)
      const body = (async function* () {
        for (; made < 2000; made++) yield Buffer.alloc(65_536, 'x')
      })()
      return Object.assign(body, { close: () => { closed++ } })
    }
    await listening(createServer(toNode(blocks)), async (port) => {
      const client = await RawClient.connect(port)
      client.pause()
      await client.send(get('/'))
      for (let before = -1, still = 0; still < 20; still = before === made && made > 0 ? still + 1 : 0) {
        before = made
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      assert.ok(made < 1000, `${made} blocks were asked for`)
      client.destroy()
      while (closed === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      assert.equal(closed, 1)
    })
  })

  test('that throws is answered with 500 alone, and told to next() of a framework', async () => {
    const throws: WSGIApplication = () => { throw new Error('on purpose') }
    await listening(createServer(toNode(throws)), async (port) => {
      assert.equal((await ask(port, get('/'))).status, 500)
    })
    const app = express()
    app.use(toNode(throws))
    app.use((error: Error, _req: unknown, res: { status(code: number): { send(text: string): void } }, _next: unknown) => {
      res.status(418).send(error.message)
    })
    await listening(createServer(app), async (port) => {
      const { status, body } = await ask(port, get('/'))
      assert.deepEqual([status, body.toString()], [418, 'on purpose'])
    })
  })

  test('that gives less than it has declared is cut', async () => {
    const short: WSGIApplication = (_environ, startResponse) => {
      startResponse('200 OK', [...headers, ['Content-Length', '10']])
      return (async function* () { yield Buffer.from('short') })()
    }
    await listening(createServer(toNode(short)), async (port) => {
      await assert.rejects(ask(port, get('/')), /ended/)
    })
  })

  test('has its WebSockets where the server gives upgrades', async () => {
    const socket = new WebSocket('/echo', { onMessage: (websocket, message) => { void websocket.write(`echo ${String(message)}`) } })
    const handler = toNode(new WsgiHandler([socket]))
    await listening(createServer(handler).on('upgrade', handler.upgrade), async (port) => {
      const client = new Client(`ws://127.0.0.1:${port}/echo`)
      client.on('open', () => client.send('hello'))
      const [message] = await once(client, 'message') as [Buffer]
      assert.equal(message.toString(), 'echo hello')
      client.close()
      await once(client, 'close')
      const refused = new Client(`ws://127.0.0.1:${port}/elsewhere`)
      assert.match(String((await once(refused, 'error'))[0]), /Unexpected server response: 404/)
    })
  })
})

describe('applications of other kinds', () => {
  test('which were made WSGI applications run there too', async () => {
    const fetched = toNode(fromFetch((request) => new Response(`fetch ${new URL(request.url).pathname}`)))
    const handled = toNode(fromNode((req, res) => { res.end(`node ${req.url}`) }))
    await listening(createServer((req, res) => (req.url?.startsWith('/fetch') ? fetched : handled)(req, res)), async (port) => {
      assert.equal((await ask(port, get('/fetch/a'))).body.toString(), 'fetch /fetch/a')
      assert.equal((await ask(port, get('/other'))).body.toString(), 'node /other')
    })
  })
})
