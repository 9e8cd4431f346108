/** curl as the client, of a server that is started as a user starts it: what stands between it and the network. */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { RawClient } from '../support/raw-client.ts'
import { eventually, startWorkers, workplace } from '../support/workers.ts'

const skip = spawnSync('curl', ['--version']).status !== 0 && 'there is no curl'
const cwd = workplace()
/** curl's statuses of a connection closed without an answer: an empty reply; a reset while it sends, or while it reads. */
const CLOSED: readonly number[] = [52, 55, 56]

writeFileSync(join(cwd, 'shown.mjs'), `export default async (environ, startResponse) => {
  let bytes = 0
  for await (const piece of environ['wsgi.input']) bytes += piece.length
  startResponse('200 OK', [['Content-Type', 'application/json']])
  const texts = Object.entries(environ).filter(([, value]) => typeof value === 'string')
  return [Buffer.from(JSON.stringify({ ...Object.fromEntries(texts), bytes }))]
}`)

interface Curled { readonly code: number, readonly out: string }

function curl(...args: readonly string[]): Promise<Curled> {
  return new Promise((resolve) => {
    execFile('curl', ['-sS', '--max-time', '20', ...args], { cwd, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), out: stdout === '' ? stderr : stdout })
    })
  })
}

async function shown(...args: readonly string[]): Promise<Readonly<Record<string, string | number>>> {
  const { code, out } = await curl(...args)
  assert.equal(code, 0, out)
  return JSON.parse(out) as Record<string, string | number>
}

test('TLS: versions, certificates by the host, certificates of clients', { skip }, async () => {
  const authority = makeCertificate({ name: 'authority', authority: true })
  const stranger = makeCertificate({ name: 'stranger', authority: true })
  writeFileSync(join(cwd, 'authority.pem'), authority.cert)
  for (const [base, host] of [['a', 'a.example'], ['b', 'b.example']] as const) writeCertificate(cwd, base, makeCertificate({ name: host, hosts: [host], issuer: authority }))
  writeCertificate(cwd, 'alice', makeCertificate({ name: 'alice', organisation: 'Example', issuer: authority }))
  writeCertificate(cwd, 'mallory', makeCertificate({ name: 'mallory', issuer: stranger }))
  const server = await startWorkers(['-w', '2', '--cert-file', 'a.pem', '--key-file', 'a.key', '--certificates', 'b.pem:b.key',
    '--ca-certs', 'authority.pem', '--cert-reqs', 'optional', 'shown.mjs'], { cwd })
  const at = (host: string): readonly string[] => ['--cacert', 'authority.pem', '--resolve', `${host}:${server.port}:127.0.0.1`, `https://${host}:${server.port}/`]
  for (const [version, name] of [['1.2', 'TLSv1.2'], ['1.3', 'TLSv1.3']] as const) {
    for (const host of ['a.example', 'b.example']) {
      // curl checks that the certificate is made out for the host.
      const { SSL_PROTOCOL, SSL_TLS_SNI, SSL_CLIENT_VERIFY, HTTP_HOST } = await shown('--tls-max', version, `--tlsv${version}`, ...at(host))
      assert.deepEqual([SSL_PROTOCOL, SSL_TLS_SNI, SSL_CLIENT_VERIFY, HTTP_HOST], [name, host, 'NONE', `${host}:${server.port}`])
    }
  }
  const alice = await shown('--cert', 'alice.pem', '--key', 'alice.key', ...at('a.example'))
  assert.deepEqual([alice.SSL_CLIENT_VERIFY, alice.SSL_CLIENT_S_DN, alice.SSL_CLIENT_I_DN], ['SUCCESS', 'CN=alice,O=Example', 'CN=authority'])
  const mallory = await shown('--cert', 'mallory.pem', '--key', 'mallory.key', ...at('a.example'))
  assert.match(String(mallory.SSL_CLIENT_VERIFY), /^FAILED:/)
  // Of a host that no certificate is for curl gets the first one, and refuses it.
  assert.equal((await curl(...at('c.example'))).code, 60)
  const plain = await curl(`http://127.0.0.1:${server.port}/`)
  assert.notEqual(plain.code, 0)
  await server.until(/"cause":"bad-handshake"/)
  await server.stop()
})

