/** A server with Python workers behind it, started as a user would, in a directory of its own. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { projectRoot } from './project.ts'
import { childrenOf, eventually, startWorkers, type Workers, type WorkersOptions } from './workers.ts'

/** For the `skip` of a test: false, or why there is no Python. */
export const withoutPython3: string | false = spawnSync('python3', ['-c', '']).status === 0 ? false : 'there is no python3'

const directories: string[] = []

/** With the applications of test/python/fixtures, removed at the end. */
export function pythonPlace(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pulsar-python-'))
  directories.push(directory)
  cpSync(join(projectRoot, 'test', 'python', 'fixtures'), directory, { recursive: true })
  return directory
}

export interface PythonServer extends Workers {
  /** Processes of Python's, of all server processes. */
  pythons(): readonly number[]
}

export async function startPython(args: readonly string[], options: WorkersOptions): Promise<PythonServer> {
  const workers = await startWorkers(args, { ...options, env: { VIRTUAL_ENV: undefined, ...options.env } })
  const isPython = (pid: number): boolean => /python/i.test(commandOf(pid))
  return { ...workers, pythons: () => [workers.pid, ...workers.children()].flatMap(childrenOf).filter(isPython) }
}

/** Waits for a file that an application makes and writes to, and gives its content. */
export async function fileContent(path: string): Promise<string> {
  await eventually(() => existsSync(path) && readFileSync(path).length > 0, () => path)
  return readFileSync(path, 'utf8')
}

/** Lets a request to `/hold` end. */
export function letGo(path: string): void {
  writeFileSync(`${path}.go`, '')
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? ''
  } catch {
    return '' // it has ended just now
  }
}

after(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }) })
