import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServedApplication } from '../support/served-application.ts'
import { PubSub } from '../../src/pubsub/pub-sub.ts'
import { mount } from '../../src/web/mount.ts'
import { WsgiHandler } from '../../src/web/wsgi-handler.ts'
import { connect } from '../../src/ws/client.ts'
import type { WebSocketConnection } from '../../src/ws/connection.ts'
import type { WebSocketHandler } from '../../src/ws/handler.ts'
import type { WebSocketOptions } from '../../src/ws/options.ts'
import { PubSubWS } from '../../src/ws/pub-sub-ws.ts'
import { WebSocket } from '../../src/ws/websocket.ts'
import { BINARY, CLOSE, closing, frame, FrameClient, PING, PONG, TEXT } from './frame-client.ts'

/** Clients that are left at the end of a test do not answer a close frame. */
const serve = (handler: WebSocketHandler, options?: WebSocketOptions): Promise<ServedApplication> =>
  ServedApplication.start(new WsgiHandler([new WebSocket('/ws', handler, { closeTimeout: 0.2, ...options })]))

const open = async ({ port }: ServedApplication): Promise<FrameClient> => (await FrameClient.open(port, '/ws')).client

/** A promise, and what resolves it. */
function later<T>(): { readonly promise: Promise<T>, readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((done) => { resolve = done })
  return { promise, resolve }
}

test('text comes as a string, bytes as bytes, and both go back as what they are', async () => {
  await using served = await serve({ onMessage: (ws, text) => ws.write(`${text}!`), onBytes: (ws, bytes) => ws.write(bytes) })
  const client = await open(served)
  await client.send(frame(TEXT, 'grüß'), frame(BINARY, Buffer.from([0, 255])))
  assert.equal(await client.text(), 'grüß!')
  assert.deepEqual((await client.next())?.payload, Buffer.from([0, 255]))
  await client.close()
})

test('messages of all lengths have the shortest head', async () => {
  await using served = await serve({ onMessage: (ws, text) => ws.write('x'.repeat(Number(text))) })
  const client = await open(served)
  for (const length of [0, 1, 125, 126, 127, 65535, 65536, 200_000]) {
    await client.send(frame(TEXT, String(length)))
    assert.equal((await client.text()).length, length)
  }
  await client.close()
})

test('messages are handled one after the other, however long each takes', async () => {
  const log: string[] = []
  const gate = later<void>()
  await using served = await serve({
    onOpen: async (ws) => {
      await gate.promise
      log.push('open')
      await ws.write('open')
    },
    onMessage: async (ws, text) => {
      log.push(`begin ${text}`)
      await new Promise((resolve) => setImmediate(resolve))
      log.push(`end ${text}`)
      await ws.write(text)
    },
    onClose: () => { log.push('close') },
  })
  const client = await open(served)
  await client.send(frame(TEXT, 'a'), frame(TEXT, 'b'))
  gate.resolve()
  for (const expected of ['open', 'a', 'b']) assert.equal(await client.text(), expected)
  await client.close()
  await served.stop()
  assert.deepEqual(log, ['open', 'begin a', 'end a', 'begin b', 'end b', 'close'])
})

test('a ping is answered by a pong with its body, and a handler may do it otherwise', async () => {
  await using served = await serve({})
  const client = await open(served)
  await client.send(frame(PING, 'are you there'))
  assert.equal(await client.text(PONG), 'are you there')
  await client.close()
  await using other = await serve({ onPing: (ws, body) => { ws.write(`pinged: ${body.toString()}`) }, onPong: (ws, body) => { ws.write(`pong: ${body.toString()}`) } })
  const second = await open(other)
  await second.send(frame(PING, '1'), frame(PONG, '2'))
  assert.equal(await second.text(), 'pinged: 1')
  assert.equal(await second.text(), 'pong: 2')
  await second.close()
})

test('the connection has the request that opened it, below a mount too', async () => {
  await using served = await ServedApplication.start(mount({
    '/api': new WsgiHandler([new WebSocket('/rooms/<int:id>', { onOpen: (ws) => ws.write(`${ws.environ.SCRIPT_NAME} ${JSON.stringify(ws.request.params)} ${ws.environ.QUERY_STRING}`) })]),
  }))
  const { client } = await FrameClient.open(served.port, '/api/rooms/7?name=ann')
  assert.equal(await client.text(), '/api {"id":7} name=ann')
  await client.close()
})

test('the closing handshake, begun by the client, tells the handler code and reason', async () => {
  const ended = later<[number, string]>()
  await using served = await serve({ onClose: (_ws, code, reason) => ended.resolve([code, reason]) })
  const client = await open(served)
  await client.send(frame(CLOSE, closing(3999, 'enough')))
  assert.deepEqual(await client.closed(), [3999, 'enough'])
  assert.equal(await client.next(), null)
  assert.deepEqual(await ended.promise, [3999, 'enough'])
})

