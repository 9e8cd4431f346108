/** The Python half of the bridge is tested in Python, on every interpreter that is here; these run its tests. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, test } from 'node:test'
import { projectRoot } from '../support/project.ts'

const tests = join(projectRoot, 'test', 'python', 'worker')
const OLDEST = 8

interface Interpreter { readonly path: string, readonly version: string }

/** Directories where interpreters are: the PATH, and what pyenv holds beside the versions that it has put there. */
function directories(): string[] {
  const pyenv = join(process.env['PYENV_ROOT'] ?? join(process.env['HOME'] ?? '/', '.pyenv'), 'versions')
  const held = existsSync(pyenv) ? readdirSync(pyenv).map((name) => join(pyenv, name, 'bin')) : []
  return [...(process.env['PATH'] ?? '').split(delimiter), ...held].filter((directory) => existsSync(directory))
}

/** One of each minor version that the worker is made for, oldest first. */
function interpreters(): Interpreter[] {
  const found = new Map<string, Interpreter>()
  const looked = new Set<string>()
  for (const directory of directories()) {
    for (const name of readdirSync(directory)) {
      if (!/^python3(?:\.\d+)?$/.test(name)) continue
      const path = join(directory, name)
      const real = existsSync(path) ? realpathSync(path) : path
      // A shim is one file under many names.
      const key = real.endsWith(name) || /python3\.\d+$/.test(real) ? real : `${real} ${name}`
      if (looked.has(key)) continue
      looked.add(key)
      const { status, stdout } = spawnSync(path, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' })
      const version = status === 0 ? stdout.trim() : ''
      if (/^3\.\d+$/.test(version) && Number(version.slice(2)) >= OLDEST && !found.has(version)) found.set(version, { path, version })
    }
  }
  return [...found.values()].sort((a, b) => Number(a.version.slice(2)) - Number(b.version.slice(2)))
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

const here = interpreters()

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
