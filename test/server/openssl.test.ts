/** TLS with OpenSSL's own client, as somebody looks at a server with it. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { ServedApplication } from '../support/served-application.ts'

const skip = spawnSync('openssl', ['version']).status !== 0 && 'there is no openssl'
const directory = mkdtempSync(join(tmpdir(), 'pulsar-openssl-'))
after(() => rmSync(directory, { recursive: true }))
const files = writeCertificate(directory, 'server', makeCertificate({ name: 'localhost', hosts: ['localhost'] }))

const shown: WSGIApplication = (environ, startResponse) => {
  startResponse('200 OK', [])
  return [Buffer.from(`${environ.SSL_PROTOCOL} ${environ['wsgi.url_scheme']}`)]
}

interface Told { readonly code: number | null, readonly text: string }

/** @param sent what the client sends when its handshake is over, and as long as the server keeps the connection */
async function sClient(port: number, args: readonly string[], sent: string): Promise<Told> {
  const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'localhost', '-ign_eof', ...args])
  let text = ''
  for (const stream of [client.stdout, client.stderr]) stream.setEncoding('latin1').on('data', (piece: string) => { text += piece })
  client.stdin.on('error', () => undefined)
  client.stdin.end(sent)
  const [code] = await once(client, 'close') as [number | null]
  return { code, text }
}

const request = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

for (const [flag, name] of [['-tls1_2', 'TLSv1.2'], ['-tls1_3', 'TLSv1.3']] as const) {
  test(`openssl s_client: ${name} is spoken, the certificate is good, and the answer is whole`, { skip }, async () => {
    await using served = await ServedApplication.start(shown, files)
    const { code, text } = await sClient(served.port, [flag, '-CAfile', files.certFile, '-verify_return_error'], request)
    assert.match(text, /Verify return code: 0 \(ok\)/)
    assert.match(text, new RegExp(`HTTP/1\\.1 200 OK[^]*${name} https`))
    assert.equal(code, 0, text)
  })
}

test('openssl s_client: the protocol is agreed on by ALPN', { skip }, async () => {
  await using served = await ServedApplication.start(shown, files)
  const { text } = await sClient(served.port, ['-alpn', 'foo,http/1.1'], request)
  assert.match(text, /ALPN protocol: http\/1\.1/)
})

test('openssl s_client: TLS 1.1 is refused, and costs one line', { skip }, async () => {
  await using served = await ServedApplication.start(shown, files)
  const { code, text } = await sClient(served.port, ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], request)
  assert.notEqual(code, 0, text)
  assert.doesNotMatch(text, /200 OK/)
  // Some builds of OpenSSL cannot even ask.
  if (/no protocols available|unknown option/i.test(text)) return
  assert.equal(served.seen('refused').filter(({ cause }) => cause === 'bad-handshake').length, 1)
})