test('the closing handshake, begun by the server, delivers nothing that comes later', async () => {
  const ended = later<[number, string]>()
  const messages: string[] = []
  await using served = await serve({
    onMessage: (ws, text) => {
      messages.push(text)
      ws.close(4000, 'bye')
      assert.equal(ws.open, false)
      assert.equal(ws.write('too late'), undefined)
    },
    onClose: (_ws, code, reason) => ended.resolve([code, reason]),
  })
  const client = await open(served)
  await client.send(frame(TEXT, 'first'), frame(TEXT, 'second'))
  assert.deepEqual(await client.closed(), [4000, 'bye'])
  await client.send(frame(CLOSE, closing(4000)))
  assert.equal(await client.next(), null)
  assert.deepEqual(await ended.promise, [4000, ''])
  assert.deepEqual(messages, ['first'])
})

test('a client that does not answer a close frame is cut off', async () => {
  const ended = later<number>()
  await using served = await serve({ onOpen: (ws) => ws.close(), onClose: (_ws, code) => ended.resolve(code) }, { closeTimeout: 0.05 })
  const client = await open(served)
  assert.deepEqual(await client.closed(), [1000, ''])
  assert.equal(await ended.promise, 1006)
})

test('a broken connection is 1006', async () => {
  const ended = later<number>()
  await using served = await serve({ onClose: (_ws, code) => ended.resolve(code) })
  const client = await open(served)
  client.raw.reset()
  assert.equal(await ended.promise, 1006)
})

test('codes and reasons that cannot be sent are the caller\'s mistake', async () => {
  const errors: unknown[] = []
  await using served = await serve({
    onOpen: (ws) => {
      for (const [code, reason] of [[1005, ''], [1006, ''], [999, ''], [5000, ''], [1000, 'x'.repeat(124)]] as const) {
        try { ws.close(code, reason) } catch (error) { errors.push(error) }
      }
      ws.close()
    },
  })
  const client = await open(served)
  assert.deepEqual(await client.closed(), [1000, ''])
  assert.deepEqual(errors.map((error) => (error as Error).name), ['TypeError', 'TypeError', 'TypeError', 'TypeError', 'RangeError'])
})

for (const [when, handler] of [
  ['at once', { onMessage: () => { throw new Error('broken handler') } }],
  ['later', { onMessage: async () => { await Promise.resolve(); throw new Error('broken handler') } }],
  ['for a ping', { onMessage: (ws) => ws.ping(), onPong: () => { throw new Error('broken handler') } }],
] satisfies [string, WebSocketHandler][]) {
  test(`a handler that fails ${when} is logged, and the connection closed with 1011 without a word of it`, async () => {
    await using served = await serve(handler)
    const client = await open(served)
    await client.send(frame(TEXT, 'x'), frame(PONG))
    let next = await client.next()
    if (next?.opcode === PING) next = await client.next()
    assert.deepEqual(next?.payload, closing(1011))
    await client.send(frame(CLOSE, closing(1011)))
    assert.match(served.seen('errorsWritten')[0]?.text ?? '', /broken handler/)
  })
}

test('a message that is too long is refused with 1009, in one frame or many', async () => {
  await using served = await serve({ onMessage: (ws) => ws.write('taken') }, { maxMessage: 100 })
  for (const frames of [[frame(TEXT, 'x'.repeat(101))], [frame(TEXT, 'x'.repeat(60), { fin: false }), frame(0, 'x'.repeat(41))], [frame(TEXT, '', { length: 101 })]]) {
    const client = await open(served)
    await client.send(frame(TEXT, 'x'.repeat(100)))
    assert.equal(await client.text(), 'taken')
    await client.send(...frames)
    assert.equal((await client.closed())[0], 1009)
  }
})

test('a message of too many fragments is refused with 1008', async () => {
  await using served = await serve({ onMessage: (ws, text) => ws.write(text) }, { maxFragments: 3 })
  const client = await open(served)
  await client.send(frame(TEXT, 'a', { fin: false }), frame(0, 'b', { fin: false }), frame(0, 'c'))
  assert.equal(await client.text(), 'abc')
  await client.send(frame(TEXT, 'a', { fin: false }), frame(0, 'b', { fin: false }), frame(0, 'c', { fin: false }), frame(0, 'd'))
  assert.equal((await client.closed())[0], 1008)
})

