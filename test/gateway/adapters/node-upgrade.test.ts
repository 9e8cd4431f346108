/** What listens to a server's upgrade and connect: WebSockets by ws, Socket.IO, tunnels, refusals. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { describe, test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { fromNode } from '../../../src/gateway/adapters/index.ts'
import { twins } from '../../support/node-twins.ts'
import { valuesOf } from '../../support/raw-client.ts'
import { ServedApplication } from '../../support/served-application.ts'

const handshake = 'GET /socket HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: echo\r\n\r\n'
const asked = createServer((req, res) => { res.end(`${req.method} ${req.url}`) })

/** The head as the listener wrote it, in two pieces, and then what the client sends. */
function echo(server: Server): Server {
  return server.on('upgrade', (req, socket: Duplex, head: Buffer) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n')
    socket.write(`Connection: Upgrade\r\nX-Url: ${req.url}\r\n\r\n`)
    if (head.length > 0) socket.unshift(head)
    socket.on('data', (bytes: Buffer) => socket.write(`echo ${bytes.toString()}`))
    socket.on('end', () => socket.end('bye'))
  })
}

describe('listeners to upgrade', () => {
  twins('take the connection over', () => () => undefined, async (client) => {
    await client.send(`${handshake}early`)
    const { status, fields } = await client.response()
    const first = (await client.bytes(10)).toString('latin1', 0, 10)
    await client.send('late')
    const second = (await client.bytes(9)).toString()
    client.end()
    const named = fields.filter(([name]) => name === 'X-Url' || name === 'Upgrade')
    return [status, named, first, second, (await client.untilClosed()).toString()]
  }, { environ: false, server: (handler) => echo(createServer(handler)), order: 'any' })

  test('get it from below WSGI middleware too', async () => {
    const application = fromNode(echo(createServer()))
    await using served = await ServedApplication.start((environ, startResponse) => application(environ, startResponse))
    const client = await served.client()
    await client.send(handshake)
    assert.equal((await client.response()).status, 101)
    await client.send('x')
    assert.equal((await client.bytes(6)).toString(), 'echo x')
    client.destroy()
  })

  test('are not asked where there are none, nor for other requests', async () => {
    await using plain = await ServedApplication.start(fromNode(asked))
    assert.equal((await plain.request(handshake)).body.toString(), 'GET /socket')
    await using served = await ServedApplication.start(fromNode(echo(createServer((_req, res) => { res.end('plain') }))))
    assert.equal((await served.get()).body.toString(), 'plain')
  })

  twins('may refuse', () => () => undefined, async (client) => {
    await client.send(handshake)
    const { status, reason, body } = await client.response()
    await client.untilClosed()
    return [status, reason, body.toString()]
  }, {
    environ: false,
    server: () => createServer().on('upgrade', (_req, socket: Duplex) => {
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nno')
    }),
  })

  test('that write a refusal and destroy the socket at once are answered for', async () => {
    await using served = await ServedApplication.start(fromNode(createServer().on('upgrade', (_req, socket: Duplex) => {
      socket.write('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')
      socket.destroy()
    })))
    assert.equal((await served.request(handshake)).status, 400)
  })

  test('that write no HTTP cut the connection', async () => {
    await using served = await ServedApplication.start(fromNode(createServer().on('upgrade', (_req, socket: Duplex) => {
      socket.on('error', () => undefined)
      socket.write('nonsense\r\n\r\n')
    })))
    const client = await served.client()
    await client.send(handshake)
    assert.equal((await client.untilClosed()).length, 0)
    assert.equal(served.seen('refused')[0]?.cause, 'application-cut')
  })

  test('that end the socket without an answer end the connection', async () => {
    const server = createServer().on('upgrade', (_req, socket: Duplex) => { socket.end('Unauthorized') })
    await using served = await ServedApplication.start(fromNode(server))
    const client = await served.client()
    await client.send(handshake)
    assert.equal((await client.untilClosed()).length, 0)
    assert.equal(served.errors.length, 0)
  })

  test('are told when the client goes, and when the server stops', async () => {
    const sockets: Duplex[] = []
    await using served = await ServedApplication.start(fromNode(echo(createServer()).on('upgrade', (_req, socket: Duplex) => { sockets.push(socket) })))
    const client = await served.client()
    await client.send(handshake)
    await client.response()
    // once() would take the error of a reset for its own.
    const closed = new Promise<void>((resolve) => { (sockets[0] as Duplex).on('error', () => undefined).on('close', resolve) })
    client.reset()
    await assert.doesNotReject(closed)
    const other = await served.client()
    await other.send(handshake)
    await other.response()
    const retired = once(sockets[1] as Duplex, 'retire')
    const stopped = served.stop(0.1)
    await retired
    ;(sockets[1] as Duplex).destroy()
    await stopped
  })
})