test('TLS: a client certificate that is required', { skip }, async () => {
  const authority = makeCertificate({ name: 'authority', authority: true })
  writeFileSync(join(cwd, 'required.pem'), authority.cert)
  writeCertificate(cwd, 'server', makeCertificate({ name: 'localhost' }))
  writeCertificate(cwd, 'bob', makeCertificate({ name: 'bob', issuer: authority }))
  writeCertificate(cwd, 'late', makeCertificate({ name: 'late', issuer: authority, from: -9, to: -3 }))
  const server = await startWorkers(['--cert-file', 'server.pem', '--key-file', 'server.key', '--ca-certs', 'required.pem', '--cert-reqs', 'required', 'shown.mjs'], { cwd })
  const url = `https://127.0.0.1:${server.port}/`
  assert.equal((await shown('-k', '--cert', 'bob.pem', '--key', 'bob.key', url)).SSL_CLIENT_S_DN, 'CN=bob')
  for (const args of [[], ['--cert', 'late.pem', '--key', 'late.key']]) assert.notEqual((await curl('-k', ...args, url)).code, 0)
  await server.until(/"cause":"bad-handshake"/, 2)
  await server.stop()
})

test('the PROXY protocol of a trusted peer, also before TLS; a stranger, and a client without it, are closed without an answer', { skip }, async () => {
  writeCertificate(cwd, 'proxied', makeCertificate({ name: 'localhost' }))
  for (const [scheme, args] of [['http', []], ['https', ['--cert-file', 'proxied.pem', '--key-file', 'proxied.key']]] as const) {
    const server = await startWorkers(['--proxy-protocol', ...args, 'shown.mjs'], { cwd })
    const url = `${scheme}://127.0.0.1:${server.port}/`
    const told = await shown('-k', '--haproxy-protocol', '--local-port', '20000-29999', url)
    assert.equal(told.REMOTE_ADDR, '127.0.0.1')
    assert.match(String(told.REMOTE_PORT), /^2\d{4}$/)
    assert.equal(told['wsgi.url_scheme'], scheme)
    assert.notEqual((await curl('-k', url)).code, 0)
    await server.until(/"cause":"bad-proxy-header"/)
    await server.stop()
  }
  const server = await startWorkers(['--proxy-protocol', '--forwarded-allow-ips', '192.0.2.1', 'shown.mjs'], { cwd })
  assert.ok(CLOSED.includes((await curl('--haproxy-protocol', `http://127.0.0.1:${server.port}/`)).code))
  await server.until(/its address is not one of forwardedAllowIps/)
  await server.stop()
})

