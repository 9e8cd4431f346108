import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect as connectSecurely } from 'node:tls'
import type { SettingsParams } from '../../src/config/settings.ts'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { TrustedPeers } from '../../src/server/trusted-peers.ts'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { RawClient } from '../support/raw-client.ts'
import { ServedApplication } from '../support/served-application.ts'

const directory = mkdtempSync(join(tmpdir(), 'pulsar-proxies-'))
after(() => rmSync(directory, { recursive: true }))
const files = writeCertificate(directory, 'server', makeCertificate({ name: 'localhost' }))

const shown: WSGIApplication = async (environ, startResponse) => {
  let bytes = 0
  for await (const piece of environ['wsgi.input']) bytes += piece.length
  startResponse('200 OK', [])
  const texts = Object.entries(environ).filter(([, value]) => typeof value === 'string')
  return [Buffer.from(JSON.stringify({ ...Object.fromEntries(texts), bytes: String(bytes) }))]
}

type Shown = Readonly<Record<string, string>>

function of(body: Buffer, ...names: string[]): string[] {
  const environ = JSON.parse(body.toString()) as Shown
  return names.map((name) => environ[name] ?? 'absent')
}

const FACTS = ['REMOTE_ADDR', 'REMOTE_PORT', 'wsgi.url_scheme', 'HTTPS', 'SERVER_NAME', 'SERVER_PORT', 'HTTP_HOST', 'SCRIPT_NAME', 'PATH_INFO'] as const

const environs: readonly (readonly [string, readonly string[], Partial<Record<(typeof FACTS)[number], string>>, SettingsParams?])[] = [
  ['nothing is told', [], { REMOTE_ADDR: '127.0.0.1', 'wsgi.url_scheme': 'http', HTTPS: 'absent', SERVER_NAME: '127.0.0.1', HTTP_HOST: 'a.example' }],
  ['the client', ['X-Forwarded-For: 203.0.113.7'], { REMOTE_ADDR: '203.0.113.7', REMOTE_PORT: '0', 'wsgi.url_scheme': 'http', SERVER_NAME: '127.0.0.1', HTTP_HOST: 'a.example' }],
  ['the scheme, and so the port', ['X-Forwarded-Proto: https'], { 'wsgi.url_scheme': 'https', HTTPS: 'on', SERVER_NAME: 'a.example', SERVER_PORT: '443', HTTP_HOST: 'a.example', REMOTE_ADDR: '127.0.0.1' }],
  ['the host', ['X-Forwarded-Host: b.example:8443', 'X-Forwarded-Proto: https'], { SERVER_NAME: 'b.example', SERVER_PORT: '8443', HTTP_HOST: 'b.example:8443' }],
  ['the port', ['X-Forwarded-Port: 8443', 'X-Forwarded-Proto: https'], { SERVER_NAME: 'a.example', SERVER_PORT: '8443', HTTP_HOST: 'a.example' }],
  ['an IPv6 host', ['X-Forwarded-Host: [2001:db8::1]:80'], { SERVER_NAME: '2001:db8::1', SERVER_PORT: '80', HTTP_HOST: '[2001:db8::1]:80' }],
  ['all of it by Forwarded', ['Forwarded: for="203.0.113.7:4711";proto=https;host=b.example'], { REMOTE_ADDR: '203.0.113.7', REMOTE_PORT: '4711', HTTPS: 'on', SERVER_NAME: 'b.example', SERVER_PORT: '443', HTTP_HOST: 'b.example' }],
  ['the prefix', ['X-Forwarded-Prefix: /app'], { SCRIPT_NAME: '/app', PATH_INFO: '/path' }],
  ['the prefix in front of scriptName', ['X-Forwarded-Prefix: /app'], { SCRIPT_NAME: '/app/path', PATH_INFO: '' }, { scriptName: '/path' }],
  ['the prefix that the proxy has taken off is scriptName', ['X-Forwarded-Prefix: /app'], { SCRIPT_NAME: '/app', PATH_INFO: '/path' }, { scriptName: '/app' }],
  ['a proxy that is not believed', ['X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: b', 'X-Forwarded-Prefix: /x', 'Forwarded: for=1.1.1.1;proto=https'],
    { REMOTE_ADDR: '127.0.0.1', 'wsgi.url_scheme': 'http', HTTPS: 'absent', HTTP_HOST: 'a.example', SCRIPT_NAME: '', SERVER_NAME: '127.0.0.1' }, { forwardedAllowIps: '10.0.0.0/8' }],
  ['nobody is believed', ['X-Forwarded-For: 203.0.113.7'], { REMOTE_ADDR: '127.0.0.1' }, { forwardedAllowIps: '' }],
  ['a range', ['X-Forwarded-For: 203.0.113.7, 10.9.9.9'], { REMOTE_ADDR: '203.0.113.7' }, { forwardedAllowIps: ['10.0.0.0/8', '127.0.0.0/8'] }],
  ['everybody who connects, and only those', ['X-Forwarded-For: 1.1.1.1, 203.0.113.7'], { REMOTE_ADDR: '203.0.113.7' }, { forwardedAllowIps: '*' }],
  ['only the fields that count', ['X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Host: evil.example'], { REMOTE_ADDR: '203.0.113.7', HTTP_HOST: 'a.example' }, { forwardedFields: 'X-Forwarded-For,x-forwarded-proto' }],
]
for (const [name, lines, expected, params] of environs) {
  test(`the environ behind a proxy: ${name}`, async () => {
    await using served = await ServedApplication.start(shown, params)
    const { status, body } = await served.get('/path', ...lines)
    assert.equal(status, 200)
    assert.deepEqual(of(body, ...Object.keys(expected)), Object.values(expected))
  })
}

