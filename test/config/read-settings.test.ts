import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { readSettings, type SettingsInput } from '../../src/config/read-settings.ts'
import { SettingsError } from '../../src/config/settings-error.ts'
import type { Config } from '../../src/config/settings.ts'

const root = mkdtempSync(join(tmpdir(), 'pulsar-settings-'))
after(() => rmSync(root, { recursive: true }))

let directories = 0
/** A directory of its own with the files given. */
function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = join(root, String(directories++))
  mkdirSync(directory)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return directory
}

const empty = directoryWith({})
const load = async (path: string): Promise<unknown> => await import(pathToFileURL(path).href)
const read = (input: Partial<SettingsInput>): Promise<Config> => readSettings({ argv: [], env: {}, cwd: empty, load, ...input })
const messageOf = async (input: Partial<SettingsInput>): Promise<string> => {
  const error = await read(input).then(() => assert.fail('accepted'), (reason: unknown) => reason)
  assert.ok(error instanceof SettingsError, String(error))
  assert.ok(!error.message.includes('\n'))
  return error.message
}

test('long flags take their value behind a space or an equals sign, short ones also at once', async () => {
  const { settings } = await read({ argv: ['--header-timeout', '5', '--keep-alive=2.5', '-t9', '-b', ':1', '-b:2', '--bind=:3'] })
  assert.deepEqual([settings.headerTimeout, settings.keepAlive, settings.timeout], [5, 2.5, 9])
  assert.deepEqual(settings.bind.map((one) => one.kind === 'tcp' && one.port), [1, 2, 3])
})

test('TARGET may stand before, between and behind the options', async () => {
  for (const argv of [['a.ts', '--debug'], ['--debug', 'a.ts'], ['-t', '1', 'a.ts', '--debug'], ['--debug', '--', 'a.ts']]) {
    const config = await read({ argv })
    assert.equal(config.target, 'a.ts')
    assert.equal(config.settings.debug, true)
  }
  assert.equal((await read({})).target, undefined)
})

test('a flag is switched off by --no- or by a word', async () => {
  const env = { PULSAR_DEBUG: 'on' }
  assert.equal((await read({ env })).settings.debug, true)
  assert.equal((await read({ env, argv: ['--no-debug'] })).settings.debug, false)
  assert.equal((await read({ env, argv: ['--debug=off'] })).settings.debug, false)
})

test('mistakes on the command line are named', async () => {
  assert.equal(
    await messageOf({ argv: ['--header-timeut', '5'] }),
    '--header-timeut (command line): no such option; did you mean --header-timeout?',
  )
  assert.equal(await messageOf({ argv: ['-x'] }), '-x (command line): no such option')
  assert.match(await messageOf({ argv: ['--no-timeout'] }), /^--no-timeout \(command line\): no such option/)
  assert.equal(await messageOf({ argv: ['--bind'] }), 'bind (command line): --bind needs a value')
  assert.equal(await messageOf({ argv: ['--bind', '--debug'] }), 'bind (command line): --bind needs a value')
  assert.match(await messageOf({ argv: ['-w', '-1'] }), /^workers \(command line\): expected auto, .*; got "-1"$/)
  assert.equal(await messageOf({ argv: ['--bind='] }).then((text) => text.slice(0, 20)), 'bind (command line):')
  assert.equal(await messageOf({ argv: ['--no-debug=1'] }), '--no-debug (command line): takes no value')
  assert.equal(await messageOf({ argv: ['--check-config=1'] }), '--check-config (command line): takes no value')
  assert.equal(await messageOf({ argv: ['a.ts', 'b.ts'] }), 'TARGET (command line): there can be only one; got "b.ts" as well')
  assert.match(await messageOf({ argv: ['a.ts'], usage: 'script' }), /^TARGET \(command line\): a script/)
  assert.equal(
    await messageOf({ argv: ['-t', 'soon'] }),
    'timeout (command line): expected seconds from 0 to 2147483, fractions allowed; got "soon"',
  )
})

test('a question is asked by its option; help and version win over every mistake', async () => {
  const action = async (...argv: string[]): Promise<string> => (await read({ argv, env: { PULSAR_NONSENSE: '1' } })).action
  assert.equal((await read({ argv: ['a.ts'] })).action, 'serve')
  assert.equal((await read({ argv: ['--check-config'] })).action, 'check')
  assert.equal((await read({ argv: ['--print-config'] })).action, 'print')
  assert.deepEqual(
    [await action('--nonsense', '-h'), await action('-V', '--help'), await action('-b', '-x', '--version')],
    ['help', 'help', 'version'],
  )
})

