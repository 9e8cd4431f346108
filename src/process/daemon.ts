/** Going to the background: Node cannot fork, so the command starts itself again in a session of its own, and waits. */
import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { withFile } from './file-failure.ts'
import type { FromSuccessor } from './messages.ts'

export interface DaemonLaunch {
  readonly program: string
  readonly arguments: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** What the daemon writes to standard output and error is appended to this file. */
  readonly output: string
}

/** Resolves with what the daemon says: that it serves, or why not. */
export function startDaemon(launch: DaemonLaunch): Promise<FromSuccessor> {
  const output = withFile('the log file cannot be opened', () => openSync(launch.output, 'a', 0o640))
  const child = spawn(launch.program, [...launch.arguments], {
    cwd: launch.cwd, env: launch.env, detached: true, stdio: ['ignore', output, output, 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      resolve(message as FromSuccessor)
      child.disconnect()
      child.unref()
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve({
      type: 'failed', status: code ?? 1, text: `the daemon ended with ${signal === null ? `exit code ${code}` : `signal ${signal}`}; see ${launch.output}`,
    }))
  })
}
