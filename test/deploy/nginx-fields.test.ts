/** The configuration of nginx in docs/proxies.md, with nginx: what it says of clients, and what it keeps from them. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { RawClient } from '../support/raw-client.ts'
import { accepts, eventually, startWorkers, workplace } from '../support/workers.ts'

const program = ['nginx', '/usr/sbin/nginx'].find((name) => spawnSync(name, ['-v']).status === 0)
const cwd = workplace()
const path = join(cwd, 'front.sock')

writeFileSync(join(cwd, 'proxied.mjs'), `
  const connections = new Set()
  export default async (environ, startResponse) => {
    connections.add(environ['pulsar.connection'].peer)
    let bytes = 0
    for await (const piece of environ['wsgi.input']) bytes += piece.length
    startResponse('200 OK', [['Content-Type', 'application/json']])
    const texts = Object.entries(environ).filter(([, value]) => typeof value === 'string')
    return [Buffer.from(JSON.stringify({ ...Object.fromEntries(texts), bytes, connections: connections.size }))]
  }
`)

function configuration(port: number): string {
  const [, snippet = ''] = /^```nginx\n([^]*?)^```$/m.exec(readFileSync('docs/proxies.md', 'utf8')) ?? []
  // Whom the client connects from is told to nginx by the PROXY protocol: a unix socket has no addresses.
  const here = snippet.replace('127.0.0.1:8060', `127.0.0.1:${port}`)
    .replace('listen 80;', `listen unix:${path} proxy_protocol; set_real_ip_from unix:; real_ip_header proxy_protocol; client_max_body_size 10m;`)
  assert.ok(here.includes(path) && here.includes(String(port)))
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${join(cwd, name)};`)
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  return `${user} daemon off; pid ${join(cwd, 'nginx.pid')}; error_log stderr; events {} http { access_log off; ${folders.join(' ')}\n${here}}`
}

const FORGED = ['X-Forwarded-For: 192.0.2.66', 'X-Forwarded-Host: evil', 'X-Forwarded-Port: 1', 'X-Forwarded-Prefix: /evil',
  'X-Forwarded-Proto: https', 'Forwarded: for=192.0.2.66;host=evil'].map((line) => `${line}\r\n`).join('')

test('behind nginx as docs/proxies.md has it the fields are its own, its connections are kept, uploads go through', { skip: program === undefined && 'there is no nginx' }, async () => {
  const server = await startWorkers(['-w', '0', 'proxied.mjs'], { cwd })
  writeFileSync(join(cwd, 'nginx.conf'), configuration(server.port))
  const proxy = spawn(program as string, ['-p', cwd, '-c', join(cwd, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = new Promise((resolve) => proxy.once('exit', resolve))
  try {
    await eventually(() => accepts(path), () => 'nginx')
    await using client = await RawClient.connect({ path })
    await client.send('PROXY TCP4 203.0.113.9 198.51.100.1 4711 80\r\n')
    for (const body of ['', 'a'.repeat(3_000_000)]) {
      await client.send(`POST /path HTTP/1.1\r\nHost: shop.example\r\n${FORGED}Content-Length: ${body.length}\r\n\r\n`, body)
      const shown = JSON.parse((await client.finalResponse('POST')).body.toString()) as Record<string, string | number>
      const { REMOTE_ADDR, HTTP_HOST, SCRIPT_NAME, SERVER_PORT, HTTP_FORWARDED, bytes, connections } = shown
      assert.deepEqual([REMOTE_ADDR, HTTP_HOST, SCRIPT_NAME, shown['wsgi.url_scheme'], SERVER_PORT, HTTP_FORWARDED, bytes, connections],
        ['203.0.113.9', 'shop.example', '', 'http', '80', undefined, body.length, 1])
    }
  } finally {
    proxy.kill('SIGTERM')
    await ended
    await server.stop()
  }
})
