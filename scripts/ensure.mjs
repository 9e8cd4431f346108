// What a bare clone lacks: the dependencies, the build. Each step does nothing where nothing is missing.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const cache = join(root, '.cache')

/** A step failed; its output has been shown. */
export class StepFailed extends Error {}

/** Installs the dependencies of the lock file where they are missing or others. */
export function install() {
  if (isInstalled()) return
  console.error('pulsar: installing dependencies')
  // Development dependencies too, whatever NODE_ENV says: the compiler is one.
  npm(['ci', '--include=dev', '--no-audit', '--no-fund'], root)
}

/** Compiles src/ to dist/ and puts its modules together, where a source is newer than the last build that succeeded. */
export function build({ clean = false } = {}) {
  const stamp = join(cache, 'built')
  const entry = join(root, 'dist', 'cli', 'main.js')
  if (clean) rmSync(join(root, 'dist'), { recursive: true, force: true })
  const sources = ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/bundle.mjs'].map((name) => join(root, name))
  if (existsSync(entry) && existsSync(stamp) && newest(sources) < statSync(stamp).mtimeMs) return
  const started = new Date()
  compile('tsconfig.build.json')
  removeOrphans(join(root, 'dist'), join(root, 'src'))
  run(process.execPath, [join(root, 'scripts', 'bundle.mjs')], root)
  chmodSync(entry, 0o755)
  mkdirSync(cache, { recursive: true })
  writeFileSync(stamp, '')
  utimesSync(stamp, started, started) // what was changed while the compiler ran is newer
}

/** Compiles src/ and test/ to build/. */
export function compileTests() {
  compile('tsconfig.json')
  removeOrphans(join(root, 'build'), root)
}

/** Runs npm: the one that runs this script, where one does. */
export function npm(args, cwd) {
  const path = process.env.npm_execpath
  const own = path && /^npm(-cli)?\.c?js$/.test(basename(path))
  own ? run(process.execPath, [path, ...args], cwd) : run('npm', args, cwd)
}

/** Every file below a directory. */
export function filesBelow(dir) {
  if (!existsSync(dir)) return []
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
}

/** Ends the script with a failed step's status instead of a stack. */
export async function step(action) {
  try {
    await action()
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error
    console.error(`pulsar: ${error.message}`)
    process.exitCode = 1
  }
}

/** npm notes in node_modules what it installed: compared with the lock file, package by package. */
function isInstalled() {
  const note = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(note)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const present = JSON.parse(readFileSync(note, 'utf8')).packages
  // Optional ones are those of other platforms.
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) =>
    path === '' || optional || devOptional || present[path]?.version === version)
}

function compile(project) {
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', project], root)
}

/** Removes what was compiled from sources that are gone: a test that was deleted must not run any more. */
function removeOrphans(compiled, sources) {
  for (const file of filesBelow(compiled)) {
    const source = join(sources, relative(compiled, file)).replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts')
    if (!existsSync(source)) rmSync(file)
  }
}

/** Silent, except where it fails. */
function run(command, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (status === 0) return
  process.stderr.write(stdout ?? '')
  process.stderr.write(stderr ?? '')
  const title = [command, ...args].map((word) => basename(word)).join(' ')
  throw new StepFailed(`${title} failed${error ? `: ${error.message}` : ''}`)
}

/** Directories count too: their time tells of a file that was removed. */
function newest(paths) {
  return Math.max(...paths.map((path) => {
    const stat = statSync(path)
    return stat.isDirectory() ? Math.max(stat.mtimeMs, newest(readdirSync(path).map((name) => join(path, name)))) : stat.mtimeMs
  }))
}