test('on one connection each request has its own client', async () => {
  await using served = await ServedApplication.start(shown)
  await using client = await served.client()
  const ask = (line: string): string => `GET / HTTP/1.1\r\nHost: a\r\n${line}\r\n`
  await client.send(ask('X-Forwarded-For: 203.0.113.1\r\n') + ask('') + ask('X-Forwarded-For: 203.0.113.2\r\n'))
  const seen = []
  for (let i = 0; i < 3; i++) seen.push(of((await client.finalResponse()).body, 'REMOTE_ADDR')[0])
  assert.deepEqual(seen, ['203.0.113.1', '127.0.0.1', '203.0.113.2'])
})

test('a field of a trusted proxy that cannot be read is refused with 400, of a stranger it is passed on', async () => {
  await using served = await ServedApplication.start(shown)
  const refused = await served.get('/', 'Forwarded: for="open')
  assert.equal(refused.status, 400)
  assert.deepEqual(served.seen('refused').map(({ cause }) => cause), ['bad-forwarded'])
  await using strange = await ServedApplication.start(shown, { forwardedAllowIps: '10.0.0.1' })
  assert.equal((await strange.get('/', 'Forwarded: for="open')).status, 200)
})

test('who is trusted: addresses, ranges, unix, both spellings of an IPv4 address', () => {
  const trusted = new TrustedPeers(['10.0.0.0/8', '192.0.2.1', 'fd00::/8', '::1', 'unix'])
  for (const yes of ['10.255.0.1', '192.0.2.1', '::ffff:192.0.2.1', '::ffff:10.1.1.1', 'fd00::1', 'fdff::9', '::1', 'fd00::1%eth0']) assert.equal(trusted.trustsAddress(yes), true, yes)
  for (const no of ['11.0.0.1', '192.0.2.2', '::ffff:192.0.2.2', 'fe80::1', '::2', '', 'unknown', '10.0.0.1.example']) assert.equal(trusted.trustsAddress(no), false, no)
  const peer = { remotePort: 1, localAddress: '', localPort: 0, encrypted: false }
  assert.equal(trusted.trusts({ ...peer, remoteAddress: '' }), true)
  assert.equal(new TrustedPeers(['127.0.0.1']).trusts({ ...peer, remoteAddress: '' }), false)
  assert.equal(new TrustedPeers(['*']).trusts({ ...peer, remoteAddress: '8.8.8.8' }), true)
  assert.equal(new TrustedPeers(['*']).trustsAddress('8.8.8.8'), false)
  for (let i = 0; i < 3000; i++) assert.equal(trusted.trustsAddress(`10.1.${i >> 8}.${i & 255}`), true)
})

// The PROXY protocol ----------------------------------------------------------------------------------------------------------------

const V1 = 'PROXY TCP4 203.0.113.7 198.51.100.2 4711 443\r\n'
const V2 = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb007107c633640212670 1bb'.replaceAll(' ', ''), 'hex')
const UNKNOWN = 'PROXY UNKNOWN\r\n'
const ADDRESSES = ['REMOTE_ADDR', 'REMOTE_PORT', 'SERVER_NAME', 'SERVER_PORT'] as const
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

