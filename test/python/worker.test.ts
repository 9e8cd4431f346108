/** The Python half of the bridge is tested in Python, on every interpreter that is here; these run its tests. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, test } from 'node:test'
import { projectRoot } from '../support/project.ts'

const tests = join(projectRoot, 'test', 'python', 'worker')
const OLDEST = 8

interface Interpreter { readonly path: string, readonly version: string }

const onPath: readonly string[] = (process.env['PATH'] ?? '').split(delimiter)

/** Those that pyenv holds: its shims on the PATH stand for one of them only. */
function heldByPyenv(): string[] {
  const versions = join(process.env['PYENV_ROOT'] ?? join(process.env['HOME'] ?? '/', '.pyenv'), 'versions')
  return existsSync(versions) ? readdirSync(versions).map((name) => join(versions, name, 'bin')) : []
}

/** One of each minor version in these directories that the worker is made for, oldest first. */
function interpreters(directories: readonly string[]): Interpreter[] {
  const found = new Map<string, Interpreter>()
  for (const directory of directories.filter((one) => existsSync(one))) {
    for (const name of readdirSync(directory)) {
      if (!/^python3(?:\.\d+)?$/.test(name)) continue
      const path = join(directory, name)
      const { status, stdout } = spawnSync(path, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' })
      const version = status === 0 ? stdout.trim() : ''
      if (minor(version) >= OLDEST && !found.has(version)) found.set(version, { path, version })
    }
  }
  return [...found.values()].sort((a, b) => minor(a.version) - minor(b.version))
}

const minor = (version: string): number => Number(/^3\.(\d+)$/.exec(version)?.[1] ?? -1)

/** All that are on the PATH, and the oldest and the newest that pyenv holds: all of them would take too long each time. */
function chosen(): Interpreter[] {
  const held = interpreters(heldByPyenv())
  const first = interpreters(onPath)
  const more = [held[0], held.at(-1)].filter((one) => one !== undefined && !first.some(({ version }) => version === one.version))
  return [...new Set([...first, ...more])].filter((one) => one !== undefined)
}

async function unittest({ path }: Interpreter): Promise<{ status: number | null, output: string }> {
  const child = spawn(path, ['-m', 'unittest', 'discover', '-s', tests], {
    cwd: tests, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }, stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text })
  const status = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  return { status, output }
}

const here: readonly Interpreter[] = chosen()

if (here.length === 0) {
  test('the Python worker passes its tests', { skip: `no Python 3.${OLDEST} or later was found: THE PYTHON WORKER IS NOT TESTED` }, () => {
    assert.fail('skipped')
  })
}

// Two at a time: most of their time is the start of processes.
describe('the Python worker', { concurrency: 2 }, () => {
  for (const interpreter of here) {
    test(`passes its tests on Python ${interpreter.version}`, async (context) => {
      const { status, output } = await unittest(interpreter)
      assert.equal(status, 0, output.slice(-20_000))
      const count = Number(/^Ran (\d+) tests? in/m.exec(output)?.[1] ?? 0)
      assert.ok(count > 100, `only ${count} tests ran`)
      context.diagnostic(`${count} tests on ${interpreter.path}`)
    })
  }
})
