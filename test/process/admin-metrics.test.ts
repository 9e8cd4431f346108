import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Status } from '../../src/observe/admin/status.ts'
import { AdminClient } from '../support/admin-client.ts'
import { projectRoot } from '../support/project.ts'
import { withoutPython3 } from '../support/python-server.ts'
import { Metrics } from '../support/prometheus.ts'
import { eventually, startWorkers, workplace, type Workers } from '../support/workers.ts'

const cwd = workplace()
const packageFile = (path: string): string => pathToFileURL(join(projectRoot, 'dist', path)).href

async function started(...args: string[]): Promise<{ server: Workers, client: AdminClient }> {
  const server = await startWorkers(['--admin', '127.0.0.1:0', ...args], { cwd })
  return { server, client: AdminClient.of(server) }
}

test('what /metrics says of all workers is what was asked of them, also of those that have ended', async () => {
  const { server, client } = await started('-w', '2', 'app.mjs')
  for (let i = 0; i < 30; i++) await server.body('/')
  for (let i = 0; i < 5; i++) await server.status('/not-ready')
  const before = await Metrics.of(client)
  assert.equal(before.sum('pulsar_requests_total', { status: '200', method: 'GET', kind: 'wsgi' }), 30)
  assert.equal(before.sum('pulsar_requests_total', { status: '503' }), 5)
  assert.equal(before.sum('pulsar_application_errors_total', { status: '503' }), 5)
  assert.equal(before.sum('pulsar_application_errors_total'), 5)
  assert.equal(before.sum('pulsar_request_duration_seconds'), 35)
  assert.equal(before.sum('pulsar_workers', { state: 'ready' }), 2)
  assert.equal(before.samples('pulsar_worker_memory_bytes').length, 2)
  await client.do('/reload')
  await server.until(/reloaded: 2 new workers serve/)
  await eventually(() => server.children().length === 2, () => 'the old workers to end')
  for (let i = 0; i < 10; i++) await server.body('/')
  const after = await Metrics.of(client)
  assert.equal(after.sum('pulsar_requests_total', { status: '200' }), 40)
  assert.equal(after.sum('pulsar_request_duration_seconds'), 45)
  assert.equal(after.sum('pulsar_reloads_total', { outcome: 'done' }), 1)
  await server.stop()
})

test('what a killed worker had told stays counted, and its death is', async () => {
  const { server, client } = await started('-w', '1', 'app.mjs')
  for (let i = 0; i < 7; i++) await server.body('/')
  assert.equal((await Metrics.of(client)).sum('pulsar_requests_total'), 7)
  process.kill(server.children()[0] as number, 'SIGKILL')
  await server.until(/worker 2 serves/)
  await server.body('/')
  const { sum } = await Metrics.of(client).then((metrics) => ({ sum: metrics.sum.bind(metrics) }))
  assert.equal(sum('pulsar_requests_total'), 8)
  assert.equal(sum('pulsar_workers_died_total'), 1)
  await server.stop()
})

