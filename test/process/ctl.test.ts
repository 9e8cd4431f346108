import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import type { Requests, Status, WorkerStacks } from '../../src/observe/admin/status.ts'
import { AdminClient } from '../support/admin-client.ts'
import { commandEntry } from '../support/project.ts'
import { withoutPython3 } from '../support/python-server.ts'
import { RawClient } from '../support/raw-client.ts'
import { runCommand, type Ended } from '../support/start-command.ts'
import { eventually, killLeft, startWorkers, workplace, type Workers } from '../support/workers.ts'

const cwd = workplace()

interface Steered {
  readonly server: Workers
  readonly ctl: (...args: string[]) => Promise<Ended>
  readonly json: <T>(command: string) => Promise<T>
}

async function steered(...args: string[]): Promise<Steered> {
  const server = await startWorkers(['--admin', '127.0.0.1:0', ...args], { cwd })
  const admin = String(AdminClient.of(server).address).replace(/^http:\/\//, '')
  const ctl = (...own: string[]): Promise<Ended> => runCommand(['ctl', '--admin', admin, ...own], { cwd })
  return {
    server, ctl,
    json: async <T>(command: string) => {
      const { code, stdout, stderr } = await ctl(command, '--json')
      assert.equal(code, 0, stderr)
      return JSON.parse(stdout) as T
    },
  }
}

async function hold(server: Workers, path: string): Promise<RawClient> {
  const client = await RawClient.connect(server.address)
  return client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
}

test('status, scale, loglevel, reopen and reload do what they say, for people and for programs', async () => {
  const { server, ctl, json } = await steered('-w', '2', 'app.mjs')
  const status = await ctl('status')
  assert.match(status.stdout, /^pulsar \d\S* on Node v\d+\S+, process \d+: serving for /)
  assert.match(status.stdout, /WORKER +PID +STATE[^\n]*\n +1 +\d+ +ready +1 /)
  const { wanted, workers } = await json<Status>('status')
  assert.deepEqual([wanted, workers.length], [2, 2])
  assert.equal((await ctl('scale', '3')).stdout, '3 server processes are wanted\n')
  await eventually(async () => (await json<Status>('status')).workers.filter(({ state }) => state === 'ready').length === 3, () => 'three workers')
  assert.equal((await ctl('loglevel', 'debug')).code, 0)
  assert.equal((await ctl('reopen')).code, 0)
  assert.equal((await ctl('reload')).stdout, 'generation 2 serves\n')
  const stopped = await ctl('stop')
  assert.equal(stopped.stdout, 'stopped\n')
  assert.equal((await server.ended).code, 0)
})

test('a reload that is given up is a failure', async () => {
  writeFileSync(join(cwd, 'breaks.mjs'), 'export { default } from "./app.mjs"')
  const { server, ctl } = await steered('-w', '1', 'breaks.mjs')
  writeFileSync(join(cwd, 'breaks.mjs'), 'throw new Error("broken")')
  const { code, stderr } = await ctl('reload')
  assert.equal(code, 1)
  assert.equal(stderr, 'pulsar: the reload was given up, the old version goes on; the log has why\n')
  await server.stop()
})

test('what is wrong is said in one line: status 2 for the command line, 1 for the server', async () => {
  const wrong = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await runCommand(['ctl', ...args], { cwd })
    assert.match(stderr, /^pulsar: [^\n]+\n$/)
    return `${code} ${stderr}`
  }
  assert.match(await wrong('relaod', '--admin', '127.0.0.1:1'), /^2 .*no command "relaod"; did you mean reload\?/)
  assert.match(await wrong('status'), /^2 .*which server\?/)
  assert.match(await wrong('scale', '--admin', '127.0.0.1:1'), /^2 .*scale needs a value/)
  assert.match(await wrong('scale', 'many', '--admin', '127.0.0.1:1'), /^2 .*whole number/)
  assert.match(await wrong('loglevel', 'loud', '--admin', '127.0.0.1:1'), /^2 .*loglevel needs one of debug, info, warning, error, critical, none; got "loud"/)
  assert.match(await wrong('status', '--loud', '--admin', '127.0.0.1:1'), /^2 .*--loud/)
  assert.match(await wrong('status', '--admin', '127.0.0.1:1'), /^1 .*no admin server is at 127\.0\.0\.1:1/)
  const help = await runCommand(['ctl', '--help'], { cwd })
  assert.match(help.stdout, /^Usage: pulsar ctl[^]*stacks/)
})

