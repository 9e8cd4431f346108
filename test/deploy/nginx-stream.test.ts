/** nginx's `stream` module in front, which passes connections on as they are and tells their clients by version 1 of the PROXY protocol. */
import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { RawClient } from '../support/raw-client.ts'
import { eventually, startWorkers, workplace, type Workers } from '../support/workers.ts'

const program = ['nginx', '/usr/sbin/nginx'].find((name) => spawnSync(name, ['-v']).status === 0)
/** Debian has it in a package of its own, libnginx-mod-stream. */
const streamModule = '/usr/lib/nginx/modules/ngx_stream_module.so'
const skip = program === undefined ? 'there is no nginx' : !existsSync(streamModule) && 'there is no stream module of nginx'
const cwd = workplace()
const page = readFileSync('docs/proxies.md', 'utf8')
const snippet = /^```nginx\n(stream [^]*?)^```$/m.exec(page)?.[1] ?? ''

writeFileSync(join(cwd, 'proxied.mjs'), `
  export default async (environ, startResponse) => {
    let bytes = 0
    for await (const piece of environ['wsgi.input']) bytes += piece.length
    startResponse('200 OK', [['Content-Type', 'application/json']])
    const texts = Object.entries(environ).filter(([, value]) => typeof value === 'string')
    return [Buffer.from(JSON.stringify({ ...Object.fromEntries(texts), bytes }))]
  }
`)

type Shown = Readonly<Record<string, string | number>>

const proxies: ChildProcess[] = []
const servers: Workers[] = []
let count = 0

/** nginx as docs/proxies.md has it, on a port of both kinds of addresses, in front of a server that is started for it. */
async function front(...args: readonly string[]): Promise<{ readonly port: number, readonly server: Workers }> {
  const server = await startWorkers(['--proxy-protocol', ...args, '-w', '2', 'proxied.mjs'], { cwd })
  servers.push(server)
  const port = await freePort()
  const here = snippet.replace('127.0.0.1:8060', `127.0.0.1:${server.port}`).replace('listen 443;', `listen 127.0.0.1:${port}; listen [::1]:${port};`)
  assert.ok(here.includes(`[::1]:${port}`) && here.includes(String(server.port)), here)
  const pid = join(cwd, `nginx${++count}.pid`)
  const config = join(cwd, `nginx${count}.conf`)
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  writeFileSync(config, `load_module ${streamModule}; ${user} daemon off; pid ${pid}; error_log stderr; events {}\n${here}`)
  const proxy = spawn(program as string, ['-p', cwd, '-c', config], { stdio: ['ignore', 'ignore', 'inherit'] })
  proxies.push(proxy)
  await eventually(() => existsSync(pid) && readFileSync(pid).length > 0, () => 'nginx')
  return { port, server }
}

after(async () => {
  for (const proxy of proxies) {
    const ended = once(proxy, 'exit')
    proxy.kill('SIGTERM')
    await ended
  }
  for (const server of servers) await server.stop()
})

async function ask(client: RawClient, body = ''): Promise<Shown> {
  await client.send(`POST /path HTTP/1.1\r\nHost: shop.example\r\nContent-Length: ${body.length}\r\n\r\n`, body)
  const answer = await client.finalResponse('POST')
  assert.equal(answer.status, 200)
  return JSON.parse(answer.body.toString()) as Shown
}

/** @param from whom the client's connection is from, which nginx alone sees */
async function connected(port: number, host: string, from: string): Promise<Socket> {
  const socket = connect({ host, port, localAddress: from })
  await once(socket, 'connect')
  return socket
}

for (const [family, host, from] of [['IPv4', '127.0.0.1', '127.0.0.7'], ['IPv6', '::1', '::1']] as const) {
  test(`a client of ${family} is told in front of its connection, for all of its requests`, { skip }, async () => {
    const { port, server } = await front()
    const socket = await connected(port, host, from)
    await using client = RawClient.on(socket)
    for (const body of ['', 'a'.repeat(500_000)]) {
      const { REMOTE_ADDR, REMOTE_PORT, SERVER_PORT, HTTP_HOST, bytes } = await ask(client, body)
      assert.deepEqual([REMOTE_ADDR, REMOTE_PORT, SERVER_PORT, HTTP_HOST, bytes], [from, String(socket.localPort), String(port), 'shop.example', body.length])
    }
    assert.equal(server.times(/"level":"(error|warning)"/), 0, server.stderr())
  })
}

test('the header comes before TLS: nginx passes encrypted bytes on, and the client is known all the same', { skip }, async () => {
  const { certFile, keyFile } = writeCertificate(cwd, 'server', makeCertificate({ name: 'shop.example', hosts: ['shop.example'] }))
  const { port, server } = await front('--cert-file', certFile, '--key-file', keyFile)
  const plain = await connected(port, '127.0.0.1', '127.0.0.7')
  const socket = connectSecurely({ socket: plain, servername: 'shop.example', ca: readFileSync(certFile) })
  await once(socket, 'secureConnect')
  await using client = RawClient.on(socket)
  const shown = await ask(client, 'body')
  assert.deepEqual([shown.REMOTE_ADDR, shown.REMOTE_PORT, shown['wsgi.url_scheme'], shown.SSL_TLS_SNI, shown.bytes],
    ['127.0.0.7', String(plain.localPort), 'https', 'shop.example', 4])
  assert.equal(server.times(/"level":"(error|warning)"/), 0, server.stderr())
})

test('nginx that is not among the trusted is a stranger: closed without an answer, one line', { skip }, async () => {
  const { port, server } = await front('--forwarded-allow-ips', '192.0.2.1')
  await using client = RawClient.on(await connected(port, '127.0.0.1', '127.0.0.7'))
  await client.send('GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n')
  assert.equal((await client.untilClosed()).length, 0)
  await server.until(/"cause":"bad-proxy-header"/)
  assert.equal(server.times(/"cause":"bad-proxy-header"/), 1)
})
