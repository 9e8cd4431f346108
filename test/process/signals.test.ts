import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { signalsPage } from '../../src/process/signals-page.ts'
import { signalNames } from '../../src/process/signals.ts'
import { RawClient } from '../support/raw-client.ts'
import { commandEntry } from '../support/project.ts'
import { childrenOf, eventually, startWorkers, workplace } from '../support/workers.ts'

const cwd = workplace()

test('docs/signals.md is what the table of signals gives; `npm run docs` writes it', () => {
  assert.equal(readFileSync('docs/signals.md', 'utf8'), signalsPage())
  assert.equal(signalNames.length, 8)
})

test('TERM lets a request end that runs; INT cuts it', async () => {
  for (const [signal, status, body] of [['SIGTERM', 200, 'slow'], ['SIGINT', 503, undefined]] as const) {
    const server = await startWorkers(['-w', '2', 'app.mjs'], { cwd })
    const client = await RawClient.connect(server.port)
    await client.send('GET /slow HTTP/1.1\r\nHost: h\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 100))
    process.kill(server.pid, signal)
    const answer = await client.response()
    assert.equal(answer.status, status)
    if (body !== undefined) assert.equal(answer.body.toString(), body)
    client.destroy()
    assert.equal((await server.ended).code, 0)
  }
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} to the whole process group does no more than one to the arbiter`, async () => {
    const server = await startWorkers(['-w', '3', 'app.mjs'], { cwd })
    process.kill(-server.pid, signal)
    const { code, stderr } = await server.ended
    assert.equal(code, 0, stderr)
    assert.equal(server.times(/"stopped"/), 3)
    assert.equal(server.times(/worker \d+ serves/), 3)
    assert.equal(server.times(/"level":"error"/), 0)
  })
}

test('TTIN starts a worker more, TTOU ends one, but never the last', async () => {
  const server = await startWorkers(['-w', '1', 'app.mjs'], { cwd })
  process.kill(server.pid, 'SIGTTIN')
  await eventually(() => server.children().length === 2, () => 'a second worker')
  await server.until(/worker 2 serves/)
  process.kill(server.pid, 'SIGTTOU')
  await eventually(() => server.children().length === 1, () => 'one worker')
  process.kill(server.pid, 'SIGTTOU')
  await server.until(/SIGTTOU: 1 workers are wanted/, 2)
  assert.equal(server.children().length, 1)
  assert.equal(await server.body('/'), 'hello')
  await server.stop()
})

test('USR1 opens the log file anew, in the arbiter and in the workers', async () => {
  const log = join(cwd, 'server.log')
  // The log is in the file; a hook tells the test where the server is.
  writeFileSync(join(cwd, 'logged.config.mjs'), `export default {
    logFile: ${JSON.stringify(log)}, workers: 1,
    whenReady: ({ role }) => { if (role === 'arbiter') console.error('serving on http://127.0.0.1:1') },
  }`)
  const server = await startWorkers(['-c', 'logged.config.mjs', 'app.mjs'], { cwd })
  renameSync(log, `${log}.1`)
  process.kill(server.pid, 'SIGUSR1')
  await eventually(() => existsSync(log), () => 'a new log file')
  const [worker] = server.children() as [number]
  assert.equal((await server.stop('SIGTERM')).code, 0)
  const written = readFileSync(log, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { pid: number, msg: string })
  assert.ok(written.some(({ pid }) => pid === server.pid) && written.some(({ pid }) => pid === worker))
  assert.match(readFileSync(`${log}.1`, 'utf8'), /serving on http/)
})

test('TERM to a worker alone has it replaced', async () => {
  const server = await startWorkers(['-w', '1', 'app.mjs'], { cwd })
  const [worker] = server.children() as [number]
  process.kill(worker, 'SIGTERM')
  await server.until(/is replaced: it got SIGTERM/)
  await eventually(() => !server.children().includes(worker), () => `the end of ${worker}`)
  assert.equal(await server.body('/'), 'hello')
  await server.stop()
})

const unshare = ['unshare', '--fork', '--pid', '--mount-proc', '--kill-child']
const namespaces = spawnSync(unshare[0] as string, [...unshare.slice(1), 'true']).status === 0

test('as process 1 of a container TERM stops it, and USR2 is refused with the reason', { skip: !namespaces && 'no namespaces of processes here' }, async () => {
  const server = await startWorkers(['-w', '1', 'app.mjs'], { cwd, program: [...unshare, process.execPath, commandEntry] })
  const [first] = childrenOf(server.pid) as [number]
  process.kill(first, 'SIGUSR2')
  await server.until(/SIGUSR2: no new arbiter is started: the arbiter is process 1 of its container/)
  assert.equal(await server.body('/'), 'hello')
  process.kill(first, 'SIGTERM')
  const { code, stderr } = await server.ended
  assert.equal(code, 0, stderr)
  assert.equal(server.times(/"stopped"/), 1)
})
