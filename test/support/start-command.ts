/** Runs commands as a user would, and sees to it that none of them outlives its test file. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { after } from 'node:test'
import { commandEntry, projectRoot } from './project.ts'

export interface CommandOptions {
  /** The program and its first arguments. Default: this Node with the built command. */
  readonly program?: readonly string[]
  /** Added to the environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Default: the project's root. */
  readonly cwd?: string
  /** The longest wait for the address or the end, in milliseconds. Default 30,000. */
  readonly patience?: number
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand {
  readonly process: ChildProcess
  readonly pid: number
  /** As the server printed them: `http://127.0.0.1:41234`. */
  readonly addresses: readonly string[]
  /** The first of the addresses. */
  readonly address: string
  stdout(): string
  stderr(): string
  /** Resolves when the process has ended and its output was read. */
  readonly ended: Promise<Ended>
  /** Asks it to end (SIGTERM), kills it after 10 s. */
  stop(signal?: NodeJS.Signals): Promise<Ended>
  /** As Ctrl-C on a terminal: SIGINT to it and to all that it started. */
  interrupt(): Promise<Ended>
  /** Waits until standard error matches. */
  logged(pattern: RegExp): Promise<RegExpMatchArray>
}

/** Groups of processes that were started here, by the id of their first. */
const alive = new Map<number, Promise<Ended>>()

/** Starts the command and waits for `serving on URL` on standard error; rejects with its output where it ends before. */
export async function startCommand(args: readonly string[], options: CommandOptions = {}): Promise<RunningCommand> {
  const command = launch(args, options)
  await command.logged(servingOn)
  const addresses = [...command.stderr().matchAll(new RegExp(servingOn, 'g'))].map((match) => match[1] as string)
  return { ...command, addresses, address: addresses[0] as string }
}

/** Runs the command to its end. */
export async function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const command = launch(args, options)
  const late = setTimeout(() => signalGroup(command.pid, 'SIGKILL'), options.patience ?? 30_000)
  try {
    return await command.ended
  } finally {
    clearTimeout(late)
  }
}

/** The log is JSON or readable: the URL ends at white space, a quote or a comma. */
const servingOn: RegExp = /serving on ((?:https?:\/\/|unix:)[^\s"',\\]+)/

function launch(args: readonly string[], options: CommandOptions): Omit<RunningCommand, 'addresses' | 'address'> {
  if (!options.program && !existsSync(commandEntry)) throw new Error('dist/ is not built: npm run build')
  const [file = process.execPath, ...first] = options.program ?? [process.execPath, commandEntry]
  // A group of its own, so that what npx or a shell started in between ends too.
  const child = spawn(file, [...first, ...args], {
    cwd: options.cwd ?? projectRoot, env: environment(options.env), stdio: ['ignore', 'pipe', 'pipe'], detached: true,
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output.stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { output.stderr += text })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => { alive.delete(child.pid as number); resolve({ code, signal, ...output }) })
  })
  ended.catch(() => {}) // reported by whoever awaits it; nobody needs to
  const pid = child.pid
  if (pid === undefined) throw new Error(`${file} could not be started`)
  alive.set(pid, ended)
  return {
    process: child, pid, ended,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    stop: (signal = 'SIGTERM') => stop(pid, ended, () => process.kill(pid, signal)),
    interrupt: () => stop(pid, ended, () => signalGroup(pid, 'SIGINT')),
    logged: (pattern) => logged(pattern, child, output, options.patience ?? 30_000),
  }
}

type Output = Pick<Ended, 'stdout' | 'stderr'>

function logged(pattern: RegExp, child: ChildProcess, output: Output, patience: number): Promise<RegExpMatchArray> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => settle(`waited ${patience} ms`), patience)
    const look = (): void => { if (pattern.test(output.stderr)) settle(null) }
    const closed = (code: number | null, signal: string | null): void => settle(`ended with ${signal ?? code}`)
    const settle = (why: string | null): void => {
      clearTimeout(late)
      child.stderr?.off('data', look)
      child.off('close', closed)
      const match = output.stderr.match(pattern)
      if (match) resolve(match)
      else reject(new Error(`${why}, and no ${pattern} was logged\nstdout: ${output.stdout}\nstderr: ${output.stderr}`))
    }
    child.stderr?.on('data', look)
    child.once('close', closed)
    look()
  })
}

async function stop(pid: number, ended: Promise<Ended>, ask: () => void): Promise<Ended> {
  if (alive.has(pid)) ask()
  const late = setTimeout(() => signalGroup(pid, 'SIGKILL'), 10_000)
  try {
    return await ended
  } finally {
    clearTimeout(late)
    signalGroup(pid, 'SIGKILL')
  }
}

/** Signals whoever is left of a group that was started here. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Without what would change a server's settings, or make a child believe that it is a test. */
function environment(added: CommandOptions['env'] = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) =>
    !/^(PULSAR_|NODE_TEST_CONTEXT$|NODE_OPTIONS$|PORT$|WEB_CONCURRENCY$|npm_)/.test(name))
  return { ...Object.fromEntries(kept), ...added }
}

after(async () => {
  const left = [...alive]
  for (const [pid] of left) signalGroup(pid, 'SIGKILL')
  await Promise.allSettled(left.map(([, ended]) => ended))
})

// The runner ends a file that takes too long with SIGTERM; hooks do not run then.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    for (const pid of alive.keys()) signalGroup(pid, 'SIGKILL')
    process.kill(process.pid, signal)
  })
}
