/** HTTP/2 over TLS, by ALPN (RFC 7301; RFC 9113 section 3.2). */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { connect } from 'node:http2'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { Http2Client } from '../support/http2-client.ts'
import { secureClient } from '../support/secure-client.ts'
import { ServedApplication } from '../support/served-application.ts'
import { startCommand } from '../support/start-command.ts'

const directory = mkdtempSync(join(tmpdir(), 'pulsar-http2-'))
after(() => rmSync(directory, { recursive: true }))

const files = writeCertificate(directory, 'server', makeCertificate({ name: 'localhost', hosts: ['localhost', '127.0.0.1'] }))

const shown: WSGIApplication = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read()
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from(`${environ.SERVER_PROTOCOL} ${environ['wsgi.url_scheme']} ${environ.HTTPS} ${environ.HTTP_HOST} ${body.length}`)]
}

test('a client that offers it gets it, over TLS 1.2 and 1.3, and the environ says so', async () => {
  await using served = await ServedApplication.start(shown, files)
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    await using client = await Http2Client.connect(`https://127.0.0.1:${served.port}`, {
      rejectUnauthorized: false, minVersion: version, maxVersion: version,
    })
    const { body } = await client.request({ ':path': '/', ':method': 'POST', ':authority': 'a.example' }, Buffer.alloc(1_000_000))
    assert.equal(body.toString(), 'HTTP/2 https on a.example 1000000')
  }
})

test('one that does not gets HTTP/1.1, and with http2 off everybody does', async () => {
  await using served = await ServedApplication.start(shown, files)
  {
    await using client = await secureClient(served.port)
    assert.match((await client.get()).body.toString(), /^HTTP\/1.1 https/)
  }
  await using without = await ServedApplication.start(shown, { ...files, http2: 'off' })
  await using client = await secureClient(without.port, { ALPNProtocols: ['h2', 'http/1.1'] })
  assert.equal(client.socket.alpnProtocol, 'http/1.1')
})

test('a stop lets streams over TLS come to their end', async () => {
  let go: () => void = () => undefined
  let called: () => void = () => undefined
  const begun = new Promise<void>((resolve) => { called = resolve })
  await using served = await ServedApplication.start(async (_environ, startResponse) => {
    called()
    await new Promise<void>((resolve) => { go = resolve })
    startResponse('200 OK', [])
    return [Buffer.from('whole')]
  }, files)
  await using client = await Http2Client.connect(`https://127.0.0.1:${served.port}`, { rejectUnauthorized: false })
  const answer = client.request({ ':path': '/' })
  await begun
  const stopped = served.stop()
  go()
  assert.equal((await answer).body.toString(), 'whole')
  await stopped
})

const curl = spawnSync('curl', ['--version'], { encoding: 'utf8' })
const withoutCurl = !String(curl.stdout).includes('HTTP2') && 'there is no curl with HTTP/2 on PATH'

test('curl speaks it', { skip: withoutCurl }, async () => {
  // In a process of its own: this one waits for curl.
  const server = await startCommand(['--cert-file', String(files.certFile), '--key-file', String(files.keyFile), '-b', '127.0.0.1:0', '-w', '0', 'examples/hello.ts'])
  try {
    const { stdout } = spawnSync('curl', ['-sk', '--http2', '-w', ' %{http_version}', `${server.address}/`], { encoding: 'utf8' })
    assert.equal(stdout, 'Hello World! 2')
  } finally {
    await server.stop()
  }
})

test('one connection too many is told by GOAWAY that none of its requests was served, and there is room again', async () => {
  await using served = await ServedApplication.start(shown, { ...files, maxConnections: 1 })
  const origin = `https://127.0.0.1:${served.port}`
  const first = await Http2Client.connect(origin, { rejectUnauthorized: false })
  assert.equal((await first.request({ ':path': '/' })).status, 200)
  {
    const second = connect(origin, { rejectUnauthorized: false })
    second.on('error', () => undefined)
    const request = second.request({ ':path': '/' })
    request.on('error', () => undefined)
    const over = new Promise((resolve) => second.once('close', resolve))
    const [code, last, reason] = await new Promise<[number, number, Uint8Array]>((resolve) => {
      second.once('goaway', (...told) => resolve(told as [number, number, Uint8Array]))
    })
    await over
    assert.deepEqual([code, last, String(reason)], [0xb, 0, '1 connections are open'])
    assert.equal(served.seen('refused').filter(({ cause }) => cause === 'overload').length, 1)
  }
  assert.equal((await first.request({ ':path': '/' })).status, 200, 'the first goes on')
  await first[Symbol.asyncDispose]()
  for (;;) {
    const client = await Http2Client.connect(origin, { rejectUnauthorized: false })
    const status = await client.request({ ':path': '/' }).then((answer) => answer.status, () => null)
    await client[Symbol.asyncDispose]()
    if (status === 200) break
  }
})