for (const [name, header] of [['version 1', Buffer.from(V1)], ['version 2', V2]] as const) {
  test(`PROXY protocol, ${name}: the client is who the header says, on all requests of the connection`, async () => {
    await using served = await ServedApplication.start(shown, { proxyProtocol: true })
    await using client = await served.client()
    await client.send(Buffer.concat([header, Buffer.from(GET)]))
    assert.deepEqual(of((await client.finalResponse()).body, ...ADDRESSES, 'wsgi.url_scheme'), ['203.0.113.7', '4711', '198.51.100.2', '443', 'http'])
    await client.send(GET)
    assert.deepEqual(of((await client.finalResponse()).body, 'REMOTE_ADDR'), ['203.0.113.7'])
  })

  test(`PROXY protocol, ${name}: byte by byte, and a large body behind it`, async () => {
    await using served = await ServedApplication.start(shown, { proxyProtocol: true })
    await using slow = await served.client()
    await slow.send(...[...header].map((byte) => Buffer.from([byte])), ...GET)
    assert.deepEqual(of((await slow.finalResponse()).body, 'REMOTE_ADDR'), ['203.0.113.7'])
    await using large = await served.client()
    const body = Buffer.alloc(3_000_000, 'x')
    await large.send(Buffer.concat([header, Buffer.from(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`), body]))
    assert.deepEqual(of((await large.finalResponse('POST')).body, 'bytes'), [String(body.length)])
  })

  test(`PROXY protocol, ${name}: before TLS`, async () => {
    await using served = await ServedApplication.start(shown, { ...files, proxyProtocol: true })
    const raw = await served.client()
    await raw.send(header)
    raw.socket.removeAllListeners('data')
    const socket = connectSecurely({ socket: raw.socket, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    await using client = RawClient.on(socket)
    await client.send(GET)
    assert.deepEqual(of((await client.finalResponse()).body, ...ADDRESSES, 'wsgi.url_scheme'), ['203.0.113.7', '4711', '198.51.100.2', '443', 'https'])
  })
}

test('PROXY protocol: with a TLS client behind the proxy the scheme is https', async () => {
  await using served = await ServedApplication.start(shown, { proxyProtocol: true })
  await using client = await served.client()
  const header = Buffer.from('0d0a0d0a000d0a515549540a21110014cb007107c6336402126701bb2000050100000000', 'hex')
  await client.send(Buffer.concat([header, Buffer.from(GET)]))
  assert.deepEqual(of((await client.finalResponse()).body, 'wsgi.url_scheme', 'HTTPS'), ['https', 'on'])
})

test('PROXY protocol: where the proxy speaks for itself the connection is its own', async () => {
  await using served = await ServedApplication.start(shown, { proxyProtocol: true })
  await using client = await served.client()
  await client.send(UNKNOWN + GET)
  assert.deepEqual(of((await client.finalResponse()).body, 'REMOTE_ADDR'), ['127.0.0.1'])
})

test('PROXY protocol: a client that it names is believed in fields only if it is a proxy itself', async () => {
  await using served = await ServedApplication.start(shown, { proxyProtocol: true })
  const ask = 'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n'
  assert.deepEqual(of((await served.request(V1 + ask)).body, 'REMOTE_ADDR'), ['203.0.113.7'])
  const proxied = 'PROXY TCP4 127.0.0.1 198.51.100.2 4711 443\r\n'
  assert.deepEqual(of((await served.request(proxied + ask)).body, 'REMOTE_ADDR'), ['1.1.1.1'])
})

const refusals: readonly (readonly [string, string, SettingsParams, RegExp])[] = [
  ['a stranger', V1 + GET, { forwardedAllowIps: '10.0.0.1' }, /its address is not one of forwardedAllowIps/],
  ['no header', GET, {}, /does not begin with/],
  ['a malformed one', 'PROXY TCP4 nonsense\r\n', {}, /version 1/],
  ['half of one', 'PROXY TCP', {}, /ended within it/],
]
for (const [name, bytes, params, detail] of refusals) {
  test(`PROXY protocol: refused without an answer, others go on: ${name}`, async () => {
    await using served = await ServedApplication.start(shown, { proxyProtocol: true, ...params })
    await using client = await served.client()
    await client.send(bytes)
    client.end()
    assert.equal((await client.untilClosed()).length, 0)
    assert.deepEqual(served.seen('refused').map(({ cause }) => cause), ['bad-proxy-header'])
    assert.match(String(served.seen('refused')[0]?.detail), detail)
    if (name !== 'a stranger') assert.equal((await served.request(V1 + GET)).status, 200)
  })
}

test('PROXY protocol: a header that does not come ends the connection after headerTimeout; one that says nothing at all is not told', async () => {
  await using served = await ServedApplication.start(shown, { proxyProtocol: true, headerTimeout: 0.2 })
  await using probe = await served.client()
  probe.end()
  await probe.untilClosed()
  assert.deepEqual(served.seen('refused'), [])
  await using client = await served.client()
  await client.send('PROXY TCP4 ')
  await client.untilClosed()
  assert.match(String(served.seen('refused')[0]?.detail), /no whole header within 0\.2 s/)
})

test('without the setting a PROXY header is a bad request', async () => {
  await using served = await ServedApplication.start(shown)
  assert.equal((await served.request(V1 + GET)).status, 400)
})
