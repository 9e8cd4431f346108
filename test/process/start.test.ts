import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'node:test'
import { projectRoot } from '../support/project.ts'
import { runCommand } from '../support/start-command.ts'
import { RawClient } from '../support/raw-client.ts'
import { startWorkers, workplace } from '../support/workers.ts'

const cwd = workplace()

test('an arbiter serves nothing itself: as many workers as asked for do, and TERM ends all with status 0', async () => {
  const server = await startWorkers(['-w', '2', 'app.mjs'], { cwd })
  const workers = server.children()
  assert.equal(workers.length, 2)
  assert.ok(workers.includes(Number(await server.body('/pid'))))
  const { code, stderr } = await server.stop('SIGTERM')
  assert.equal(code, 0, stderr)
  assert.deepEqual(server.children(), [])
})

test('WEB_CONCURRENCY says how many workers there are, where nothing stronger does', async () => {
  const env = { WEB_CONCURRENCY: '2' }
  const server = await startWorkers(['app.mjs'], { cwd, env })
  assert.equal(server.children().length, 2)
  await server.stop()
  const single = await startWorkers(['-w', '1', 'app.mjs'], { cwd, env })
  assert.equal(single.children().length, 1)
  await single.stop()
  const alone = await startWorkers(['-w', '0', 'app.mjs'], { cwd, env })
  assert.equal(Number(await alone.body('/pid')), alone.pid)
  assert.equal((await alone.stop('SIGTERM')).code, 0)
})

test('workers see the arguments, the directory and the name that the command was given', async () => {
  const server = await startWorkers(['-w', '1', '-n', 'shop', 'app.mjs', '--no-debug'], { cwd })
  const [argv, title, directory] = JSON.parse(await server.body('/argv')) as [string[], string, string]
  assert.deepEqual(argv.slice(-5), ['1', '-n', 'shop', 'app.mjs', '--no-debug'])
  assert.equal(title, 'pulsar: worker [shop]')
  assert.equal(directory, cwd)
  await server.stop()
})

test('a script that starts a server has workers too, which register where the script starts it later as well', async () => {
  const library = pathToFileURL(join(projectRoot, 'dist', 'index.js')).href
  writeFileSync(join(cwd, 'script.mjs'), `
    import { WSGIServer } from ${JSON.stringify(library)}
    import app from './app.mjs'
    async function main() {
      await new Promise((resolve) => setTimeout(resolve, 100))
      const server = new WSGIServer(app, { workers: 2, name: 'scripted' })
      await server.start()
      console.log(process.pid, server.addresses.length)
    }
    main()`)
  const server = await startWorkers([], { cwd, program: [process.execPath, 'script.mjs'] })
  assert.equal(server.children().length, 2)
  assert.ok(server.children().includes(Number(await server.body('/pid'))))
  const { code, stdout } = await server.stop('SIGTERM')
  assert.equal(code, 0)
  const printed = stdout.trim().split('\n').map((line) => line.split(' ').map(Number))
  assert.deepEqual(printed.find(([pid]) => pid === server.pid), [server.pid, 1])
})

test('a program that keeps its process has workers where it asks for them, and ends them with close()', async () => {
  const library = pathToFileURL(join(projectRoot, 'dist', 'index.js')).href
  writeFileSync(join(cwd, 'program.mjs'), `
    import { WSGIServer } from ${JSON.stringify(library)}
    import app from './app.mjs'
    const server = new WSGIServer(app, { loadConfig: false, workers: 2, bind: '127.0.0.1:0', logLevel: 'none' })
    await server.start()
    if (server.addresses.length > 0) {
      const answer = await fetch('http://127.0.0.1:' + server.addresses[0].port + '/pid')
      console.log(Number(await answer.text()) === process.pid ? 'same' : 'other')
      await server.close()
      console.log('closed')
    }`)
  const { code, stdout, stderr } = await runCommand([], { cwd, program: [process.execPath, 'program.mjs'] })
  assert.equal(stdout, 'other\nclosed\n', stderr)
  assert.equal(code, 0)
})

