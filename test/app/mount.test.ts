/** `mount`: several applications in one server, named in the config file or on the command line. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { withoutPython3 } from '../support/python-environment.ts'
import { get, valuesOf } from '../support/raw-client.ts'
import { runCommand, startCommand, type RunningCommand } from '../support/start-command.ts'

const directories: string[] = []
after(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }) })

const typeScript = (name: string): string => `
  type Start = (status: string, fields: [string, string][]) => void
  export const app = (environ: Record<string, string>, start: Start): Buffer[] => {
    start('200 OK', [['Content-Type', 'text/plain']])
    return [Buffer.from(\`${name} \${environ.SCRIPT_NAME}|\${environ.PATH_INFO}|\${environ.QUERY_STRING}\`, 'latin1')]
  }
  export const other = app
`
const python = `
import os
LOADED = os.getpid()

def app(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain'), ('X-Process', str(LOADED))])
    return ['python {SCRIPT_NAME}|{PATH_INFO}|{QUERY_STRING}'.format(**environ).encode('latin-1')]
`

function folder(files: Readonly<Record<string, string>> = {}): string {
  const directory = mkdtempSync(join(tmpdir(), 'pulsar-mount-'))
  directories.push(directory)
  const all = { 'site.ts': typeScript('site'), 'api.ts': typeScript('api'), 'shop.py': python, ...files }
  for (const [name, text] of Object.entries(all)) writeFileSync(join(directory, name), text)
  return directory
}

function serve(cwd: string, ...args: string[]): Promise<RunningCommand> {
  return startCommand(['-b', '127.0.0.1:0', ...args], { cwd, env: { VIRTUAL_ENV: undefined } })
}

async function bodies(server: RunningCommand, paths: readonly string[]): Promise<string[]> {
  return Promise.all(paths.map(async (path) => (await get(server.address, path)).body.toString('latin1')))
}

test('a config file mounts applications by name, and one command serves them all', { skip: withoutPython3() }, async () => {
  const directory = folder({
    'pulsar.config.ts': `export default { mount: { '/': 'site.ts', '/api': './api.ts:other', '/api/old': 'shop:app', '/shop': 'shop.py' } }`,
  })
  for (const workers of ['0', '1']) {
    const server = await serve(directory, '-w', workers)
    const paths = ['/', '/apix', '/api', '/api/', '/api/a%2Fb?c=d%20', '/api/old/caf%C3%A9?x', '/shop', '/api/older']
    assert.deepEqual(await bodies(server, paths), [
      'site |/|', 'site |/apix|', 'api /api||', 'api /api|/|', 'api /api|/a/b|c=d%20', 'python /api/old|/caf\xc3\xa9|x', 'python /shop||', 'api /api|/older|',
    ])
    const { code, stderr } = await server.stop()
    assert.equal(code, 0, stderr)
  }
})

test('a Python application that is mounted twice runs in the same processes', { skip: withoutPython3() }, async () => {
  const directory = folder()
  const server = await serve(directory, '--mount', '/=site.ts', '--mount', '/a=shop:app', '--mount', '/b=shop:app', '--python-workers', '1')
  const answers = await Promise.all(['/a', '/b'].map((path) => get(server.address, path)))
  const processes = answers.flatMap((answer) => valuesOf(answer, 'x-process'))
  assert.deepEqual([processes.length, new Set(processes).size], [2, 1])
  await server.stop()
})

test('where only Python is mounted --workers are Python workers, as with a Python TARGET', { skip: withoutPython3() }, async () => {
  const server = await serve(folder(), '-w', '2', '--mount', '/=shop:app')
  await server.logged(/Python worker 2 is ready/)
  assert.equal(server.stderr().match(/"msg":"worker \d+ serves/g)?.length, 1)
  await server.stop()
})

test('--script-name is in front of the prefix, whether a proxy has taken it off the path or not', { skip: withoutPython3() }, async () => {
  const server = await serve(folder(), '--script-name', '/base', '--mount', '/=site.ts', '--mount', '/shop=shop:app')
  assert.deepEqual(await bodies(server, ['/base/shop/x', '/shop/x', '/base/x', '/x', '/base']), [
    'python /base/shop|/x|', 'python /base/shop|/x|', 'site /base|/x|', 'site /base|/x|', 'site /base||',
  ])
  await server.stop()
})

test('below no prefix there is nothing: 404', async () => {
  const server = await serve(folder(), '--mount', '/api=api.ts')
  assert.deepEqual((await Promise.all(['/', '/ap', '/apis', '/api'].map((path) => get(server.address, path)))).map(({ status }) => status), [404, 404, 404, 200])
  await server.stop()
})

test('TARGET is served alone, whatever the file mounts; with --mount it is a mistake', async () => {
  const directory = folder({ 'pulsar.config.mjs': `export default { mount: { '/': 'nowhere.ts' } }` })
  const server = await serve(directory, 'api.ts')
  assert.deepEqual(await bodies(server, ['/x']), ['api |/x|'])
  await server.stop()
  const both = await runCommand(['--mount', '/=api.ts', 'site.ts'], { cwd: directory })
  assert.equal(both.code, 2)
  assert.match(both.stderr, /TARGET \(command line\): there is --mount as well: --mount \/=site\.ts names it there\n$/)
})

test('a mounted application that cannot be loaded ends the start with status 3, and --check-config finds it', async () => {
  const directory = folder({ 'pulsar.config.mjs': `export default { mount: { '/': 'site.ts', '/api': 'api.ts:nothing' } }` })
  for (const args of [[], ['--check-config']]) {
    const { code, stderr } = await runCommand(['-b', '127.0.0.1:0', ...args], { cwd: directory })
    assert.equal(code, 3, stderr)
    assert.match(stderr, /api\.ts has no export nothing; it exports app, other/)
  }
})

test('a script that starts its own server does not take mounted applications', async () => {
  const directory = folder({
    'pulsar.config.mjs': `export default { mount: { '/': 'api.ts' } }`,
    'script.mjs': `
      import { WSGIServer } from ${JSON.stringify(import.meta.resolve('../../../dist/index.js'))}
      await new WSGIServer(() => []).start().catch(() => undefined)`,
  })
  const { code, stderr } = await runCommand(['script.mjs', '-b', '127.0.0.1:0'], { cwd: directory, program: [process.execPath] })
  assert.equal(code, 2, stderr)
  assert.match(stderr, /mount \(file pulsar\.config\.mjs\): a script serves the application of its own\n$/)
})