test('OpenMetrics is there for who asks for it', async () => {
  const { server, client } = await started('-w', '1', 'app.mjs')
  await server.body('/')
  const { body } = await client.ask('/metrics', { fields: { Accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' } })
  assert.match(body.toString(), /pulsar_requests_total\{method="GET",status="200",route="",kind="wsgi"\} 1\n[^]*# EOF\n$/)
  await server.stop()
})

test('an application\'s own metrics are added up over workers, and routes have their names', async () => {
  writeFileSync(join(cwd, 'counted.mjs'), `
    import { Router, WsgiHandler } from ${JSON.stringify(packageFile('index.js'))}
    import { counter } from ${JSON.stringify(packageFile('observe/index.js'))}
    const orders = counter('shop_orders_total', { help: 'Orders.', labels: ['colour'] })
    const router = new Router('/users/<int:id>', { get: () => { orders.add(2, { colour: 'red' }); return 'ok' } })
    export default new WsgiHandler([router])`)
  const { server, client } = await started('-w', '2', 'counted.mjs')
  for (let i = 0; i < 10; i++) assert.equal(await server.status(`/users/${i}`), 200)
  const metrics = await Metrics.of(client)
  assert.equal(metrics.sum('shop_orders_total', { colour: 'red' }), 20)
  assert.equal(metrics.sum('pulsar_requests_total', { route: '/users/<int:id>' }), 10)
  await server.stop()
})

test('without workers the process tells of itself', async () => {
  const { server, client } = await started('-w', '0', 'app.mjs')
  for (let i = 0; i < 3; i++) await server.body('/')
  assert.equal((await Metrics.of(client)).sum('pulsar_requests_total'), 3)
  assert.equal(await client.status('/readyz'), 200)
  assert.equal((await client.json<Status>('/status')).workers[0]?.pid, server.pid)
  assert.equal(await client.status('/reload', { method: 'POST', body: {} }), 409)
  await client.do('/stop')
  assert.equal((await server.ended).code, 0)
})

test('of several applications each request is counted with the kind of the one that had it', { skip: withoutPython3 }, async () => {
  writeFileSync(join(cwd, 'fetched.mjs'), 'export default { fetch: () => new Response("fetched") }')
  writeFileSync(join(cwd, 'noded.mjs'), 'export default function (req, res) { res.end("noded") }')
  mkdirSync(join(cwd, 'files'))
  writeFileSync(join(cwd, 'files', 'a.txt'), 'a file')
  const mounts = ['/wsgi=app.mjs', '/python=measures.py', '/fetch=fetched.mjs', '/node=noded.mjs'].flatMap((mount) => ['--mount', mount])
  const { server, client } = await started('-w', '1', ...mounts, '--static', '/files=files', '--script-name', '/app')
  const asked: readonly (readonly [path: string, body: string, kind: string])[] = [
    ['/wsgi', 'hello', 'wsgi'], ['/python', 'measured', 'python'], ['/fetch', 'fetched', 'fetch'], ['/node', 'noded', 'node'], ['/files/a.txt', 'a file', 'static'],
  ]
  // Below the prefix each is reached without a detour; beside it, by an environ.
  for (const prefix of ['/app', '/app', '']) for (const [path, body] of asked) assert.equal(await server.body(prefix + path), body)
  assert.equal(await server.status('/elsewhere'), 404)
  const metrics = await Metrics.of(client)
  for (const [,, kind] of asked) assert.equal(metrics.sum('pulsar_requests_total', { kind }), 3, kind)
  assert.equal(metrics.sum('pulsar_requests_total', { kind: 'mount', status: '404' }), 1)
  assert.equal(metrics.sum('pulsar_requests_total'), 16)
  await server.stop()
})

test('what Python applications measure is added up over two server workers with two Python workers each', { skip: withoutPython3 }, async () => {
  const { server, client } = await started('-w', '2', '--python-workers', '2', 'measures.py')
  for (let i = 0; i < 20; i++) assert.equal(await server.body('/'), 'measured')
  assert.equal(await server.body('/thread'), 'measured')
  assert.equal(await server.body('/bad'), 'measured')
  const metrics = await Metrics.of(client)
  assert.equal(metrics.sum('py_orders_total', { colour: 'red' }), 22)
  assert.equal(metrics.sum('py_orders_total', { colour: 'blue' }), 5)
  assert.equal(metrics.sum('py_seconds'), 22)
  assert.equal(metrics.sum('py_open') % 3, 0)
  assert.equal(metrics.sum('pulsar_requests_total', { kind: 'python' }), 22)
  assert.equal(metrics.sum('pulsar_python_workers'), 4)
  await server.until(/a metric of the application is not counted; said once: .*no name/)
  await server.until(/py_orders_total has the labels \(colour\), not \(shape\)/)
  await server.stop()
})