const broken: readonly (readonly [name: string, source: string, said: RegExp])[] = [
  ['a syntax error', 'export default (', /pulsar: broken\.mjs cannot be loaded: .*broken\.mjs:\d/],
  ['a missing module', 'import "./nowhere.mjs"', /pulsar: broken\.mjs cannot be loaded: Cannot find module .*nowhere\.mjs/],
  ['an error on import', 'throw new Error("no database")', /pulsar: broken\.mjs cannot be loaded: no database\nError: no database\n {4}at /],
  ['an exit on import', 'process.exit(9)', /pulsar: worker 1 \(process \d+\) ended with exit code 9 before it served/],
]
for (const [name, source, said] of broken) {
  test(`${name} at the first start is told with its cause, and ends with status 3`, async () => {
    writeFileSync(join(cwd, 'broken.mjs'), source)
    const { code, stderr } = await runCommand(['-w', '2', '-b', '127.0.0.1:0', 'broken.mjs'], { cwd })
    assert.match(stderr, said)
    assert.equal(code, 3)
  })
}

test('without workers the settings by which they are replaced have no effect, and it is said', async () => {
  const server = await startWorkers(['-w', '0', '--reload', '--max-requests', '1', 'app.mjs'], { cwd })
  for (let i = 0; i < 3; i++) assert.equal(await server.body('/pid'), String(server.pid))
  assert.equal(server.times(/"level":"warning".*without effect where workers is 0, .*: reload, maxRequests"/), 1)
  await server.stop()
  const other = await startWorkers(['-w', '1', '--max-requests', '1000', 'app.mjs'], { cwd })
  assert.equal(other.times(/without effect/), 0)
  await other.stop()
})

test('a config file that throws is told with its stack, and ends with status 2', async () => {
  writeFileSync(join(cwd, 'throws.config.mjs'), 'throw new Error("no secret")')
  for (const workers of ['0', '1']) {
    const { code, stderr } = await runCommand(['-w', workers, '-b', '127.0.0.1:0', '-c', 'throws.config.mjs', 'app.mjs'], { cwd })
    assert.match(stderr, /^pulsar: config \(file throws\.config\.mjs\): cannot be loaded: Error: no secret\nError: no secret\n {4}at .*throws\.config\.mjs:1:7\n/)
    assert.equal(code, 2)
  }
})

test('an occupied port, an unknown user, an unreadable config file and a missing module are one line each, and leave no process', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as AddressInfo
  const wrong: readonly (readonly [string[], number, RegExp])[] = [
    [['-b', `127.0.0.1:${port}`], 1, new RegExp(`^pulsar: cannot listen on 127\\.0\\.0\\.1:${port}: the address is in use\n$`)],
    [['-b', '127.0.0.1:0', '-u', 'nobody-of-that-name'], 1, /^pulsar: there is no user nobody-of-that-name\n$/],
    [['-c', 'none.config.mjs'], 2, /^pulsar: config \(command line\): expected an existing file; got "none\.config\.mjs"\n$/],
    [['-w', 'many'], 2, /^pulsar: workers \(command line\): expected auto, or a whole number/],
  ]
  for (const [args, status, said] of wrong) {
    const { code, stderr } = await runCommand(['-w', '2', '--log-level', 'error', ...args, 'app.mjs'], { cwd })
    assert.match(stderr, said)
    assert.equal(code, status)
  }
  other.close()
  const { code, stderr } = await runCommand(['-w', '2', '-b', '127.0.0.1:0', '--log-level', 'critical', 'nowhere.mjs'], { cwd })
  assert.deepEqual([code, stderr], [3, 'pulsar: nowhere.mjs cannot be loaded: there is no such file\n'])
})

test('a unix socket is served by workers, given to a successor with its file, and removed at the end', async () => {
  const path = join(cwd, 'app.sock')
  const server = await startWorkers(['-w', '2', '-b', `unix:${path}`, '-p', 'unix.pid', 'app.mjs'], { cwd })
  const hello = async (): Promise<string> => {
    const client = await RawClient.connect({ path })
    await client.send('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    const answer = await client.response()
    client.destroy()
    return answer.body.toString()
  }
  assert.equal(await hello(), 'hello')
  process.kill(server.pid, 'SIGUSR2')
  await server.until(/the new arbiter \(process \d+\) serves/)
  assert.equal(await hello(), 'hello')
  const successor = Number(/the new arbiter \(process (\d+)\)/.exec(server.stderr())?.[1])
  process.kill(successor, 'SIGTERM')
  await server.ended
  assert.equal(existsSync(path), false)
})
