import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import type { Health, Requests, Status, WorkerStacks } from '../../src/observe/admin/status.ts'
import { AdminClient } from '../support/admin-client.ts'
import { Metrics } from '../support/prometheus.ts'
import { RawClient } from '../support/raw-client.ts'
import { runCommand } from '../support/start-command.ts'
import { eventually, killLeft, startWorkers, workplace, type Workers } from '../support/workers.ts'

const cwd = workplace()
const admin = ['--admin', '127.0.0.1:0']

async function started(...args: string[]): Promise<{ server: Workers, client: AdminClient }> {
  const server = await startWorkers([...admin, ...args], { cwd })
  return { server, client: AdminClient.of(server) }
}

/** Of a server whose workers hear nothing. */
async function end(server: Workers): Promise<void> {
  const ended = server.stop('SIGQUIT')
  killLeft(server.children())
  await ended
}

suite('health', () => {
  test('it is alive and ready while workers serve, and not ready while it drains', async () => {
    const { server, client } = await started('-w', '2', 'app.mjs')
    assert.equal(await client.status('/livez'), 200)
    assert.equal(await client.status('/readyz'), 200)
    const slow = await RawClient.connect(server.address)
    await slow.send('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
    await eventually(async () => (await client.json<Requests>('/requests')).running.length === 1, () => 'the request to run')
    await client.do('/stop')
    await eventually(async () => await client.status('/readyz') === 503, () => 'readyz to say that it drains')
    assert.match((await client.json<Health>('/readyz')).checks[0]?.detail ?? '', /drains/)
    assert.equal(await client.status('/livez'), 200)
    assert.equal((await slow.response()).body.toString(), 'slow')
    assert.equal((await server.ended).code, 0)
  })

  test('it is not ready when every worker is stuck, and says where they are', async () => {
    const { server, client } = await started('-w', '1', '-t', '0', 'blocks.ts')
    const stuck = await RawClient.connect(server.address)
    await stuck.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await eventually(async () => (await client.json<Health>('/readyz')).ready === false, () => 'the worker to be stuck')
    assert.equal(await client.status('/livez'), 200)
    const { checks } = await client.json<Health>('/readyz')
    assert.match(checks.find(({ name }) => name === 'worker 1')?.detail ?? '', /blocked/)
    const [stacks] = await client.do<WorkerStacks[]>('/stacks')
    assert.equal(stacks?.loop, 'blocked')
    assert.match(stacks?.stack ?? '', /at spin \(.*blocks\.ts:\d+:\d+\)/)
    await eventually(async () => (await client.json<Status>('/status')).workers[0]?.state === 'silent', () => 'the status to say so')
    stuck.destroy()
    await end(server)
  })

  test('a worker that waits outside of JavaScript is told from one that is free', async () => {
    const { server, client } = await started('-w', '2', '-t', '0', 'app.mjs')
    const stuck = await RawClient.connect(server.address)
    await stuck.send('GET /sleep HTTP/1.1\r\nHost: a\r\n\r\n')
    await eventually(async () => (await client.json<Requests>('/requests')).silent.length === 1, () => 'one to be stuck')
    assert.equal(await client.status('/readyz'), 200, 'the other one serves')
    assert.deepEqual((await client.do<WorkerStacks[]>('/stacks')).map(({ loop }) => loop).sort(), ['free', 'outside'])
    stuck.destroy()
    await end(server)
  })

  test('the application\'s own check counts', async () => {
    writeFileSync(join(cwd, 'checked.config.mjs'), `
      let asked = 0
      export default { health: async () => { if (++asked > 1) throw new Error('the database is away') } }`)
    const { server, client } = await started('-w', '1', '-c', 'checked.config.mjs', 'app.mjs')
    assert.equal(await client.status('/readyz'), 200)
    const { ready, checks } = await client.json<Health>('/readyz')
    assert.equal(ready, false)
    assert.deepEqual(checks.at(-1), { name: 'worker 1', ok: false, detail: 'the database is away' })
    await server.stop()
  })

  test('it answers before any worker serves, that it is not ready', async () => {
    const socket = join(cwd, 'early.sock')
    const client = new AdminClient(`unix:${socket}`)
    writeFileSync(join(cwd, 'never-yet.mjs'), `
      import { existsSync } from 'node:fs'
      while (!existsSync('now')) await new Promise((resolve) => setTimeout(resolve, 20))
      export { default } from './app.mjs'`)
    const starting = startWorkers(['--admin', `unix:${socket}`, '-w', '1', 'never-yet.mjs'], { cwd })
    await eventually(() => client.status('/livez').then((status) => status === 200, () => false), () => 'the admin server')
    const { ready, checks } = await client.json<Health>('/readyz')
    assert.deepEqual([ready, checks], [false, [{ name: 'server', ok: false, detail: 'no worker serves yet' }]])
    writeFileSync(join(cwd, 'now'), '')
    const server = await starting
    assert.equal(await client.status('/readyz'), 200)
    await server.stop()
  })
})

suite('steering', () => {
  test('workers are added and removed, and the log level changes, also for workers that come later', async () => {
    const { server, client } = await started('-w', '1', 'app.mjs')
    await client.do('/scale', { workers: 3 })
    await eventually(async () => (await client.json<Status>('/status')).workers.filter(({ state }) => state === 'ready').length === 3, () => 'three workers')
    await client.do('/loglevel', { level: 'error' })
    await client.do('/scale', { workers: 1 })
    await eventually(() => server.children().length === 1, () => 'one worker')
    assert.equal(server.times(/admin: 1 workers are wanted/), 0, 'notices are not logged any more')
    for (const [path, body] of [['/scale', { workers: 0 }], ['/scale', {}], ['/loglevel', { level: 'loud' }], ['/stop', { grace: -1 }]] as const) {
      assert.equal(await client.status(path, { method: 'POST', body }), 400, path)
    }
    await server.stop()
  })

  test('what is under way is listed with its age, and what was slow or failed is kept', async () => {
    const { server, client } = await started('-w', '2', '-t', '1', 'app.mjs')
    const late = server.status('/slow?secret=1')
    await eventually(async () => {
      const [one] = (await client.json<Requests>('/requests')).running
      return one?.path === '/slow' && one.age > 0
    }, () => 'the request to be listed')
    assert.equal(await late, 504)
    const { slowest, failed, running } = await client.json<Requests>('/requests')
    assert.deepEqual(running, [])
    assert.deepEqual([slowest[0]?.path, slowest[0]?.cause, failed[0]?.status], ['/slow', 'application-timeout', 504])
    assert.ok((slowest[0]?.application ?? 0) > 0.9)
    assert.equal((await Metrics.of(client)).sum('pulsar_refused_total', { cause: 'application-timeout' }), 1)
    await server.stop()
  })

  test('a successor takes the admin server over', async () => {
    const { server, client } = await started('-w', '1', '-p', 'succ.pid', 'app.mjs')
    assert.equal(await client.status('/livez'), 200)
    server.process.kill('SIGUSR2')
    await server.until(/the new arbiter \(process \d+\) serves/)
    await server.until(/admin server on/, 2)
    const other = new AdminClient([...server.stderr().matchAll(/admin server on (http:[^\s"]+)/g)].at(-1)?.[1] ?? '')
    const { pid } = await other.json<Status>('/status')
    assert.notEqual(pid, server.pid)
    process.kill(pid, 'SIGTERM')
    await server.until(/"stopped|SIGTERM: stopping/)
  })
})

suite('access', () => {
  test('an address that others reach wants a token, which is then asked for', async () => {
    const refused = await runCommand(['--admin', '0.0.0.0:0', '-b', '127.0.0.1:0', 'app.mjs'], { cwd })
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /admin \(command line\): expected a loopback address or a unix socket, or an adminToken/)
    const server = await startWorkers(['--admin', '0.0.0.0:0', '-w', '1', 'app.mjs'], { cwd, env: { PULSAR_ADMIN_TOKEN: 'correct-horse-battery' } })
    const client = AdminClient.of(server)
    const fields = { Authorization: 'Bearer correct-horse-battery', Host: 'ops.example' }
    assert.equal(await client.status('/livez'), 200)
    assert.equal(await client.status('/status'), 401)
    assert.equal(await client.status('/metrics'), 401)
    assert.equal(await client.status('/reload', { method: 'POST', body: {} }), 401)
    assert.equal(await client.status('/status', { fields }), 200)
    assert.doesNotMatch((await client.ask('/settings', { fields })).body.toString(), /correct-horse/)
    await server.stop()
  })

  test('no page of another site has a button here', async () => {
    const { server, client } = await started('-w', '1', 'app.mjs')
    const post = { method: 'POST', body: {} } as const
    assert.equal(await client.status('/reload', { ...post, fields: { Origin: 'http://evil.example' } }), 403)
    assert.equal(await client.status('/reload', { ...post, fields: { Host: 'evil.example' } }), 421)
    assert.equal(await client.status('/reload', { ...post, fields: { 'Content-Type': 'text/plain' } }), 415)
    assert.equal(await client.status('/live', { fields: { Origin: 'http://evil.example', Upgrade: 'websocket', Connection: 'Upgrade' } }), 403)
    assert.equal(await client.status('/reload'), 405)
    assert.equal(await client.status('/nowhere'), 404)
    assert.equal(server.times(/reloading/), 0)
    await server.stop()
  })

  test('a unix socket serves too, and is removed at the end', async () => {
    const server = await startWorkers(['--admin', `unix:${join(cwd, 'admin.sock')}`, '-w', '1', 'app.mjs'], { cwd })
    assert.equal(await AdminClient.of(server).status('/readyz', { fields: { Host: 'anything' } }), 200)
    await server.stop()
    await assert.rejects(new AdminClient(`unix:${join(cwd, 'admin.sock')}`).status('/livez'), { code: 'ENOENT' })
  })
})
