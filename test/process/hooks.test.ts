import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'node:test'
import { projectRoot } from '../support/project.ts'
import { startWorkers, workplace, type Workers } from '../support/workers.ts'

const hooks = (body: string): string => `
  const told = (name) => (...args) => {
    console.log(JSON.stringify([name, process.pid, ...args.map((arg) => arg.fields === undefined ? arg : { method: arg.method, path: arg.path })]))
    ${body}
  }
  export const hooks = Object.fromEntries(['postFork', 'whenReady', 'whenExit', 'connectionMade', 'connectionLost', 'preRequest', 'postRequest']
    .map((name) => [name, told(name)]))`

type Call = readonly [name: string, pid: number, ...args: readonly Record<string, unknown>[]]

const callsOf = (server: Workers): readonly Call[] => server.stdout().trim().split('\n').map((line) => JSON.parse(line) as Call)

function check(server: Workers): void {
  const calls = callsOf(server)
  const names = (pid: number): string[] => calls.filter(([, from]) => from === pid).map(([name]) => name)
  const worker = calls.find(([name]) => name === 'preRequest')?.[1] as number
  assert.deepEqual(names(server.pid), ['whenReady', 'whenExit'])
  assert.deepEqual(names(worker), ['postFork', 'whenReady', 'connectionMade', 'preRequest', 'postRequest', 'connectionLost', 'whenExit'])
  const [made, before, after] = ['connectionMade', 'preRequest', 'postRequest'].map((name) => calls.find((call) => call[0] === name) as Call)
  assert.equal(made?.[2]?.remoteAddress, '127.0.0.1')
  assert.deepEqual(before?.[2], { method: 'GET', path: '/some' })
  const { status, bytes, cause, duration } = after?.[2] as Record<string, unknown>
  assert.deepEqual([status, bytes, cause, typeof duration], [200, 5, null, 'number'])
  assert.deepEqual(calls.find(([name]) => name === 'postFork')?.[2], { role: 'worker', pid: worker, id: 1 })
}

test('hooks of the config file are called in every process, in order, with their arguments', async () => {
  const cwd = workplace()
  writeFileSync(join(cwd, 'hooks.mjs'), hooks(''))
  writeFileSync(join(cwd, 'pulsar.config.mjs'), `export { hooks as default } from './hooks.mjs'`)
  const server = await startWorkers(['-w', '1', 'app.mjs'], { cwd })
  assert.equal(await server.body('/some'), 'hello')
  assert.equal((await server.stop('SIGTERM')).code, 0)
  check(server)
})

test('hooks that throw, or are asynchronous and fail, are logged and take nothing down; those of a constructor are called too', async () => {
  const cwd = workplace()
  const library = pathToFileURL(join(projectRoot, 'dist', 'index.js')).href
  writeFileSync(join(cwd, 'hooks.mjs'), hooks(`if (name === 'preRequest') return Promise.reject(new Error('hook ' + name)); throw new Error('hook ' + name)`))
  writeFileSync(join(cwd, 'script.mjs'), `
    import { WSGIServer } from ${JSON.stringify(library)}
    import { hooks } from './hooks.mjs'
    import app from './app.mjs'
    new WSGIServer(app, { workers: 1, ...hooks }).start()`)
  const server = await startWorkers([], { cwd, program: [process.execPath, 'script.mjs'] })
  assert.equal(await server.body('/some'), 'hello')
  const { code, stderr } = await server.stop('SIGTERM')
  assert.equal(code, 0)
  check(server)
  for (const name of ['postFork', 'whenReady', 'whenExit', 'connectionMade', 'connectionLost', 'preRequest', 'postRequest']) {
    assert.ok(stderr.includes(`the hook ${name} failed`) && stderr.includes(`Error: hook ${name}`), stderr)
  }
})

test('a hook that is no function is refused as a setting', async () => {
  const cwd = workplace()
  writeFileSync(join(cwd, 'pulsar.config.mjs'), `export default { whenReady: 'now' }`)
  await assert.rejects(startWorkers(['app.mjs'], { cwd }), /whenReady \(file pulsar\.config\.mjs\): expected a function; got "now"/)
})
