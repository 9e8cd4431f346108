import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Environ, WSGIApplication } from '../../src/gateway/wsgi.ts'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { RawClient } from '../support/raw-client.ts'
import { failedHandshake, secureClient } from '../support/secure-client.ts'
import { ServedApplication } from '../support/served-application.ts'

const directory = mkdtempSync(join(tmpdir(), 'pulsar-tls-'))
after(() => rmSync(directory, { recursive: true }))

const server = makeCertificate({ name: 'localhost', hosts: ['localhost', '127.0.0.1'] })
const files = writeCertificate(directory, 'server', server)

/** The environ as JSON, the bytes of the body counted. */
const shown: WSGIApplication = async (environ: Environ, startResponse) => {
  let bytes = 0
  for await (const piece of environ['wsgi.input']) bytes += piece.length
  startResponse('200 OK', [['Content-Type', 'application/json']])
  const texts = Object.entries(environ).filter(([, value]) => typeof value === 'string')
  return [Buffer.from(JSON.stringify({ ...Object.fromEntries(texts), bytes }))]
}

async function environOf(port: number, options = {}): Promise<Record<string, string>> {
  await using client = await secureClient(port, options)
  return JSON.parse((await client.get('/a?b')).body.toString()) as Record<string, string>
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`a request over ${version} comes as https`, async () => {
    await using served = await ServedApplication.start(shown, files)
    const environ = await environOf(served.port, { minVersion: version, maxVersion: version, servername: 'localhost', ca: server.cert, rejectUnauthorized: true })
    assert.equal(environ['wsgi.url_scheme'], 'https')
    assert.equal(environ.HTTPS, 'on')
    assert.equal(environ.SERVER_PORT, String(served.port))
    assert.equal(environ.REMOTE_ADDR, '127.0.0.1')
    assert.equal(environ.SSL_PROTOCOL, version)
    assert.match(String(environ.SSL_CIPHER), /AES|CHACHA/)
    assert.equal(environ.SSL_TLS_SNI, 'localhost')
    assert.equal(environ.SSL_SESSION_RESUMED, 'Initial')
    assert.equal(environ.SSL_CLIENT_VERIFY, 'NONE')
  })
}

test('a plain request has no variables of TLS', async () => {
  await using served = await ServedApplication.start(shown)
  const environ = JSON.parse((await served.get()).body.toString()) as Record<string, string>
  assert.deepEqual(Object.keys(environ).filter((name) => name.startsWith('SSL') || name === 'HTTPS'), [])
  assert.equal(environ['wsgi.url_scheme'], 'http')
})

test('versions before 1.2 are refused, with one warning each', async () => {
  await using served = await ServedApplication.start(shown, files)
  assert.match(await failedHandshake(served.port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }), /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/)
  assert.deepEqual(served.seen('refused').map(({ cause, head }) => [cause, head]), [['bad-handshake', null]])
})