test('a token is shown where one is wanted, and a server without workers says what it cannot', async () => {
  const env = { PULSAR_ADMIN_TOKEN: 'correct-horse-battery' }
  const server = await startWorkers(['--admin', `unix:${join(cwd, 'ctl.sock')}`, '-w', '0', 'app.mjs'], { cwd, env })
  const ctl = (own: string[], given: Readonly<Record<string, string>>): Promise<Ended> =>
    runCommand(['ctl', ...own], { cwd, env: { PULSAR_ADMIN: `unix:${join(cwd, 'ctl.sock')}`, ...given } })
  assert.match((await ctl(['status'], {})).stderr, /answers 401: the adminToken is wanted/)
  assert.equal((await ctl(['status'], env)).code, 0)
  assert.match((await ctl(['reload'], env)).stderr, /answers 409: a server without workers cannot reload/)
  await server.stop()
})

const withoutScript = spawnSync('script', ['--version']).status !== 0 && 'there is no script, which makes terminals'

test('top fills a terminal, also one that does not tell its size, and leaves it with q', { skip: withoutScript }, async () => {
  const { server, ctl } = await steered('-w', '1', 'app.mjs')
  const admin = String(AdminClient.of(server).address).replace(/^http:\/\//, '')
  for (const size of ['stty rows 40 cols 120;', '']) {
    const command = `${size} ${process.execPath} ${commandEntry} ctl --admin ${admin} top`
    const child = spawn('script', ['-qec', command, '/dev/null'], { cwd, stdio: ['pipe', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text })
    await eventually(() => /requests a second; \d+ under way/.test(output), () => `two views in ${JSON.stringify(output)}`)
    child.stdin.write('q')
    assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0)
    assert.match(output, /WORKER +PID +STATE/)
    assert.ok(output.trimEnd().endsWith('\x1b[?25h\x1b[?1049l'), JSON.stringify(output.slice(-40)))
  }
  assert.equal((await ctl('stop')).code, 0)
})

test('top shows what is under way, again and again, until it is ended', async () => {
  const { server, ctl } = await steered('-w', '1', 'app.mjs')
  const slow = await hold(server, '/slow')
  const admin = String(AdminClient.of(server).address).replace(/^http:\/\//, '')
  const child = spawn(process.execPath, [commandEntry, 'ctl', '--admin', admin, 'top'], { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text })
  await eventually(() => /requests a second; \d+ under way/.test(output), () => `two views in ${output}`)
  child.kill('SIGINT')
  const code = await new Promise((resolve) => child.once('exit', resolve))
  assert.equal(code, 0)
  assert.match(output, /WORKER +PID/)
  slow.destroy()
  assert.equal((await ctl('stop')).code, 0)
})

suite('with one hung TypeScript worker and one hung Python thread', { skip: withoutPython3 }, () => {
  for (const how of ['sleep', 'gil'] as const) {
    test(`ctl tells what hangs and where, Python in ${how === 'gil' ? 'C code that holds its lock' : 'a call of the system'}`, async () => {
      const { server, ctl, json } = await steered('-w', '2', '-t', '0', '--threads', '2', '--mount', '/=app.mjs', '--mount', '/py=hangs.py')
      const clients = [await hold(server, '/block')]
      await eventually(async () => (await json<Requests>('requests')).silent.length === 1, () => 'a worker to hang')
      clients.push(await hold(server, `/py/${how}`))
      await eventually(async () => (await json<Requests>('requests')).running.some(({ path }) => path === `/py/${how}`), () => 'the request to run')
      const { running, silent } = await json<Requests>('requests')
      assert.deepEqual([running.length, silent.length], [1, 1])
      await eventually(async () => (await json<Status>('status')).workers.some(({ python }) => python.some(({ busy }) => busy === 1)), () => 'a busy Python worker')
      const stacks = await json<WorkerStacks[]>('stacks')
      const hung = stacks.find(({ id }) => id === silent[0])
      assert.equal(hung?.loop, 'blocked')
      assert.match(hung?.stack ?? '', /at blockTheLoop \(.*app\.mjs:\d+:\d+\)/)
      const python = stacks.find(({ id }) => id !== silent[0])?.python ?? []
      assert.equal(python.length, 1)
      assert.match(python[0]?.text ?? '', /hangs\.py", line \d+ in application/)
      const text = (await ctl('stacks')).stdout
      assert.match(text, /its event loop is blocked\n {4}at blockTheLoop/)
      assert.match(text, /Python worker \d+\.1 \(process \d+, hangs\.py\)\n {4}Thread /)
      assert.match((await ctl('status')).stdout, / silent /)
      for (const client of clients) client.destroy()
      const ended = server.stop('SIGQUIT')
      killLeft(server.children())
      // One that holds its lock for ever cannot notice that its server has gone.
      killLeft(python.map(({ pid }) => pid))
      await ended
    })
  }
})
