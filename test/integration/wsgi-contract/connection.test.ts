import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { valuesOf } from '../../support/raw-client.ts'
import { rule } from '../../support/served-application.ts'
import type { Fields } from '../../../src/gateway/exchange.ts'
import type { WSGIApplication } from '../../../src/gateway/wsgi.ts'

const text: Fields = [['Content-Type', 'text/plain']]

rule('an interim answer comes before the final one, and not to HTTP/1.0', async (serve) => {
  const served = await serve((environ, startResponse) => {
    environ['pulsar.connection'].informational('103 Early Hints', [['Link', '</a.css>; rel=preload']])
    startResponse('200 OK', text)
    return [Buffer.from('final')]
  })
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const interim = await client.response()
  assert.deepEqual([interim.status, valuesOf(interim, 'link')], [103, ['</a.css>; rel=preload']])
  assert.equal((await client.response()).body.toString(), 'final')
  const old = await served.client()
  await old.send('GET / HTTP/1.0\r\n\r\n')
  assert.equal((await old.response()).status, 200)
})

rule('an interim answer that could not go on the wire is refused', async (serve) => {
  const served = await serve((environ, startResponse) => {
    const connection = environ['pulsar.connection']
    assert.throws(() => connection.informational('103 Early\r\nX: y', []), TypeError)
    assert.throws(() => connection.informational('103 Early Hints', [['Link', 'a\r\nX: y']]), TypeError)
    assert.throws(() => connection.informational('200 OK', []), TypeError)
    assert.throws(() => connection.informational('101 Switching Protocols', []), TypeError)
    startResponse('200 OK', text)
    return []
  })
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal((await client.response()).status, 200)
  assert.deepEqual(served.errors, [])
})

const echo: WSGIApplication = (environ, startResponse) => {
  if (environ.HTTP_UPGRADE !== 'echo' && environ.REQUEST_METHOD !== 'CONNECT') {
    startResponse('200 OK', text)
    return [Buffer.from('plain')]
  }
  const stream = environ.REQUEST_METHOD === 'CONNECT'
    ? environ['pulsar.connection'].upgrade('200 Connection Established', [])
    : environ['pulsar.connection'].upgrade('101 Switching Protocols', [['Upgrade', 'echo'], ['Connection', 'Upgrade']])
  stream.pipe(stream)
  return []
}

rule('an upgrade hands the raw stream over, with what came behind the head', async (serve) => {
  const served = await serve(echo)
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\nat once, ')
  const response = await client.response()
  assert.equal(response.status, 101)
  assert.deepEqual([valuesOf(response, 'upgrade'), valuesOf(response, 'connection')], [['echo'], ['Upgrade']])
  await client.send('\x00\xffand later')
  assert.equal((await client.bytes(20)).toString('latin1'), 'at once, \x00\xffand later')
  client.end()
  await client.untilClosed()
  assert.deepEqual(served.errors, [])
})

rule('an upgrade that the application does not take is answered as any request', async (serve) => {
  const served = await serve(echo)
  const response = await served.get('/', 'Upgrade: other', 'Connection: upgrade')
  assert.deepEqual([response.status, response.body.toString()], [200, 'plain'])
})

rule('CONNECT is the application\'s to take', async (serve) => {
  const served = await serve(echo)
  const client = await served.client()
  await client.send('CONNECT b.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\n')
  assert.equal((await client.response('CONNECT')).status, 200)
  await client.send('through')
  assert.equal((await client.bytes(7)).toString(), 'through')
  client.end()
  await client.untilClosed()
  assert.deepEqual(served.errors, [])
})

rule('CONNECT that the application does not take is a 501', async (serve) => {
  const served = await serve((_environ, startResponse) => { startResponse('200 OK', text); return [Buffer.from('not a tunnel')] })
  const client = await served.client()
  await client.send('CONNECT b.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\n')
  assert.equal((await client.response('CONNECT')).status, 501)
})

rule('the connection knows its peer, and tells once when the exchange is over', async (serve) => {
  const told: string[] = []
  const served = await serve((environ, startResponse) => {
    const connection = environ['pulsar.connection']
    connection.onClose(() => { told.push(`${environ.PATH_INFO} ${connection.closed}`) })
    assert.deepEqual([connection.closed, connection.peer.remoteAddress], [false, '127.0.0.1'])
    startResponse('200 OK', text)
    return []
  })
  const client = await served.client()
  await client.send('GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n')
  for (let i = 0; i < 2; i++) assert.equal((await client.response()).status, 200)
  assert.deepEqual(told, ['/a true', '/b true'])
})

rule('an application learns that the client has gone, before it has answered', async (serve) => {
  const seen: boolean[] = []
  let over = false
  const served = await serve(async (environ, startResponse) => {
    seen.push(environ['pulsar.client_disconnected']())
    await new Promise<void>((resolve) => { environ['pulsar.connection'].onClose(resolve) })
    seen.push(environ['pulsar.client_disconnected']())
    startResponse('200 OK', text)
    over = true
    return [Buffer.from('to nobody')]
  })
  const client = await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  while (seen.length === 0) await nextTurn()
  client.reset()
  while (!over) await nextTurn()
  await nextTurn()
  assert.deepEqual([seen, served.errors], [[false, true], []])
})