test('forwarded fields: walked from the right, of the trusted alone; the path that a proxy has taken off', { skip }, async () => {
  const fields = (...lines: readonly string[]): readonly string[] => lines.flatMap((line) => ['-H', line])
  const chain = fields('X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.2.3', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: shop.example', 'X-Forwarded-Prefix: /outer')
  const server = await startWorkers(['--forwarded-allow-ips', '127.0.0.1,10.0.0.0/8', '--script-name', '/app', 'shown.mjs'], { cwd })
  const url = `http://127.0.0.1:${server.port}/app/cart`
  const told = await shown(...chain, url)
  assert.deepEqual([told.REMOTE_ADDR, told['wsgi.url_scheme'], told.HTTP_HOST, told.SERVER_PORT, told.SCRIPT_NAME, told.PATH_INFO],
    ['203.0.113.9', 'https', 'shop.example', '443', '/outer/app', '/cart'])
  const newer = await shown('-H', 'Forwarded: for=6.6.6.6, for="[2001:db8::7]:4711";proto=https;host=shop.example, for=10.1.2.3', url)
  assert.deepEqual([newer.REMOTE_ADDR, newer.REMOTE_PORT, newer['wsgi.url_scheme'], newer.HTTP_HOST], ['2001:db8::7', '4711', 'https', 'shop.example'])
  await server.stop()
  const wary = await startWorkers(['--forwarded-allow-ips', '192.0.2.1', 'shown.mjs'], { cwd })
  const stranger = await shown(...chain, `http://127.0.0.1:${wary.port}/app/cart`)
  assert.deepEqual([stranger.REMOTE_ADDR, stranger['wsgi.url_scheme'], stranger.HTTP_HOST, stranger.SCRIPT_NAME], ['127.0.0.1', 'http', `127.0.0.1:${wary.port}`, ''])
  await wary.stop()
})

test('several addresses at once: IPv4, IPv6, a unix socket', { skip }, async () => {
  const server = await startWorkers(['-b', '[::1]:0', '-b', 'unix:several.sock', 'shown.mjs'], { cwd })
  await server.until(/serving on unix:several\.sock/)
  const [, six = ''] = /serving on http:\/\/\[::1\]:(\d+)/.exec(server.stderr()) ?? []
  assert.equal((await shown(`http://127.0.0.1:${server.port}/`)).REMOTE_ADDR, '127.0.0.1')
  const over6 = await shown('-g', `http://[::1]:${six}/`)
  assert.deepEqual([over6.REMOTE_ADDR, over6.HTTP_HOST], ['::1', `[::1]:${six}`])
  assert.equal((await shown('--unix-socket', 'several.sock', 'http://a.example/')).REMOTE_ADDR, '')
  await server.stop()
})

test('over --max-connections: 503 with Retry-After, those that are there go on, and there is room again', { skip }, async () => {
  const server = await startWorkers(['--max-connections', '1', 'shown.mjs'], { cwd })
  const url = `http://127.0.0.1:${server.port}/`
  const first = await RawClient.connect(server.port)
  const ask = async (): Promise<number> => {
    await first.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    return (await first.response()).status
  }
  assert.equal(await ask(), 200)
  const { out } = await curl('-i', url)
  assert.match(out, /^HTTP\/1\.1 503 /)
  assert.match(out, /^Retry-After: \d+\r$/m)
  assert.equal(await ask(), 200)
  first.destroy()
  await eventually(async () => (await curl('-o', 'nothing', '-w', '%{http_code}', url)).out === '200', () => 'room')
  await server.stop()
})

test('--static: ranges, conditions, precompressed siblings, and no way out', { skip }, async () => {
  mkdirSync(join(cwd, 'public', 'sub'), { recursive: true })
  writeFileSync(join(cwd, 'secret.txt'), 'secret')
  writeFileSync(join(cwd, 'public', 'page.txt'), 'a page of text')
  writeFileSync(join(cwd, 'public', 'page.txt.gz'), gzipSync('a page of text'))
  symlinkSync(join(cwd, 'secret.txt'), join(cwd, 'public', 'link.txt'))
  symlinkSync(cwd, join(cwd, 'public', 'up'))
  const server = await startWorkers(['--static', '/files=public', 'shown.mjs'], { cwd })
  const at = (path: string): string => `http://127.0.0.1:${server.port}${path}`
  const whole = await curl('-i', at('/files/page.txt'))
  assert.match(whole.out, /^HTTP\/1\.1 200 [^]*\r\n\r\na page of text$/)
  const [, tag = ''] = /^ETag: (.*)\r$/im.exec(whole.out) ?? []
  assert.match((await curl('-i', '-r', '2-5', at('/files/page.txt'))).out, /^HTTP\/1\.1 206 [^]*Content-Range: bytes 2-5\/14\r\n[^]*\r\n\r\npage$/i)
  assert.match((await curl('-i', '-r', '99-', at('/files/page.txt'))).out, /^HTTP\/1\.1 416 /)
  assert.match((await curl('-i', '-H', `If-None-Match: ${tag}`, at('/files/page.txt'))).out, /^HTTP\/1\.1 304 /)
  assert.match((await curl('-i', '-H', 'If-Match: "other"', at('/files/page.txt'))).out, /^HTTP\/1\.1 412 /)
  assert.match((await curl('-o', 'nothing', '-D', '-', '-H', 'Accept-Encoding: gzip', at('/files/page.txt'))).out, /^Content-Encoding: gzip\r$/im)
  for (const path of ['/files/../secret.txt', '/files/%2e%2e/secret.txt', '/files/..%2fsecret.txt', '/files/%2e%2e%2fsecret.txt', '/files/..%5csecret.txt',
    '/files/sub/../../secret.txt', '/files/link.txt', '/files/up/secret.txt', '/files/page.txt%00', '/files/%00', '/files//etc/passwd', '/files/%252e%252e/secret.txt']) {
    const { out } = await curl('--path-as-is', '-w', '\n%{http_code}', at(path))
    assert.match(out, /\n40[04]$/, path)
    assert.doesNotMatch(out, /secret|root:/, path)
  }
  await server.stop()
})
