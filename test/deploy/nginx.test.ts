/** The configuration of nginx in docs/deployment.md, with nginx. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { RawClient } from '../support/raw-client.ts'
import { accepts, eventually, startWorkers, workplace, type Workers } from '../support/workers.ts'

const program = ['nginx', '/usr/sbin/nginx'].find((name) => spawnSync(name, ['-v']).status === 0)
const cwd = workplace()
const front = { path: join(cwd, 'front.sock') }

const application = `
  const peers = new Set()
  export default (environ, startResponse) => {
    const connection = environ['pulsar.connection']
    if (environ.HTTP_UPGRADE === 'echo') {
      const stream = connection.upgrade('101 Switching Protocols', [['Upgrade', 'echo'], ['Connection', 'Upgrade']])
      stream.pipe(stream)
      return []
    }
    peers.add(connection.peer)
    startResponse('200 OK', [['Content-Type', 'text/plain']])
    if (environ.REQUEST_METHOD !== 'POST') return [Buffer.from(JSON.stringify([environ['pulsar.request_id'], peers.size]))]
    return (async function* () {
      for (;;) {
        const bytes = await environ['wsgi.input'].read(3)
        if (bytes.length === 0) return
        yield bytes
      }
    })()
  }
`

function configuration(): string {
  const page = readFileSync('docs/deployment.md', 'utf8')
  const [, snippet = ''] = /^```nginx\n([^]*?)^```$/m.exec(page) ?? []
  const here = snippet.replace('unix:/run/app/pulsar.sock', `unix:${join(cwd, 'app.sock')}`).replace('listen 80;', `listen unix:${front.path};`)
  assert.ok(here.includes(cwd))
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${join(cwd, name)};`)
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  return `${user} daemon off; pid ${join(cwd, 'nginx.pid')}; error_log stderr; events {} http { access_log off; ${folders.join(' ')}\n${here}}`
}

describe('behind nginx as docs/deployment.md has it', { skip: program === undefined && 'there is no nginx' }, () => {
  let server: Workers
  let proxy: ReturnType<typeof spawn>
  const clients: RawClient[] = []
  const client = async (): Promise<RawClient> => {
    const made = await RawClient.connect(front)
    clients.push(made)
    return made
  }

  before(async () => {
    writeFileSync(join(cwd, 'proxied.mjs'), application)
    writeFileSync(join(cwd, 'nginx.conf'), configuration())
    server = await startWorkers(['-b', 'unix:app.sock', '--forwarded-allow-ips', 'unix', '--access-log', '-', 'proxied.mjs'], { cwd, bind: [] })
    proxy = spawn(program as string, ['-p', cwd, '-c', join(cwd, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'inherit'] })
    await eventually(() => accepts(front.path), () => 'nginx')
  })

  after(async () => {
    for (const one of clients) one.destroy()
    const ended = new Promise((resolve) => proxy.once('exit', resolve))
    proxy.kill('SIGTERM')
    await ended
    await server.stop()
  })

  test('its connections are kept, and the ids are its own', async () => {
    const one = await client()
    const ids: string[] = []
    for (let i = 0; i < 5; i++) {
      await one.send('GET / HTTP/1.1\r\nHost: shop.example\r\nX-Request-Id: forged\r\n\r\n')
      const [id = '', connections] = JSON.parse((await one.response()).body.toString()) as [string, number]
      assert.match(id, /^[0-9a-f]{32}$/)
      assert.equal(connections, 1)
      ids.push(id)
    }
    await eventually(() => ids.every((id) => server.stdout().includes(`id=${id} `)), () => 'lines of the access log')
  })

  test('a body goes through as it comes, both ways', async () => {
    const one = await client()
    await one.send('POST / HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')
    while (!one.received().includes('abc')) await new Promise((resolve) => one.socket.once('data', resolve))
    await one.send('3\r\ndef\r\n0\r\n\r\n')
    assert.equal((await one.response()).body.toString(), 'abcdef')
  })

  test('a connection is upgraded', async () => {
    const one = await client()
    await one.send('GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    assert.equal((await one.response()).status, 101)
    await one.send('hello')
    assert.equal((await one.bytes(5)).toString(), 'hello')
  })
})
