import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { loadModule } from '../../src/app/load-module.ts'

const fixtures = resolve('test/app/fixtures')
const fixture = (name: string): string => join(fixtures, name)
const loader = new URL('../../src/app/load-module.js', import.meta.url).href
const run = promisify(execFile)

const root = realpathSync(mkdtempSync(join(tmpdir(), 'pulsar-modules-')))
after(() => rmSync(root, { recursive: true }))

/** Writes files below a directory of their own. */
function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(root, 'case-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  return directory
}

/** What a fresh process finds in a module: hooks are for good, so each case of what is installed has its own process. */
async function loadedElsewhere(path: string, ...nodeArguments: string[]): Promise<unknown> {
  const script = `const { loadModule } = await import(${JSON.stringify(loader)})
    const module = await loadModule(${JSON.stringify(path)})
    console.log(JSON.stringify({ ...module, maps: process.sourceMapsEnabled }))`
  const { stdout, stderr } = await run(process.execPath, [...nodeArguments, '--input-type=module', '-e', script])
  assert.equal(stderr, '')
  return JSON.parse(stdout)
}

async function failure(path: string): Promise<Error> {
  const error = await loadModule(path).then(() => assert.fail('loaded'), (reason: unknown) => reason)
  assert.ok(error instanceof Error)
  return error
}

test('TypeScript that has to be compiled, not only stripped, runs as tsc would have it', async () => {
  const { values, Colour } = await loadModule(fixture('syntax-of-typescript.ts'))
  assert.deepEqual(values, [2, 'Red', 'up', 42, 3, 9, 'function'])
  assert.equal((Colour as Record<string, unknown>)['Red'], 1)
})

test('an import of ./x.js finds x.ts where there is no x.js, and is the same module as ./x.ts', async () => {
  assert.deepEqual((await loadModule(fixture('javascript-names.ts')))['found'], [4, true, 'mts'])
})

test('a path may be relative to the working directory', async () => {
  const { area } = await loadModule('test/app/fixtures/area.ts')
  assert.equal(typeof area, 'function')
})

test('a module that is loaded twice is the same', async () => {
  assert.equal(await loadModule(fixture('area.ts')), await loadModule(fixture('area.ts')))
})

test('without a package type, the content tells modules from CommonJS, and each can import the other', async () => {
  assert.deepEqual((await loadModule(fixture('untyped/both.ts')))['both'], ['module.ts', 'script.ts', 'yes!'])
  assert.deepEqual((await loadModule(fixture('untyped/common.cts')))['default'], { word: 'yes!' })
})

test('TSX is compiled', async () => {
  assert.deepEqual((await loadModule(fixture('untyped/element.tsx')))['element'], ['p', null, 'text'])
})

test('plain JavaScript is loaded with nothing installed in the process', async () => {
  assert.deepEqual(await loadedElsewhere(fixture('imports-plain.mjs')), { plain: true, maps: false })
})

test('JavaScript may import TypeScript, by its own name, as ./x.js, or by a name that is computed', async () => {
  for (const name of ['entry.js', 'computed.js']) assert.deepEqual(await loadedElsewhere(fixture(name)), { maps: true }, name)
})

test('a process that has a loader of its own can load as well', async () => {
  const expected = { found: [4, true, 'mts'], maps: true }
  assert.deepEqual(await loadedElsewhere(fixture('javascript-names.ts'), '--import', 'tsx'), expected)
  assert.deepEqual(
    await loadedElsewhere(fixture('untyped/both.ts'), '--import', 'tsx'),
    { both: ['module.ts', 'script.ts', 'yes!'], maps: true },
  )
})

test('packages are left alone', async () => {
  const directory = directoryWith({
    'app.ts': "import { word } from 'neighbour'\nexport const said: string = word\n",
    'node_modules/neighbour/package.json': '{ "name": "neighbour", "type": "module", "exports": "./main.js" }',
    'node_modules/neighbour/main.js': "export const word = 'hello'\n",
    'bad.ts': "import { word } from 'typed'\nexport const said: string = word\n",
    'node_modules/typed/package.json': '{ "name": "typed", "type": "module", "exports": "./main.ts" }',
    'node_modules/typed/main.ts': "export const word: string = 'hello'\n",
  })
  assert.equal((await loadModule(join(directory, 'app.ts')))['said'], 'hello')
  assert.match((await failure(join(directory, 'bad.ts'))).message, /node_modules|Unknown file extension/)
})

test('a name with spaces and signs is a name', async () => {
  const directory = directoryWith({ 'a b#c%20?.ts': 'export const ok: boolean = true\n' })
  assert.equal((await loadModule(join(directory, 'a b#c%20?.ts')))['ok'], true)
})

test('what is no module is refused by name', async () => {
  assert.equal((await failure('nope.ts')).message, 'cannot load nope.ts: there is no such file')
  assert.equal((await failure('src')).message, 'cannot load src: it is not a file')
  assert.match((await failure('package.json')).message, /^cannot load package\.json: expected a file whose name ends in \.ts, /)
})

test('a module that throws keeps its error, with the line of its source', async () => {
  const error = await failure(fixture('throws.ts'))
  assert.ok(error instanceof RangeError)
  assert.equal(error.message, 'thrown on purpose 1')
  assert.match(error.stack as string, /at fail \(.*throws\.ts:9:9\)\n.*throws\.ts:12:1/)
})

const place =
  /syntax-error\.ts:3\nexport const broken: = 'é😀'\n {21}\^\n\nSyntaxError: Unexpected token \(.*syntax-error\.ts:3:22\)$/

test('a syntax error in TypeScript says where it is, in the module itself or in one that it imports', async () => {
  for (const name of ['syntax-error.ts', 'imports-syntax-error.ts']) {
    const error = await failure(fixture(name))
    assert.ok(error instanceof SyntaxError)
    assert.match(error.stack as string, place)
  }
})

test('a syntax error in JavaScript says where it is, in the module itself or in one that it imports', async () => {
  for (const name of ['syntax-error.mjs', 'imports-syntax-error.mjs']) {
    const error = await failure(fixture(name))
    assert.ok(error instanceof SyntaxError)
    assert.match(error.message, /syntax-error\.mjs:2:31\)$/)
  }
})

test('an import of what is not there names both modules', async () => {
  assert.match((await failure(fixture('imports-missing.ts'))).message, /not-there\.ts' imported from .*imports-missing\.ts/)
  const error = await failure(fixture('imports-missing-name.ts'))
  assert.match(error.stack as string, /imports-missing-name\.ts:1\n/)
  assert.match(error.message, /does not provide an export named 'nothing'/)
})
