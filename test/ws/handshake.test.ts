import assert from 'node:assert/strict'
import { test } from 'node:test'
import { valuesOf } from '../support/raw-client.ts'
import { ServedApplication } from '../support/served-application.ts'
import { Router } from '../../src/web/router/router.ts'
import { WsgiHandler } from '../../src/web/wsgi-handler.ts'
import { WS } from '../../src/ws/handler.ts'
import { WebSocket, webSocketHandler } from '../../src/ws/websocket.ts'
import { frame, FrameClient, handshake, TEXT } from './frame-client.ts'
import type { WebSocketConnection } from '../../src/ws/connection.ts'

class Echo extends WS {
  override onMessage(ws: WebSocketConnection, message: string): unknown {
    return ws.write(message)
  }
}

const application = new WsgiHandler([
  new WebSocket('/echo', new Echo(), { protocols: ['chat.v2', 'chat.v1'], compression: true }),
  new WebSocket('/pages', new Echo(), { origins: ['https://good.example'] }),
  new WebSocket('/anyone', new Echo(), { origins: 'any' }),
  new WebSocket('/asked', new Echo(), { origins: (origin) => origin.endsWith('.example'), protocols: (offered) => offered.at(-1) }),
  new Router('/room', { get: webSocketHandler({ onOpen: (ws) => ws.write('hello') }) }),
])

test('the answer to the handshake is that of RFC 6455 section 1.3', async () => {
  await using served = await ServedApplication.start(application)
  const { client, answer } = await FrameClient.open(served.port, '/echo')
  assert.equal(answer.status, 101)
  assert.deepEqual(valuesOf(answer, 'sec-websocket-accept'), ['s3pPLMBiTxaQ9kYGzzhZRbK+xOo='])
  assert.deepEqual(valuesOf(answer, 'upgrade').map((value) => value.toLowerCase()), ['websocket'])
  assert.deepEqual(valuesOf(answer, 'sec-websocket-protocol'), [])
  assert.deepEqual(valuesOf(answer, 'sec-websocket-extensions'), [])
  await client.close()
  assert.deepEqual(served.errors, [])
})

test('a frame in the packet of the handshake is not lost', async () => {
  await using served = await ServedApplication.start(application)
  const client = await served.client()
  await client.send(Buffer.concat([Buffer.from(handshake('/echo')), frame(TEXT, 'early')]))
  assert.equal((await client.response()).status, 101)
  assert.equal((await client.bytes(7)).toString('latin1'), '\x81\x05early')
})

test('the handler of a route can be a WebSocket', async () => {
  await using served = await ServedApplication.start(application)
  const { client } = await FrameClient.open(served.port, '/room')
  assert.equal(await client.text(), 'hello')
  await client.close()
})

const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
const upgrade = 'Upgrade: websocket'
const connection = 'Connection: keep-alive, Upgrade'
const version = 'Sec-WebSocket-Version: 13'
const all = [upgrade, connection, key, version]

