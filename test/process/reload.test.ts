import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { RawClient, valuesOf } from '../support/raw-client.ts'
import { SteadyClients } from '../support/steady-clients.ts'
import { eventually, startWorkers, workplace, type Workers } from '../support/workers.ts'

const CLIENTS = 64

async function reloaded(server: Workers, times: number): Promise<void> {
  process.kill(server.pid, 'SIGHUP')
  await server.until(/reloaded: \d+ new workers serve/, times)
}

test('64 kept-alive clients lose no request while the server is reloaded, grows, shrinks and is succeeded by another', async () => {
  const cwd = workplace()
  const server = await startWorkers(['-w', '2', '-p', 'server.pid', 'app.mjs'], { cwd })
  const clients = new SteadyClients(server.port, { count: CLIENTS })
  const main = (): number => Number(readFileSync(join(cwd, 'server.pid'), 'utf8'))
  const before = server.children()
  for (let i = 1; i <= 3; i++) await reloaded(server, i)
  process.kill(main(), 'SIGTTIN')
  await server.until(/worker \d+ serves/, 9)
  process.kill(main(), 'SIGTTOU')
  await server.until(/"stopped"/, 7)
  process.kill(main(), 'SIGUSR2')
  await server.until(/the new arbiter \(process \d+\) serves: draining/)
  await server.until(/"stopped"/, 9)
  const { answered, failures } = await clients.stop()
  assert.deepEqual(failures, {})
  assert.ok(answered > CLIENTS * 10, String(answered))
  assert.notEqual(main(), server.pid)
  assert.equal(before.some((pid) => server.children().includes(pid)), false)
  process.kill(main(), 'SIGTERM')
  await server.ended
})

test('workers that are replaced after so many requests lose none', async () => {
  const server = await startWorkers(['-w', '2', '--max-requests', '500', '--max-requests-jitter', '100', 'app.mjs'], { cwd: workplace() })
  const clients = new SteadyClients(server.port, { count: CLIENTS })
  await server.until(/is replaced: it has taken [56]\d\d requests/, 4)
  const { answered, failures } = await clients.stop()
  assert.deepEqual(failures, {})
  assert.ok(answered >= 2000)
  await server.stop()
})

test('a new version serves after a reload; one that cannot be loaded is given up without a failed request, and the log says why', async () => {
  const cwd = workplace()
  const app = (text: string): string => `export default (environ, start) => { start('200 OK', []); return [Buffer.from('${text}')] }`
  writeFileSync(join(cwd, 'version.mjs'), app('one'))
  const server = await startWorkers(['-w', '2', 'version.mjs'], { cwd })
  const clients = new SteadyClients(server.port, { count: 8 })
  assert.equal(await server.body('/'), 'one')
  writeFileSync(join(cwd, 'version.mjs'), 'export default (')
  process.kill(server.pid, 'SIGHUP')
  await server.until(/the reload is given up, the old version goes on: version\.mjs cannot be loaded: .*version\.mjs:\d/)
  assert.equal(await server.body('/'), 'one')
  writeFileSync(join(cwd, 'version.mjs'), app('two'))
  await reloaded(server, 1)
  assert.equal(await server.body('/'), 'two')
  assert.deepEqual((await clients.stop()).failures, {})
  await server.stop()
})

test('with a ready path, the application itself says whether a new version may serve', async () => {
  const cwd = workplace()
  writeFileSync(join(cwd, 'pulsar.config.mjs'), "export default { readyPath: '/pid' }")
  const server = await startWorkers(['-w', '1', 'app.mjs'], { cwd })
  writeFileSync(join(cwd, 'pulsar.config.mjs'), "export default { readyPath: '/not-ready' }")
  process.kill(server.pid, 'SIGHUP')
  await server.until(/given up, the old version goes on: \/not-ready answered 503 Service Unavailable/)
  assert.equal(await server.body('/'), 'hello')
  await server.stop()
})

test('a reload reads the configuration: the number of workers and the addresses too', async () => {
  const cwd = workplace()
  const config = (workers: number, ...bind: readonly string[]): void =>
    writeFileSync(join(cwd, 'pulsar.config.mjs'), `export default ${JSON.stringify({ workers, bind })}`)
  const hello = async (where: string | { path: string }): Promise<string> => {
    const client = await RawClient.connect(where)
    await client.send('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    const { body } = await client.response()
    client.destroy()
    return body.toString()
  }
  const [first, second] = [join(cwd, 'first.sock'), join(cwd, 'second.sock')]
  config(1, '127.0.0.1:0', `unix:${first}`)
  const server = await startWorkers(['app.mjs'], { cwd, bind: [] })
  assert.equal(server.children().length, 1)
  config(3, '127.0.0.1:0', `unix:${second}`)
  await reloaded(server, 1)
  assert.equal(await hello({ path: second }), 'hello')
  assert.equal(await hello(server.address), 'hello')
  assert.equal(existsSync(first), false)
  await eventually(() => server.children().length === 3, () => 'three workers')
  await server.stop()
})

test('reloads that are asked for during a reload are one', async () => {
  const server = await startWorkers(['-w', '1', 'slow-start.mjs'], { cwd: workplace() })
  process.kill(server.pid, 'SIGHUP')
  for (let i = 1; i <= 3; i++) {
    await server.until(/SIGHUP: /, i)
    process.kill(server.pid, 'SIGHUP')
  }
  await server.until(/another follows/, 3)
  await server.until(/reloaded/, 2)
  await server.until(/"stopped"/, 2)
  assert.equal(server.times(/reloaded/), 2)
  await server.stop()
})

test('an idle kept-alive connection is not cut at a reload: its next answer says close', async () => {
  const server = await startWorkers(['-w', '1', 'app.mjs'], { cwd: workplace() })
  const client = await RawClient.connect(server.port)
  await client.send('GET /pid HTTP/1.1\r\nHost: h\r\n\r\n')
  const first = await client.response()
  await reloaded(server, 1)
  await server.until(/stopping: 1 connections are still open/)
  await client.send('GET /pid HTTP/1.1\r\nHost: h\r\n\r\n')
  const second = await client.response()
  assert.equal(second.body.toString(), first.body.toString())
  assert.deepEqual(valuesOf(second, 'connection'), ['close'])
  client.destroy()
  assert.notEqual(await server.body('/pid'), first.body.toString())
  await server.stop()
})

test('what stays silent is closed at the end of a bounded wait, and the old worker ends', async () => {
  const server = await startWorkers(['-w', '1', '--graceful-timeout', '1', 'app.mjs'], { cwd: workplace() })
  const client = await RawClient.connect(server.port)
  await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  await client.response()
  await reloaded(server, 1)
  await client.untilClosed()
  assert.equal(client.error, null)
  await server.until(/"stopped"/)
  await server.stop()
})