test('keep-alive, pipelining and the half-closed client work over TLS', async () => {
  await using served = await ServedApplication.start(shown, files)
  await using client = await secureClient(served.port)
  for (let i = 0; i < 3; i++) assert.equal((await client.get()).status, 200)
  await client.raw.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.match((await client.raw.finalResponse()).body.toString(), /"PATH_INFO":"\/1"/)
  assert.match((await client.raw.finalResponse()).body.toString(), /"PATH_INFO":"\/2"/)
  client.socket.end('GET /3 HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.match((await client.raw.finalResponse()).body.toString(), /"PATH_INFO":"\/3"/)
  assert.equal((await client.raw.untilClosed()).length, 0)
  assert.equal(client.raw.error, null)
})

test('large bodies go both ways whole, with a slow client', async () => {
  const size = 5_000_000
  const echo: WSGIApplication = (environ, startResponse) => {
    startResponse('200 OK', [['Content-Length', String(size)]])
    return environ['wsgi.input']
  }
  await using served = await ServedApplication.start(echo, files)
  await using client = await secureClient(served.port)
  const body = Buffer.alloc(size, 'abcdefg')
  await client.raw.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`)
  client.raw.pause()
  client.socket.write(body)
  setImmediate(() => client.raw.resume())
  const answer = await client.raw.finalResponse('POST')
  assert.equal(answer.body.length, size)
  assert.ok(answer.body.equals(body))
})

test('a client that takes nothing of its answer is cut after sendTimeout', async () => {
  const endless: WSGIApplication = (_environ, startResponse) => {
    startResponse('200 OK', [])
    return (async function * () { for (;;) yield Buffer.alloc(65536) })()
  }
  await using served = await ServedApplication.start(endless, { ...files, sendTimeout: 0.3 })
  await using client = await secureClient(served.port)
  client.raw.pause()
  await client.raw.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(() => served.seen('refused').length > 0)
  assert.deepEqual(served.seen('refused').map(({ cause }) => cause), ['send-timeout'])
  client.raw.resume()
  await client.raw.untilClosed()
})

test('an upgraded connection is a raw stream over TLS', async () => {
  const upgrading: WSGIApplication = (environ) => {
    const stream = environ['pulsar.connection'].upgrade('101 Switching Protocols', [['Upgrade', 'echo'], ['Connection', 'Upgrade']])
    stream.on('data', (bytes: Buffer) => { stream.write(bytes.toString().toUpperCase()) }).on('end', () => stream.end())
    return []
  }
  await using served = await ServedApplication.start(upgrading, files)
  await using client = await secureClient(served.port)
  await client.raw.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly')
  assert.equal((await client.raw.finalResponse()).status, 101)
  assert.equal((await client.raw.bytes(5)).toString(), 'EARLY')
  await client.raw.send('late')
  assert.equal((await client.raw.bytes(4)).toString(), 'LATE')
})

test('h1 is negotiated by ALPN, and without ALPN; a client that knows nothing of it only is refused', async () => {
  await using served = await ServedApplication.start(shown, files)
  await using with_ = await secureClient(served.port, { ALPNProtocols: ['http/1.1'] })
  assert.equal(with_.socket.alpnProtocol, 'http/1.1')
  assert.equal((await with_.get()).status, 200)
  await using without = await secureClient(served.port)
  assert.equal(without.socket.alpnProtocol, false)
  assert.equal((await without.get()).status, 200)
  assert.match(await failedHandshake(served.port, { ALPNProtocols: ['spdy/1'] }), /NO_APPLICATION_PROTOCOL/)
})

const badStarts: readonly (readonly [string, string | Buffer, RegExp])[] = [
  ['plain HTTP', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', /plain HTTP/],
  ['an SSH client', 'SSH-2.0-OpenSSH_9.2\r\n', /wrong version number|no TLS/],
  ['zeros', Buffer.alloc(64), /no TLS/],
  ['a record that is too long', Buffer.from('160301ffff', 'hex'), /no TLS|went away/],
  ['an alert first', Buffer.from('15030100020228', 'hex'), /no TLS/],
  ['application data first', Buffer.from('1703030005aabbccddee', 'hex'), /no TLS/],
  ['SSL 2', Buffer.from('802e010002001500000010010080030080060040040080020080', 'hex'), /no TLS|went away/],
  ['a ClientHello of no cipher', Buffer.from('160301002b01000027030300000000000000000000000000000000000000000000000000000000000000000000000100', 'hex'), /no TLS/],
  ['a ClientHello with a length beyond its record', Buffer.from('16030100060100ffff0303', 'hex'), /no TLS|went away/],
]
for (const [name, bytes, detail] of badStarts) {
  test(`a bad handshake costs one line and disturbs nobody: ${name}`, async () => {
    await using served = await ServedApplication.start(shown, files)
    await using steady = await secureClient(served.port)
    await using client = await RawClient.connect(served.port)
    await client.send(bytes)
    client.end()
    await client.untilClosed()
    await until(() => served.seen('refused').length > 0)
    assert.deepEqual(served.seen('refused').map(({ cause, head }) => [cause, head]), [['bad-handshake', null]])
    assert.match(String(served.seen('refused')[0]?.detail), detail)
    assert.equal(served.seen('refused')[0]?.detail.includes('\n'), false)
    assert.equal((await steady.get()).status, 200)
    assert.deepEqual(served.seen('warning'), [])
  })
}

test('a client that connects and says nothing is no warning; a stopping server does not wait for it', async () => {
  await using served = await ServedApplication.start(shown, files)
  const silent = connect(served.port, '127.0.0.1')
  await once(silent, 'connect')
  silent.destroy()
  await until(() => served.seen('refused').length > 0)
  assert.equal(served.seen('refused')[0]?.cause, 'client-gone')
  const waiting = await RawClient.connect(served.port)
  await served.stop(5)
  await waiting.untilClosed()
})

test('a handshake that is never finished ends after headerTimeout', async () => {
  await using served = await ServedApplication.start(shown, { ...files, headerTimeout: 0.2 })
  await using client = await RawClient.connect(served.port)
  await client.send(Buffer.from('16030100', 'hex'))
  await client.untilClosed()
  assert.deepEqual(served.seen('refused').map(({ cause, detail }) => [cause, detail]), [['bad-handshake', 'the TLS handshake took too long']])
})

test('one connection too many gets 503 over TLS', async () => {
  await using served = await ServedApplication.start(shown, { ...files, maxConnections: 1 })
  await using first = await secureClient(served.port)
  assert.equal((await first.get()).status, 200)
  await using second = await secureClient(served.port)
  const answer = await second.raw.finalResponse()
  assert.equal(answer.status, 503)
  assert.match(answer.head, /^retry-after: 1\r$/im)
  await second.raw.untilClosed()
  first.socket.destroy()
  await until(async () => {
    await using third = await secureClient(served.port)
    return (await third.get()).status === 200
  })
})

async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  while (!await met()) await new Promise((resolve) => setTimeout(resolve, 5))
}

const authority = makeCertificate({ name: 'Test Authority', authority: true })
const alice = makeCertificate({ name: 'alice, äbc', organisation: 'Example+Co', issuer: authority })
const stranger = makeCertificate({ name: 'stranger' })
const outdated = makeCertificate({ name: 'outdated', issuer: authority, from: -9, to: -3 })
const { certFile: caCerts } = writeCertificate(directory, 'authority', authority)

test('a client certificate of a known authority is shown', async () => {
  await using served = await ServedApplication.start(shown, { ...files, caCerts, certReqs: 'required' })
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const environ = await environOf(served.port, { cert: alice.cert, key: alice.key, maxVersion })
    assert.equal(environ.SSL_CLIENT_VERIFY, 'SUCCESS')
    assert.equal(Buffer.from(String(environ.SSL_CLIENT_S_DN), 'latin1').toString(), 'CN=alice\\, äbc,O=Example\\+Co')
    assert.equal(environ.SSL_CLIENT_I_DN, 'CN=Test Authority')
    assert.match(String(environ.SSL_CLIENT_M_SERIAL), /^[0-9A-F]{16}$/)
    assert.match(String(environ.SSL_CLIENT_V_START), / GMT$/)
    assert.match(String(environ.SSL_CLIENT_V_END), / GMT$/)
    assert.equal(environ.SSL_CLIENT_CERT, alice.cert)
  }
})

test('clients without a good certificate are refused where one is required', async () => {
  await using served = await ServedApplication.start(shown, { ...files, caCerts, certReqs: 'required' })
  for (const options of [{}, { cert: stranger.cert, key: stranger.key }, { cert: outdated.cert, key: outdated.key }]) {
    const before = served.seen('refused').length
    assert.notEqual(await failedHandshake(served.port, options), 'no failure')
    await until(() => served.seen('refused').length === before + 1)
  }
  assert.deepEqual(served.seen('refused').map(({ cause }) => cause), ['bad-handshake', 'bad-handshake', 'bad-handshake'])
})

test('what is wrong with a certificate is told where none is required', async () => {
  await using served = await ServedApplication.start(shown, { ...files, caCerts, certReqs: 'optional' })
  assert.equal((await environOf(served.port)).SSL_CLIENT_VERIFY, 'NONE')
  assert.equal((await environOf(served.port, { cert: alice.cert, key: alice.key })).SSL_CLIENT_VERIFY, 'SUCCESS')
  const unknown = await environOf(served.port, { cert: stranger.cert, key: stranger.key })
  assert.match(String(unknown.SSL_CLIENT_VERIFY), /^FAILED:[A-Z_]+$/)
  assert.equal(unknown.SSL_CLIENT_S_DN, 'CN=stranger')
  assert.equal((await environOf(served.port, { cert: outdated.cert, key: outdated.key })).SSL_CLIENT_VERIFY, 'FAILED:CERT_HAS_EXPIRED')
})

test('a resumed session is told, and keeps the certificate of its client', async () => {
  await using served = await ServedApplication.start(shown, { ...files, caCerts, certReqs: 'required' })
  const identity = { cert: alice.cert, key: alice.key }
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const first = await secureClient(served.port, { ...identity, maxVersion })
    const ticket = first.socket.getSession() === undefined || maxVersion === 'TLSv1.3' ? once(first.socket, 'session') : Promise.resolve([first.socket.getSession()])
    assert.match((await first.get()).body.toString(), /"SSL_SESSION_RESUMED":"Initial"/)
    const [session] = await ticket as [Buffer]
    first.socket.destroy()
    const environ = await environOf(served.port, { ...identity, maxVersion, session })
    assert.equal(environ.SSL_SESSION_RESUMED, 'Resumed', maxVersion)
    assert.equal(environ.SSL_CLIENT_S_DN, 'CN=alice\\, Ã¤bc,O=Example\\+Co')
    assert.equal(environ.SSL_CLIENT_VERIFY, 'SUCCESS')
  }
})
