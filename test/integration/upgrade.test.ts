import assert from 'node:assert/strict'
import { valuesOf } from '../support/raw-client.ts'
import { bareRule } from '../support/served-application.ts'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'

/** Switches to a protocol that sends everything back in upper case. */
const upper: WSGIApplication = (environ, startResponse) => {
  const connection = environ['pulsar.connection']
  if (environ.HTTP_UPGRADE !== 'upper' && environ.REQUEST_METHOD !== 'CONNECT') {
    startResponse('200 OK', [])
    return [Buffer.from('plain')]
  }
  const stream = environ.REQUEST_METHOD === 'CONNECT'
    ? connection.upgrade('200 Connected', [])
    : connection.upgrade('101 Switching Protocols', [['Upgrade', 'upper'], ['Connection', 'upgrade']])
  stream.on('data', (piece: Buffer) => stream.write(piece.toString().toUpperCase()))
  stream.on('end', () => stream.end('bye'))
  return []
}

const handshake = 'GET / HTTP/1.1\r\nHost: h\r\nUpgrade: upper\r\nConnection: Upgrade\r\n\r\n'

bareRule('an upgrade hands over the raw stream, with what was sent in the same packet', async (serve) => {
  const served = await serve(upper)
  const client = await served.client()
  await client.send(`${handshake}early `)
  const answer = await client.response()
  assert.equal(answer.status, 101)
  assert.deepEqual(valuesOf(answer, 'upgrade'), ['upper'])
  await client.send('late')
  let text = ''
  while (text.length < 10) text += (await client.bytes()).toString()
  assert.equal(text, 'EARLY LATE')
  client.end()
  assert.equal((await client.untilClosed()).toString(), 'bye')
  assert.deepEqual(served.errors, [])
})

bareRule('an upgraded connection has no time limits of HTTP', async (serve) => {
  const served = await serve(upper, { keepAlive: 0.05, headerTimeout: 0.05, timeout: 0.05, bodyTimeout: 0.05, sendTimeout: 0.05 })
  const client = await served.client()
  await client.send(handshake)
  await client.response()
  await new Promise((resolve) => setTimeout(resolve, 250))
  await client.send('still there')
  assert.equal((await client.bytes(11)).toString(), 'STILL THERE')
})

bareRule('large data passes through an upgraded stream with back-pressure', async (serve) => {
  const client = await (await serve(upper)).client()
  await client.send(handshake)
  await client.response()
  const size = 2_000_000
  client.socket.write(Buffer.alloc(size, 'a'))
  assert.ok((await client.bytes(size)).equals(Buffer.alloc(size, 'A')))
})

bareRule('a server that stops ends upgraded connections, too', async (serve) => {
  const served = await serve(upper, { gracefulTimeout: 0.1 })
  const client = await served.client()
  await client.send(handshake)
  await client.response()
  const closing = served.stop(0.1)
  assert.equal((await client.untilClosed()).length, 0)
  await closing
})

bareRule('CONNECT is the application\'s to take', async (serve) => {
  const client = await (await serve(upper)).client()
  await client.send('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\nhello')
  assert.equal((await client.response('CONNECT')).status, 200)
  assert.equal((await client.bytes(5)).toString(), 'HELLO')
})

bareRule('CONNECT that the application answers as any request is refused with 501', async (serve) => {
  const served = await serve((_environ, startResponse) => {
    startResponse('200 OK', [])
    return [Buffer.from('no tunnel')]
  })
  const client = await served.client()
  await client.send('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n')
  assert.equal((await client.response('CONNECT')).status, 501)
  assert.equal((await client.untilClosed()).length, 0)
  assert.deepEqual(served.seen('refused').map(({ cause }) => cause), ['connect-refused'])
})

bareRule('103 Early Hints goes out before the answer, and not to HTTP/1.0', async (serve) => {
  const served = await serve(async (environ, startResponse) => {
    environ['pulsar.connection'].informational('103 Early Hints', [['Link', '</a.css>; rel=preload']])
    await new Promise((resolve) => setImmediate(resolve))
    startResponse('200 OK', [])
    return [Buffer.from('x')]
  })
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  const hints = await client.response()
  assert.equal(hints.status, 103)
  assert.deepEqual(valuesOf(hints, 'link'), ['</a.css>; rel=preload'])
  assert.equal((await client.response()).status, 200)
  const old = await served.client()
  await old.send('GET / HTTP/1.0\r\n\r\n')
  assert.equal((await old.response()).status, 200)
})

bareRule('an upgrade before the body is read is the application\'s mistake', async (serve) => {
  const served = await serve(upper)
  const client = await served.client()
  await client.send('POST / HTTP/1.1\r\nHost: h\r\nUpgrade: upper\r\nConnection: Upgrade\r\nContent-Length: 3\r\n\r\n')
  assert.equal((await client.response('POST')).status, 500)
  assert.match(served.errors[0] ?? '', /body of the request must be read/)
})

bareRule('an upgraded stream is destroyed when the client is gone', async (serve) => {
  let closed: Promise<unknown> | undefined
  const served = await serve((environ) => {
    const stream = environ['pulsar.connection'].upgrade('101 Switching Protocols', [['Upgrade', 'upper'], ['Connection', 'upgrade']])
    stream.on('error', () => undefined)
    stream.resume()
    closed = new Promise((resolve) => stream.on('close', resolve))
    return []
  })
  const client = await served.client()
  await client.send(handshake)
  await client.response()
  client.reset()
  assert.ok(closed)
  await closed
})
