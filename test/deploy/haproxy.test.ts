/** HAProxy in front, as docs/proxies.md has it. */
import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect } from 'node:tls'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { RawClient } from '../support/raw-client.ts'
import { accepts, eventually, startWorkers, workplace, type Workers } from '../support/workers.ts'

const program = ['haproxy', '/usr/sbin/haproxy'].find((name) => spawnSync(name, ['-v']).status === 0)
const skip = program === undefined && 'there is no haproxy'
const cwd = workplace()
const [, snippet = ''] = /^```haproxy\n([^]*?)^```$/m.exec(readFileSync('docs/proxies.md', 'utf8')) ?? []

writeFileSync(join(cwd, 'proxied.mjs'), `
  const connections = new Set()
  let checks = 0
  export default async (environ, startResponse) => {
    connections.add(environ['pulsar.connection'].peer)
    if (environ.PATH_INFO === '/check' && environ.REMOTE_ADDR === '127.0.0.1') checks++
    let bytes = 0
    for await (const piece of environ['wsgi.input']) bytes += piece.length
    startResponse('200 OK', [['Content-Type', 'application/json']])
    const texts = Object.entries(environ).filter(([, value]) => typeof value === 'string')
    return [Buffer.from(JSON.stringify({ ...Object.fromEntries(texts), bytes, checks, connections: connections.size }))]
  }
`)

type Shown = Readonly<Record<string, string | number>>

const running: ChildProcess[] = []
const servers: Workers[] = []
let count = 0

/** HAProxy on a unix socket or a port of its own choice, in front of a server that is started for it. */
async function front(words: { readonly args?: readonly string[], readonly bind?: string, readonly server?: string }): Promise<string> {
  const server = await startWorkers([...words.args ?? [], '-w', '0', 'proxied.mjs'], { cwd })
  servers.push(server)
  const path = join(cwd, `front${++count}.sock`)
  const here = snippet.replace('bind :80', `bind ${path} ${words.bind ?? ''}`)
    .replace('server one 127.0.0.1:8060', `server one 127.0.0.1:${server.port} ${words.server ?? ''}`)
  assert.ok(here.includes(path) && here.includes(String(server.port)), here)
  const config = join(cwd, `haproxy${count}.cfg`)
  writeFileSync(config, `global\n  maxconn 100\ndefaults\n  mode http\n  timeout connect 10s\n  timeout client 30s\n  timeout server 30s\n${here}\n`)
  const proxy = spawn(program as string, ['-db', '-f', config], { stdio: ['ignore', 'ignore', 'inherit'] })
  running.push(proxy)
  await eventually(() => accepts(path), () => 'haproxy')
  return path
}

after(async () => {
  for (const proxy of running) {
    const ended = new Promise((resolve) => proxy.once('exit', resolve))
    proxy.kill('SIGTERM')
    await ended
  }
  for (const server of servers) await server.stop()
})

async function ask(client: RawClient, fields: string = '', body: string | Uint8Array = ''): Promise<Shown> {
  const length = body.length === 0 ? '' : `Content-Length: ${body.length}\r\n`
  await client.send(`POST /path HTTP/1.1\r\nHost: shop.example\r\n${fields}${length}\r\n`, body)
  const answer = await client.finalResponse('POST')
  assert.equal(answer.status, 200)
  return JSON.parse(answer.body.toString()) as Shown
}

const FORGED = 'X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Prefix: /evil\r\nX-Forwarded-Proto: https\r\nForwarded: for=1.1.1.1\r\n'

test('the fields are HAProxy\'s own, connections are kept, and uploads go through', { skip }, async () => {
  await using client = await RawClient.connect({ path: await front({}) })
  for (let i = 0; i < 3; i++) {
    const shown = await ask(client, FORGED)
    assert.deepEqual([shown.HTTP_HOST, shown.SCRIPT_NAME, shown['wsgi.url_scheme'], shown.HTTP_FORWARDED, shown.connections],
      ['shop.example', '', 'http', undefined, 1])
  }
  assert.equal((await ask(client, '', Buffer.alloc(3_000_000, 'a'))).bytes, 3_000_000)
  await client.send('POST /path HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n', '3\r\nabc\r\n', '3\r\ndef\r\n0\r\n\r\n')
  assert.equal((JSON.parse((await client.finalResponse('POST')).body.toString()) as Shown).bytes, 6)
})

for (const [version, words] of [['1', 'send-proxy'], ['2', 'send-proxy-v2']] as const) {
  test(`by version ${version} of the PROXY protocol the client is told in front of each connection`, { skip }, async () => {
    // Whom the client connects from is told to HAProxy the same way.
    const path = await front({ args: ['--proxy-protocol', '--forwarded-allow-ips', '127.0.0.1'], bind: 'accept-proxy', server: words })
    await using client = await RawClient.connect({ path })
    await client.send('PROXY TCP4 203.0.113.9 198.51.100.1 4711 80\r\n')
    const shown = await ask(client, '', 'body')
    const { REMOTE_ADDR, REMOTE_PORT, SERVER_PORT, bytes } = shown
    assert.deepEqual([REMOTE_ADDR, REMOTE_PORT, SERVER_PORT, shown['wsgi.url_scheme'], bytes], ['203.0.113.9', '4711', '80', 'http', 4])
    assert.equal((await ask(client)).REMOTE_ADDR, '203.0.113.9', 'the connection goes on')
    await using other = await RawClient.connect({ path })
    await other.send('PROXY TCP6 2001:db8::7 2001:db8::1 4712 80\r\n')
    assert.equal((await ask(other)).REMOTE_ADDR, '2001:db8::7')
  })
}

test('the client\'s address is told by the field where HAProxy knows it', { skip }, async () => {
  await using client = await RawClient.connect({ path: await front({ bind: 'accept-proxy' }) })
  await client.send('PROXY TCP4 203.0.113.9 198.51.100.1 4711 80\r\n')
  const shown = await ask(client, FORGED)
  assert.deepEqual([shown.REMOTE_ADDR, shown.SCRIPT_NAME, shown['wsgi.url_scheme'], shown.HTTP_HOST], ['203.0.113.9', '', 'http', 'shop.example'])
})

test('with TLS as far as HAProxy, https is told by version 2, and by the field', { skip }, async () => {
  const { certFile, keyFile } = writeCertificate(cwd, 'front', makeCertificate({ name: 'localhost' }))
  const both = join(cwd, 'both.pem')
  writeFileSync(both, readFileSync(certFile, 'utf8') + readFileSync(keyFile, 'utf8'))
  const bind = `ssl crt ${both}`
  for (const way of [{ bind }, { bind, args: ['--proxy-protocol'], server: 'send-proxy-v2-ssl' }]) {
    const path = await front(way)
    const socket = connect({ path, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    await using client = RawClient.on(socket)
    const shown = await ask(client, 'X-Forwarded-Proto: http\r\n')
    assert.deepEqual([shown['wsgi.url_scheme'], shown.HTTPS], ['https', 'on'])
  }
})

test('HAProxy\'s own checks, which speak for no client, are served and are no errors', { skip }, async () => {
  const checked = 'send-proxy-v2 check inter 20ms check-send-proxy\n  option httpchk GET /check'
  const path = await front({ args: ['--proxy-protocol'], server: checked })
  const server = servers.at(-1) as Workers
  await using client = await RawClient.connect({ path })
  await eventually(async () => Number((await ask(client)).checks) > 2, () => `checks\n${server.stderr()}`)
  assert.equal(server.times(/"level":"(error|warning)"/), 0, server.stderr())
})
