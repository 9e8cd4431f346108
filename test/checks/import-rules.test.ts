import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { projectRoot } from '../support/project.ts'
import { cycles } from './import-cycles.ts'
import { roomOf, roomOfProcessInput, rooms, type Room } from './rooms.ts'
import { readSource, readSources, target, type Import, type SourceFile } from './source-files.ts'

const files = readSources(join(projectRoot, 'src'))

/** What a pure room may not use: whatever tells time, waits, or knows of the process. */
const impure: readonly string[] = [
  'process', 'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask',
  'performance', 'console', 'fetch', 'globalThis', 'global', 'require', 'crypto',
]

/** What is wrong with an import; null if nothing is. */
function importFault(file: SourceFile, imported: Import): string | null {
  const from = roomOf(file.path) as Room
  const path = target(file, imported)
  if (path === null) {
    return from.pure && !imported.typeOnly ? `${file.path} imports ${imported.specifier}: ${from.name}/ is pure` : null
  }
  const to = roomOf(path)
  if (!to) return `${file.path} imports ${path}, which is in no room`
  if (from === to || from.imports === 'all' || from.imports.includes(to.name)) return null
  if (imported.typeOnly && from.types?.includes(to.name)) return null
  return `${file.path} imports ${path}: ${from.name}/ may not import ${to.name}/`
}

function processFaults(file: SourceFile): string[] {
  if (roomOf(file.path)?.name === roomOfProcessInput) return []
  const used = ['process.env', 'process.argv', 'process.execArgv'].filter((member) => file.members.has(member))
  const bare = file.imports.some(({ specifier, typeOnly }) => specifier === 'node:process' && !typeOnly)
  return [...used, ...(bare ? ['node:process'] : [])].map((what) => `${file.path} uses ${what}`)
}

/** `new Date()` is a clock too: pure rooms are given the time as a number. */
function purityFaults(file: SourceFile): string[] {
  const faults = impure.filter((name) => file.names.has(name)).map((name) => `${file.path} uses ${name}`)
  const members = ['Date.now', 'new Date()', 'Math.random'].filter((name) => file.members.has(name))
  return [...faults, ...members.map((name) => `${file.path} uses ${name}`)]
}

test('every source file belongs to a room', () => {
  assert.ok(files.length > 50)
  assert.deepEqual(files.filter(({ path }) => !roomOf(path)).map(({ path }) => path), [])
})

test('the table of rooms names only rooms', () => {
  const names = new Set(rooms.map(({ name }) => name))
  const named = rooms.flatMap(({ imports, types = [] }) => [...(imports === 'all' ? [] : imports), ...types])
  assert.deepEqual(named.filter((name) => !names.has(name)), [])
})

test('a room imports only the rooms of its row', () => {
  const faults = files.flatMap((file) => file.imports.map((imported) => importFault(file, imported)))
  assert.ok(faults.length > 100)
  assert.deepEqual(faults.filter((fault) => fault !== null), [])
})

test('nothing is imported in a circle, types included', () => {
  const imports = (file: SourceFile): string[] =>
    file.imports.map((imported) => target(file, imported)).filter((path) => path !== null)
  const graph = new Map(files.map((file) => [file.path, imports(file)]))
  assert.deepEqual(cycles(graph), [])
})

test('every relative import is of a file that exists, with its ending', () => {
  const paths = new Set(files.map(({ path }) => path))
  const missing = files.flatMap((file) => file.imports.map((imported) => [file.path, target(file, imported)] as const))
    .filter(([, path]) => path !== null && !paths.has(path))
  assert.deepEqual(missing, [])
})

test('only config/ reads the environment and the arguments', () => {
  assert.deepEqual(files.flatMap(processFaults), [])
  assert.ok(files.some((file) => file.members.has('process.argv') && roomOf(file.path)?.name === roomOfProcessInput))
})

test('pure rooms have no clock, no timer and no process', () => {
  const pure = files.filter(({ path }) => roomOf(path)?.pure)
  assert.ok(pure.length > 10)
  assert.deepEqual(pure.flatMap(purityFaults), [])
})

test('what is imported from elsewhere is a builtin under its full name, or a dependency', () => {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
  const known = new Set([...Object.keys(manifest.dependencies), ...builtinModules.map((name) => `node:${name}`)])
  const foreign = files.flatMap((file) => file.imports.filter((imported) => target(file, imported) === null))
  const packages = foreign.map(({ specifier }) => (specifier.startsWith('node:') ? specifier : packageOf(specifier)))
  assert.deepEqual(packages.filter((name) => !known.has(name)), [])
})

/** Without the path within it. */
function packageOf(specifier: string): string {
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

test('the rules find what they forbid', () => {
  const faultsOf = (path: string, code: string): number => {
    const file = readSource(path, code)
    const wrong = file.imports.map((imported) => importFault(file, imported)).filter((fault) => fault !== null)
    return wrong.length + processFaults(file).length + (roomOf(path)?.pure ? purityFaults(file).length : 0)
  }
  const wrong: [string, string][] = [
    ['http/x.ts', "import { x } from '../config/x.ts'"],
    ['http/x.ts', "import type { x } from '../gateway/x.ts'"],
    ['http/x.ts', "export * from '../gateway/x.ts'"],
    ['http/x.ts', "const x = await import('../gateway/x.ts')"],
    ['http/x.ts', "type X = import('../gateway/x.ts').X"],
    ['http/x.ts', "import { readFileSync } from 'node:fs'"],
    ['http/x.ts', 'const t = Date.now()'],
    ['http/x.ts', 'const t = new Date()'],
    ['http/x.ts', 'setTimeout(() => {}, 1)'],
    ['http/x.ts', 'const { pid } = process'],
    ['gateway/x.ts', "import { x } from '../config/x.ts'"],
    ['gateway/x.ts', "import { type X } from '../config/x.ts'"],
    ['gateway/x.ts', "import type { x } from '../server/x.ts'"],
    ['server/x.ts', 'const x = process.env.X'],
    ['server/x.ts', "const x = process['argv']"],
    ['server/x.ts', "import { env } from 'node:process'"],
    ['cli/x.ts', "import { x } from '../server/x.ts'"],
    ['app/x.ts', "import { x } from '../index.ts'"],
  ]
  for (const [path, code] of wrong) assert.equal(faultsOf(path, code), 1, `${path}: ${code}`)
  const right: [string, string][] = [
    ['http/x.ts', "import type { Duplex } from 'node:stream'\nimport { y } from './y.ts' // from '../config/x.ts'"],
    ['http/x.ts', "const t = new Date(0)\nconst text = `import '../config/x.ts'`\nconst o = { process: 1 }.process"],
    ['gateway/x.ts', "import type { X } from '../config/x.ts'\nimport { y } from '../http/y.ts'"],
    ['config/x.ts', 'const x = process.env.X'],
    ['index.ts', "export { x } from './app/x.ts'"],
  ]
  for (const [path, code] of right) assert.equal(faultsOf(path, code), 0, `${path}: ${code}`)
  assert.deepEqual(cycles(new Map([['a', ['b']], ['b', ['c']], ['c', ['b']], ['d', ['d', 'a']]])), [['b', 'c'], ['d']])
})
