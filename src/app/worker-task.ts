/** What an arbiter tells its workers about the application; plain data. */
import type { ProcessStart } from '../config/process-input.ts'
import type { LogLevel } from '../observe/admin/control.ts'
import type { Task } from '../process/messages.ts'

export interface WorkerTask {
  /** `command`: TARGET names the application. `script`: the script starts the server. `program`: parameters alone count too. */
  readonly usage: 'command' | 'script' | 'program'
  readonly script: string
  readonly argv: readonly string[]
  readonly cwd: string
  /** Of the servers that the script starts, in order. */
  readonly index: number
  /** Tell which files the application came from. */
  readonly watching: boolean
  /** Why the application cannot be loaded: answer with that. */
  readonly broken: string | null
  readonly title: string | null
  /** The least serious lines that are logged, where that was changed since the start. */
  readonly logLevel: LogLevel | null
}

export function workerTask(start: ProcessStart, rest: Omit<WorkerTask, 'script' | 'argv' | 'cwd'>): WorkerTask {
  return { ...rest, script: start.script, argv: start.argv, cwd: start.cwd }
}

/** As a message carries it. */
export function asMessage(task: WorkerTask): Task {
  return { ...task }
}

export function fromMessage(task: Task): WorkerTask {
  return task as unknown as WorkerTask
}