describe('CONNECT', () => {
  const request = 'CONNECT b.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\n'

  test('goes to listeners of connect', async () => {
    await using served = await ServedApplication.start(fromNode(createServer().on('connect', (req, socket: Duplex) => {
      socket.write(`HTTP/1.1 200 Connection Established\r\n\r\n${req.url} `)
      socket.on('data', (bytes: Buffer) => socket.end(bytes))
    })))
    const client = await served.client()
    await client.send(request)
    assert.equal((await client.response('CONNECT')).status, 200)
    await client.send('through')
    assert.equal((await client.untilClosed()).toString(), 'b.example:443 through')
  })

  test('is refused where there are none', async () => {
    await using served = await ServedApplication.start(fromNode(asked))
    const client = await served.client()
    await client.send(request)
    assert.equal((await client.response('CONNECT')).status, 501)
  })
})

describe('ws', () => {
  test('serves WebSockets beside requests', async () => {
    const server = createServer((_req, res) => { res.end('page') })
    const sockets = new WebSocketServer({ server, path: '/socket' })
    sockets.on('connection', (socket, req) => {
      socket.send(`hello ${req.socket.remoteAddress}`)
      socket.on('message', (data, binary) => socket.send(data as Buffer, { binary }))
    })
    await using served = await ServedApplication.start(fromNode(server))
    const client = new WebSocket(`ws://127.0.0.1:${served.port}/socket`)
    const messages: string[] = []
    const large = 'x'.repeat(300_000)
    await new Promise<void>((resolve, reject) => {
      client.on('error', reject)
      client.on('open', () => { client.send('one'); client.send(large) })
      client.on('message', (data: Buffer) => { if (messages.push(data.toString()) === 3) resolve() })
    })
    assert.deepEqual(messages, ['hello 127.0.0.1', 'one', large])
    const closed = once(client, 'close')
    client.close(1000, 'done')
    assert.equal((await closed)[0], 1000)
    assert.equal((await served.get()).body.toString(), 'page')
    const refused = new WebSocket(`ws://127.0.0.1:${served.port}/elsewhere`)
    assert.match(String((await once(refused, 'error'))[0]), /Unexpected server response: 400/)
    sockets.close()
  })
})

describe('Socket.IO', () => {
  interface IoSocket {
    on(event: string, listener: (...parameters: never[]) => void): this
    emitWithAck(event: string, ...parameters: unknown[]): Promise<unknown>
    close(): void
  }
  interface IoServer { on(event: 'connection', listener: (socket: IoSocket) => void): this, close(): Promise<void> }
  const require = createRequire(import.meta.url)
  const { Server: Io } = require('socket.io') as { Server: new (server: Server) => IoServer }
  const { io } = require('socket.io-client') as { io: (url: string, options: object) => IoSocket }

  for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
    test(`talks by ${transports.join(', then ')}`, async () => {
      const server = createServer()
      const sockets = new Io(server)
      sockets.on('connection', (socket) => {
        socket.on('add', ((a: number, b: number, answer: (sum: number) => void) => answer(a + b)) as () => void)
      })
      await using served = await ServedApplication.start(fromNode(server))
      const client = io(`http://127.0.0.1:${served.port}`, { transports })
      try {
        await new Promise<void>((resolve, reject) => {
          client.on('connect', () => resolve())
          client.on('connect_error', reject as () => void)
        })
        assert.equal(await client.emitWithAck('add', 2, 3), 5)
        for (let i = 0; i < 20; i++) assert.equal(await client.emitWithAck('add', i, i), i * 2)
      } finally {
        client.close()
        await sockets.close()
      }
      assert.deepEqual(served.errors, [])
    })
  }
})

test('an answer without an upgrade has no field of one', async () => {
  await using served = await ServedApplication.start(fromNode(asked))
  assert.deepEqual(valuesOf(await served.request(handshake), 'upgrade'), [])
})
