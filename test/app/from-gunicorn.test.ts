/** `--from-gunicorn`: config files of gunicorn's, printed as ours, and served. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { projectRoot } from '../support/project.ts'
import { pythonEnvironment, withoutPython, withoutPython3 } from '../support/python-environment.ts'
import { get } from '../support/raw-client.ts'
import { runCommand, startCommand } from '../support/start-command.ts'

const skip = withoutPython3()
const env = { VIRTUAL_ENV: undefined, GUNICORN_WORKERS: '3' }
const directories: string[] = []
after(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }) })

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pulsar-gunicorn-'))
  directories.push(directory)
  cpSync(join(projectRoot, 'test', 'app', 'fixtures', 'gunicorn'), directory, { recursive: true })
  return directory
}

async function translated(cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(['--from-gunicorn', ...args], { cwd, env })
  assert.equal(code, 0, stderr)
  return stdout
}

test("the file of these tests is one of gunicorn's", { skip: withoutPython() }, () => {
  const { status, stderr } = spawnSync(pythonEnvironment().gunicorn, ['--check-config', '-c', 'plain.conf.py'], { cwd: folder(), encoding: 'utf8' })
  assert.equal(status, 0, stderr)
})

test('a file becomes a config that is read, checked, and served as gunicorn would have', { skip }, async () => {
  const directory = folder()
  writeFileSync(join(directory, 'pulsar.config.ts'), await translated(directory, 'plain.conf.py'))
  const printed = await runCommand(['--print-config'], { cwd: directory, env })
  const settings = new Map(printed.stdout.split('\n').map((line) => [line.split(/\s/, 1)[0] ?? '', line.replace(/\s+/g, ' ')]))
  const expected: Readonly<Record<string, string>> = {
    mount: '/=shop:app', bind: '127.0.0.1:0', threads: '3', timeout: '45', gracefulTimeout: '20', keepAlive: '5', maxRequests: '1000',
    maxRequestsJitter: '50', limitRequestLine: '16M', preload: 'false', pythonpath: 'lib:more', umask: '027', logLevel: 'info', accessLog: 'access.log', name: 'the shop',
  }
  for (const [name, value] of Object.entries(expected)) assert.ok(settings.get(name)?.startsWith(`${name} ${value} file pulsar.config.ts`), settings.get(name))
  const server = await startCommand([], { cwd: directory, env })
  assert.equal((await get(server.address)).body.toString(), `Hello, "world" of 'quotes' True`)
  await server.logged(/Python worker 2 is ready/)
  assert.equal((await server.stop()).code, 0)
})

test('what has no equal is listed, each with what to do; what nobody knows by name', { skip }, async () => {
  const text = await translated(folder(), 'plain.conf.py')
  const lost = text.slice(text.indexOf('// Without an equal here:'))
  assert.deepEqual([...lost.matchAll(/^\/\/ - (\w+)/gm)].map(([, name]) => name), [
    'worker_class', 'capture_output', 'statsd_host', 'post_fork', 'on_exit', 'cores',
  ])
  assert.match(lost, /- cores, where\n$/)
  assert.doesNotMatch(text, /Helper|_private|multiprocessing/)
})

test('what a file computes is there as it is now, and without an application the command says TARGET', { skip }, async () => {
  const directory = folder()
  const text = await translated(directory, 'computed.conf.py')
  assert.match(text, /\n {2}workers: 3,\n/)
  assert.match(text, /npx pulsar-wsgi --chdir \/srv\/shop TARGET\n/)
  assert.match(text, /- worker_class = "gevent": there are no greenlets/)
  assert.match(text, /- keepalive = -1: keepAlive here, expected seconds/)
  assert.match(text, /- pre_fork\(\): /)
  assert.doesNotMatch(text, /mount/)
  assert.match(await translated(directory, 'computed.conf.py', 'shop:app'), /\n {2}mount: \{ '\/': 'shop:app' \},\n/)
})

test('the file that the tests of the contract give gunicorn is translated too', { skip }, async () => {
  const text = await translated(join(projectRoot, 'test', 'python', 'contract', 'fixtures'), 'gunicorn.conf.py', 'app:application')
  assert.match(text, /^export default \{\n {2}mount: \{ '\/': 'app:application' \},\n/m)
})

test('a file that cannot be run is told with its traceback, status 3; an empty pulsar.config.ts is not in the way', { skip }, async () => {
  const directory = folder()
  writeFileSync(join(directory, 'broken.conf.py'), 'bind = nothing_like_it\n')
  writeFileSync(join(directory, 'pulsar.config.ts'), '')
  for (const [file, why] of [['broken.conf.py', /NameError: name 'nothing_like_it'/], ['nowhere.py', /FileNotFoundError/]] as const) {
    const { code, stdout, stderr } = await runCommand(['--from-gunicorn', file], { cwd: directory, env })
    assert.deepEqual([code, stdout], [3, ''])
    assert.match(stderr, new RegExp(`^pulsar: ${file} cannot be run by .*python`))
    assert.match(stderr, why)
  }
  assert.equal(statSync(join(directory, 'pulsar.config.ts')).size, 0)
})

test('without its file the question is a mistake', async () => {
  for (const args of [['--from-gunicorn'], ['--from-gunicorn', '--threads']]) {
    const { code, stderr } = await runCommand(args, {})
    assert.deepEqual([code, stderr], [2, 'pulsar: --from-gunicorn (command line): needs a value\n'])
  }
})