test('writing waits for a slow reader, and is awaited', async () => {
  const size = 32 * 65536
  const done = later<number>()
  await using served = await serve({
    onMessage: async (ws) => {
      let waits = 0
      for (let i = 0; i < 32; i++) {
        const wait = ws.write(Buffer.alloc(65536, i))
        if (wait !== undefined) waits++
        await wait
        assert.ok(ws.bufferedAmount < 200_000)
      }
      done.resolve(waits)
    },
  })
  const client = await open(served)
  await client.send(frame(TEXT, 'go'))
  let received = 0
  while (received < size) received += (await client.next())?.payload.length ?? 0
  assert.equal(received, size)
  assert.ok(await done.promise >= 0)
  await client.close()
})

test('a reader that is too slow for too much is cut off', async () => {
  const ended = later<[number, string]>()
  await using served = await serve({
    onMessage: (ws) => { for (let i = 0; i < 2000 && ws.open; i++) void ws.write(Buffer.alloc(65536)) },
    onClose: (_ws, code, reason) => ended.resolve([code, reason]),
  }, { maxBuffered: 1 << 20 })
  const client = await open(served)
  client.raw.pause()
  await client.send(frame(TEXT, 'go'))
  const [code, reason] = await ended.promise
  assert.equal(code, 1006)
  assert.match(reason, /slow reader/)
})

test('a silent client is pinged, kept where it answers, and cut off where it does not', async () => {
  const ended = later<[number, string]>()
  await using served = await serve({ onClose: (_ws, code, reason) => ended.resolve([code, reason]) }, { pingInterval: 0.05 })
  const client = await open(served)
  for (let i = 0; i < 3; i++) {
    assert.equal(await client.text(PING), '')
    await client.send(frame(PONG))
  }
  assert.equal(await client.text(PING), '')
  const [code, reason] = await ended.promise
  assert.equal(code, 1006)
  assert.match(reason, /no answer to a ping/)
})

test('a server that stops closes connections with 1001', async () => {
  const ended = later<number>()
  await using served = await serve({ onClose: (_ws, code) => ended.resolve(code) })
  const client = await open(served)
  const stopping = served.stop(30)
  assert.deepEqual(await client.closed(), [1001, 'the server stops'])
  await client.send(frame(CLOSE, closing(1001)))
  await stopping
  assert.equal(await ended.promise, 1001)
})

test('a message published is sent to all connections of a PubSubWS, and to none that has left', async () => {
  const pubsub = new PubSub()
  const chat = new PubSubWS(pubsub, 'room')
  await using served = await serve(chat, { compression: true })
  const clients = await Promise.all([open(served), open(served), FrameClient.open(served.port, '/ws', 'Sec-WebSocket-Extensions: permessage-deflate').then(({ client }) => client)])
  assert.equal(chat.connections.size, 3)
  pubsub.publish('room', 'hello')
  pubsub.publish('other', 'not this')
  pubsub.publish('room', Buffer.from([1, 2]))
  for (const client of clients) {
    assert.equal(await client.text(), 'hello')
    assert.deepEqual((await client.next())?.payload, Buffer.from([1, 2]))
    await client.close()
  }
  await served.stop()
  assert.equal(chat.connections.size, 0)
  assert.equal(pubsub.size, 0)
})

test('the client has the same handler interface, compressed or not', async () => {
  await using served = await serve({
    onOpen: (ws) => ws.write('welcome'), onMessage: (ws, text) => ws.write(text.toUpperCase()), onBytes: (ws, bytes) => ws.write(bytes),
  }, { compression: true, protocols: ['p'] })
  for (const compression of [false, true]) {
    const heard: (string | Buffer)[] = []
    const all = later<void>()
    const ended = later<[number, string]>()
    const hear = (_ws: WebSocketConnection, message: string | Buffer): void => { if (heard.push(message) === 4) all.resolve() }
    const ws = await connect(`ws://127.0.0.1:${served.port}/ws`, {
      compression, protocols: ['p'],
      handler: { onOpen: (own) => own.write('first'), onMessage: hear, onBytes: hear, onClose: (_ws, code, reason) => ended.resolve([code, reason]) },
    })
    assert.equal(ws.protocol, 'p')
    assert.equal(ws.compressed, compression)
    await ws.write('a'.repeat(5000))
    await ws.write(Buffer.from([9]))
    await all.promise
    assert.deepEqual(heard, ['welcome', 'FIRST', 'A'.repeat(5000), Buffer.from([9])])
    ws.close(4001, 'done')
    assert.deepEqual(await ended.promise, [4001, 'done'])
  }
})

test('a client that is refused, or finds nobody, says so', async () => {
  const served = await serve({})
  await assert.rejects(connect(`ws://127.0.0.1:${served.port}/nothing`), /404/)
  await served.stop()
  await assert.rejects(connect(`ws://127.0.0.1:${served.port}/ws`), /ECONNREFUSED/)
})