test('the environment gives settings by their PULSAR_ names', async () => {
  const { settings, sources } = await read({ env: { PULSAR_HEADER_TIMEOUT: '5', PULSAR_BIND: ':1, unix:x', HOME: '/root' } })
  assert.equal(settings.headerTimeout, 5)
  assert.deepEqual(settings.bind, [{ kind: 'tcp', host: null, port: 1 }, { kind: 'unix', path: 'x' }])
  assert.equal(sources.headerTimeout, 'environment PULSAR_HEADER_TIMEOUT')
})

test('PORT means every interface, where PULSAR_BIND and the command line are silent', async () => {
  const bind = async (input: Partial<SettingsInput>): Promise<unknown> => (await read(input)).settings.bind[0]
  assert.deepEqual(await bind({ env: { PORT: '3000' } }), { kind: 'tcp', host: null, port: 3000 })
  assert.deepEqual(await bind({ env: { PORT: '3000', PULSAR_BIND: '4' } }), { kind: 'tcp', host: '127.0.0.1', port: 4 })
  assert.deepEqual(await bind({ env: { PORT: '3000' }, argv: ['-b5'] }), { kind: 'tcp', host: '127.0.0.1', port: 5 })
  assert.deepEqual(await bind({ env: { PORT: '' }, params: { bind: 6 } }), { kind: 'tcp', host: '127.0.0.1', port: 6 })
  assert.equal((await read({ env: { PORT: '1' } })).sources.bind, 'environment PORT')
  assert.match(await messageOf({ env: { PORT: 'http' } }), /^bind \(environment PORT\): expected .*; got ":http"$/)
})

test('an empty variable counts as absent, except where empty is a value', async () => {
  const { settings, sources } = await read({ env: { PULSAR_TIMEOUT: '', PULSAR_SERVER_SOFTWARE: '' } })
  assert.deepEqual([settings.timeout, sources.timeout, settings.serverSoftware], [30, 'default', ''])
})

test('an unknown PULSAR_ variable is refused, what Kubernetes sets for a service of that name is not', async () => {
  assert.equal(
    await messageOf({ env: { PULSAR_HEADR_TIMEOUT: '1' } }),
    'PULSAR_HEADR_TIMEOUT (environment): no such setting; did you mean PULSAR_HEADER_TIMEOUT?',
  )
  assert.match(await messageOf({ env: { PULSAR_PORT: '80' } }), /^PULSAR_PORT/)
  const env = {
    PULSAR_PORT: 'tcp://10.0.0.1:80', PULSAR_SERVICE_HOST: '10.0.0.1', PULSAR_SERVICE_PORT: '80', PULSAR_SERVICE_PORT_HTTP: '80',
    PULSAR_PORT_80_TCP: 'tcp://10.0.0.1:80', PULSAR_PORT_80_TCP_ADDR: '10.0.0.1',
  }
  assert.equal((await read({ env })).sources.bind, 'default')
})

test('the strongest source wins, and each value knows its own', async () => {
  const cwd = directoryWith({
    'pulsar.config.mjs': 'export default { timeout: 3, keepAlive: 3, sendTimeout: 3, bodyTimeout: 30 }',
  })
  const { settings, sources } = await read({
    cwd,
    argv: ['--timeout', '1'],
    env: { PULSAR_TIMEOUT: '2', PULSAR_KEEP_ALIVE: '2' },
    params: { timeout: 4, keepAlive: 4, sendTimeout: 4, headerTimeout: 4 },
  })
  assert.deepEqual([settings.timeout, settings.keepAlive, settings.sendTimeout, settings.headerTimeout], [1, 2, 3, 4])
  assert.deepEqual(
    [sources.timeout, sources.keepAlive, sources.sendTimeout, sources.headerTimeout, sources.backlog],
    ['command line', 'environment PULSAR_KEEP_ALIVE', 'file pulsar.config.mjs', 'constructor', 'default'],
  )
  assert.equal(sources.bodyTimeout, 'file pulsar.config.mjs')
})

test('a bad value is refused also where a stronger source has a good one', async () => {
  assert.match(await messageOf({ argv: ['-t1'], env: { PULSAR_TIMEOUT: 'x' } }), /^timeout \(environment PULSAR_TIMEOUT\)/)
})

