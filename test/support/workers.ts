/** A server with workers, started as a user would, for tests that send it signals and look at its processes. */
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { projectRoot } from './project.ts'
import { get } from './raw-client.ts'
import { startCommand, type CommandOptions, type RunningCommand } from './start-command.ts'

export interface Workers extends RunningCommand {
  readonly port: number
  /** How often a pattern is in the log so far. */
  times(pattern: RegExp): number
  /** Waits until the log has a pattern so many times. */
  until(pattern: RegExp, times?: number): Promise<void>
  /** Processes that it has started and that live. */
  children(): readonly number[]
  body(path: string): Promise<string>
  status(path: string): Promise<number>
}

export interface WorkersOptions extends CommandOptions {
  readonly cwd: string
  readonly bind?: readonly string[]
}

const directories: string[] = []

/** A directory of its own, with the applications of test/process/fixtures, removed at the end. */
export function workplace(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pulsar-process-'))
  directories.push(directory)
  cpSync(join(projectRoot, 'test', 'process', 'fixtures'), directory, { recursive: true })
  return directory
}

/** On a port that the system chooses, unless the arguments or a config file say where: `bind: []`. */
export async function startWorkers(args: readonly string[], options: WorkersOptions): Promise<Workers> {
  const bind = options.bind ?? ['-b', '127.0.0.1:0']
  const command = await startCommand([...bind, '--log-format', 'json', ...args], options)
  const times = (pattern: RegExp): number => [...command.stderr().matchAll(new RegExp(pattern, 'g'))].length
  return {
    ...command, times,
    port: Number(new URL(command.address.startsWith('http') ? command.address : 'http://localhost:0').port),
    until: (pattern, wanted = 1) => eventually(() => times(pattern) >= wanted, () => `${pattern} ${wanted} times in\n${command.stderr()}`),
    children: () => childrenOf(command.pid),
    body: async (path) => (await get(command.address, path)).body.toString(),
    status: async (path) => (await get(command.address, path)).status,
  }
}

/** Waits for a condition, for at most 20 s. */
export async function eventually(condition: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
  const end = Date.now() + 20_000
  while (!await condition()) {
    if (Date.now() > end) throw new Error(`waited 20 s for ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Whether somebody listens on a unix socket: its file is there before that. */
export function accepts(path: string): Promise<boolean> {
  const socket = connect(path)
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  }).finally(() => socket.destroy())
}

/** By the system's table of processes; threads of a process that wait for their end do not count. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((one) => statOf(one)?.parent === pid)
}

export function isRunning(pid: number): boolean {
  const stat = statOf(pid)
  return stat !== null && stat.state !== 'Z'
}

/** With SIGKILL, those that have not ended by themselves meanwhile. */
export function killLeft(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

function statOf(pid: number): { readonly state: string, readonly parent: number } | null {
  const path = `/proc/${pid}/stat`
  if (!existsSync(path)) return null
  try {
    const fields = readFileSync(path, 'latin1').replace(/^.*\) /s, '').split(' ')
    return { state: fields[0] as string, parent: Number(fields[1]) }
  } catch {
    return null // it has ended just now
  }
}

after(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }) })