const refused: readonly [what: string, status: number, request: string, lines: readonly string[]][] = [
  ['no Upgrade', 426, 'GET /echo HTTP/1.1', [connection, key, version]],
  ['another protocol', 426, 'GET /echo HTTP/1.1', ['Upgrade: h2c', connection, key, version]],
  ['no Connection: upgrade', 400, 'GET /echo HTTP/1.1', [upgrade, 'Connection: keep-alive', key, version]],
  ['no key', 400, 'GET /echo HTTP/1.1', [upgrade, connection, version]],
  ['a key of 15 bytes', 400, 'GET /echo HTTP/1.1', [upgrade, connection, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j', version]],
  ['a key that is no base64', 400, 'GET /echo HTTP/1.1', [upgrade, connection, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!!==', version]],
  ['two keys', 400, 'GET /echo HTTP/1.1', [...all, key]],
  ['no version', 426, 'GET /echo HTTP/1.1', [upgrade, connection, key]],
  ['version 8', 426, 'GET /echo HTTP/1.1', [upgrade, connection, key, 'Sec-WebSocket-Version: 8']],
  ['HTTP/1.0', 400, 'GET /echo HTTP/1.0', all],
  ['POST', 405, 'POST /echo HTTP/1.1', [...all, 'Content-Length: 0']],
  ['HEAD', 400, 'HEAD /echo HTTP/1.1', all],
  ['a body', 400, 'GET /echo HTTP/1.1', [...all, 'Content-Length: 3']],
  ['a subprotocol that is no token', 400, 'GET /echo HTTP/1.1', [...all, 'Sec-WebSocket-Protocol: a b']],
  ['a subprotocol twice', 400, 'GET /echo HTTP/1.1', [...all, 'Sec-WebSocket-Protocol: a, a']],
  ['extensions that are malformed', 400, 'GET /echo HTTP/1.1', [...all, 'Sec-WebSocket-Extensions: a; =']],
  ['a page of another host', 403, 'GET /echo HTTP/1.1', [...all, 'Origin: https://evil.example']],
  ['a page without an origin', 403, 'GET /echo HTTP/1.1', [...all, 'Origin: null']],
  ['a page of another port', 403, 'GET /echo HTTP/1.1', [...all, 'Origin: http://a.example:8080']],
  ['a page that is not on the list', 403, 'GET /pages HTTP/1.1', [...all, 'Origin: https://a.example']],
  ['a page that the function refuses', 403, 'GET /asked HTTP/1.1', [...all, 'Origin: https://a.test']],
]

for (const [what, status, request, lines] of refused) {
  test(`a handshake with ${what} is refused with ${status}`, async () => {
    await using served = await ServedApplication.start(application)
    const answer = await served.request(`${request}\r\nHost: a.example\r\n${lines.join('\r\n')}\r\n\r\n${what === 'a body' ? 'abc' : ''}`)
    assert.equal(answer.status, status)
    assert.deepEqual(valuesOf(answer, 'sec-websocket-version'), status === 426 ? ['13'] : [])
    assert.deepEqual(valuesOf(answer, 'upgrade'), status === 426 ? ['websocket'] : [])
    assert.deepEqual(served.errors, [])
  })
}

const opened: readonly [what: string, path: string, line: string][] = [
  ['a page of the same host', '/echo', 'Origin: http://a.example'],
  ['a page of the same host behind a proxy with TLS', '/echo', 'Origin: https://a.example'],
  ['a page on the list', '/pages', 'Origin: https://good.example'],
  ['any page, where any may', '/anyone', 'Origin: https://evil.example'],
  ['a page that the function lets in', '/asked', 'Origin: https://b.example'],
]

for (const [what, path, line] of opened) {
  test(`a connection is opened for ${what}`, async () => {
    await using served = await ServedApplication.start(application)
    const { client, answer } = await FrameClient.open(served.port, path, line)
    assert.equal(answer.status, 101)
    await client.send(frame(TEXT, 'ä'))
    assert.equal(await client.text(), 'ä')
    await client.close()
  })
}

test('of the subprotocols offered the server takes the one that it likes best, or none', async () => {
  await using served = await ServedApplication.start(application)
  const answers: readonly [path: string, offered: string, taken: string[]][] = [
    ['/echo', 'chat.v1, chat.v2', ['chat.v2']], ['/echo', 'other', []], ['/asked', 'a, b', ['b']], ['/pages', 'a', []],
  ]
  for (const [path, offered, taken] of answers) {
    const { client, answer } = await FrameClient.open(served.port, path, `Sec-WebSocket-Protocol: ${offered}`)
    assert.deepEqual(valuesOf(answer, 'sec-websocket-protocol'), taken)
    await client.close()
  }
})

test('compression is agreed upon where it is on, without context takeover', async () => {
  await using served = await ServedApplication.start(application)
  for (const [path, offer, agreed] of [
    ['/echo', 'permessage-deflate', ['permessage-deflate; server_no_context_takeover; client_no_context_takeover']],
    ['/echo', 'x-other', []],
    ['/pages', 'permessage-deflate', []],
  ] as const) {
    const { client, answer } = await FrameClient.open(served.port, path, `Sec-WebSocket-Extensions: ${offer}`)
    assert.deepEqual(valuesOf(answer, 'sec-websocket-extensions'), agreed)
    await client.close()
  }
})

test('a limit that is none is refused', () => {
  assert.throws(() => new WebSocket('/', new Echo(), { maxMessage: 0 }), /maxMessage is 0/)
  assert.throws(() => webSocketHandler(new Echo(), { pingInterval: Number.NaN }), RangeError)
})
