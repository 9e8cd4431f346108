/** A new arbiter from the new code, on the sockets of this one, which ends when the new one serves. */
import { spawn, type ChildProcess } from 'node:child_process'
import type { FromSuccessor } from './messages.ts'

export interface SuccessorLaunch {
  readonly program: string
  readonly arguments: readonly string[]
  readonly cwd: string
  /** Descriptors of the sockets: 4 and up in the new process, in this order. */
  readonly descriptors: readonly number[]
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The number that the first of the descriptors has in the new process: 3 is the channel. */
export const FIRST_DESCRIPTOR = 4

export class Successor {
  private readonly child: ChildProcess
  private over = false

  /** @param done called once: with null when the new arbiter serves, else with why it does not */
  constructor(launch: SuccessorLaunch, done: (failure: string | null) => void) {
    this.child = spawn(launch.program, [...launch.arguments], {
      cwd: launch.cwd, env: launch.env, stdio: ['inherit', 'inherit', 'inherit', 'ipc', ...launch.descriptors],
    })
    let failure: string | null = null
    const settle = (why: string | null): void => {
      if (this.over) return
      this.over = true
      done(why)
    }
    this.child.on('message', (message: FromSuccessor) => {
      if (message.type === 'failed') {
        failure = message.text
        return
      }
      this.child.disconnect()
      this.child.unref()
      settle(null)
    })
    this.child.on('error', (error) => settle(error.message))
    this.child.once('exit', (code, signal) => settle(failure ?? `it ended with ${signal === null ? `exit code ${code}` : `signal ${signal}`}`))
  }

  get pid(): number {
    return this.child.pid ?? 0
  }

  /** The whole server stops before the new arbiter serves. */
  stop(): void {
    if (!this.over) this.child.kill('SIGTERM')
  }
}
