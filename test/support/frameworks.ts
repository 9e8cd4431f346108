/** Applications of Python's frameworks, served by the command from a folder of their own as a user would. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { projectRoot } from './project.ts'
import { pythonEnvironment, withoutPython } from './python-environment.ts'
import { startCommand, type RunningCommand } from './start-command.ts'

const directories: string[] = []
after(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }) })

/** A folder with `.venv` in it, and a copy of that directory of the project, where one is named. */
export function frameworkFolder(copied?: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'pulsar-framework-'))
  directories.push(directory)
  if (copied !== undefined) cpSync(join(projectRoot, copied), directory, { recursive: true })
  symlinkSync(pythonEnvironment().directory, join(directory, '.venv'))
  return directory
}

/** As a user who has activated nothing. */
export function serveIn(cwd: string, ...args: string[]): Promise<RunningCommand> {
  return startCommand(['-b', '127.0.0.1:0', ...args], { cwd, env: { VIRTUAL_ENV: undefined } })
}

/** Stops in order, with nothing to complain about in the log but what the test expects. */
export async function stopQuietly(server: RunningCommand, expected: RegExp | null = null): Promise<void> {
  const { code, stderr } = await server.stop()
  assert.equal(code, 0, stderr)
  const unexpected = stderr.split('\n').filter((line) => /"level":"(?:warning|error|critical)"|Traceback/.test(line))
    .filter((line) => expected === null || !expected.test(line))
  assert.deepEqual(unexpected, [])
}

/** For the `skip` of a test: false where the environment has that package, of that version or later; else what is missing. */
export function withoutPackage(name: string, version: string = '0'): string | false {
  const reason = withoutPython()
  if (reason !== false) return reason
  const program = `import sys\nfrom importlib.metadata import version\nprint(version(sys.argv[1]))`
  const { status, stdout } = spawnSync(pythonEnvironment().python, ['-c', program, name], { encoding: 'utf8' })
  if (status !== 0) return `there is no ${name}`
  const found = stdout.trim()
  return isEarlier(found, version) ? `${name} ${version} or later is needed, this is ${found}` : false
}

/** A command of the environment, in a folder; its standard output. */
export function inEnvironment(cwd: string, program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const { status, stdout, stderr } = spawnSync(join(cwd, '.venv', 'bin', program), args, { cwd, encoding: 'utf8', env: { ...process.env, ...env } })
  assert.equal(status, 0, stdout + stderr)
  return stdout
}

/** Lets an application that waits for a file go on. */
export function release(path: string): void {
  writeFileSync(path, '')
}

function isEarlier(found: string, wanted: string): boolean {
  const [a, b] = [found, wanted].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0)) as [number[], number[]]
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