test('a config file exports an object, a function, an asynchronous one, or names', async () => {
  const sources: Readonly<Record<string, string>> = {
    object: 'export default { timeout: 7 }',
    function: 'export default () => ({ timeout: 7 })',
    asynchronous: 'export default async () => ({ timeout: 7 })',
    names: 'export const timeout = 7',
  }
  for (const [form, text] of Object.entries(sources)) {
    const cwd = directoryWith({ 'pulsar.config.mjs': text })
    const config = await read({ cwd })
    assert.equal(config.settings.timeout, 7, form)
    assert.equal(config.file, join(cwd, 'pulsar.config.mjs'))
  }
})

test('the TypeScript file is found before the JavaScript that was compiled from it', async () => {
  const cwd = directoryWith({ 'pulsar.config.ts': '', 'pulsar.config.js': '', 'pulsar.config.mjs': '' })
  const loaded: string[] = []
  const config = await read({ cwd, load: async (path) => { loaded.push(path); return {} } })
  assert.deepEqual(loaded, [join(cwd, 'pulsar.config.ts')])
  assert.equal(config.file, loaded[0])
})

test('a named config file must exist, and replaces the one of the directory', async () => {
  const cwd = directoryWith({ 'pulsar.config.mjs': 'export const timeout = 1', 'other.mjs': 'export const timeout = 2' })
  assert.equal((await read({ cwd, argv: ['-c', 'other.mjs'] })).settings.timeout, 2)
  assert.equal((await read({ cwd, env: { PULSAR_CONFIG: 'other.mjs' } })).sources.timeout, 'file other.mjs')
  assert.equal((await read({ cwd, params: { config: 'other.mjs' } })).settings.timeout, 2)
  assert.equal(
    await messageOf({ cwd, argv: ['-c', 'none.mjs'] }),
    'config (command line): expected an existing file; got "none.mjs"',
  )
})

test('mistakes in a config file name the file', async () => {
  const message = (text: string): Promise<string> => messageOf({ cwd: directoryWith({ 'pulsar.config.mjs': text }) })
  assert.equal(
    await message('export default { timeot: 1 }'),
    'timeot (file pulsar.config.mjs): no such setting; did you mean timeout?',
  )
  assert.match(await message('export default { timeout: "x" }'), /^timeout \(file pulsar\.config\.mjs\): expected seconds/)
  assert.match(await message('export default { chdir: "/" }'), /^chdir \(file pulsar\.config\.mjs\): cannot be set in a file$/)
  assert.match(await message('export default { config: "x" }'), /^config \(file pulsar\.config\.mjs\): cannot be set in a file$/)
  assert.match(
    await message('export default 5'),
    /^config \(file pulsar\.config\.mjs\): expected an object of settings.*; got 5$/,
  )
  assert.match(
    await message('throw new Error("no\\nluck")'),
    /^config \(file pulsar\.config\.mjs\): cannot be loaded: Error: no luck$/,
  )
})

test('an error inside a config file stays reachable as the cause', async () => {
  const cwd = directoryWith({ 'pulsar.config.mjs': 'export default () => { throw new RangeError("deep") }' })
  const error = await read({ cwd }).catch((reason: unknown) => reason)
  assert.ok(error instanceof SettingsError && error.cause instanceof RangeError)
})

test('chdir moves where the config file is looked for, named or not', async () => {
  const cwd = directoryWith({ 'pulsar.config.mjs': 'export const timeout = 1', 'other.mjs': 'export const timeout = 2' })
  const config = await read({ argv: ['--chdir', cwd] })
  assert.deepEqual([config.cwd, config.settings.timeout], [cwd, 1])
  assert.equal((await read({ argv: ['-c', 'other.mjs'], env: { PULSAR_CHDIR: cwd } })).settings.timeout, 2)
})

test('chdir must be a directory that is there', async () => {
  const cwd = directoryWith({ 'file': '' })
  for (const path of ['nowhere', 'file']) {
    assert.equal(
      await messageOf({ cwd, argv: ['--chdir', path] }),
      `chdir (command line): expected an existing directory; got "${path}"`,
    )
  }
})

test('reading settings changes neither its input nor the process', async () => {
  const before = process.cwd()
  const argv = Object.freeze(['--chdir', empty])
  await read({ argv, env: Object.freeze({}), params: Object.freeze({}) })
  assert.equal(process.cwd(), before)
})
