/** How a process of Python's is started: a worker, or the template that forks them. */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Interpreter } from './interpreter.ts'
import type { WireServer } from './wire-server.ts'

/** What is the same for all processes of a pool. */
export interface LaunchPlan {
  readonly interpreter: Interpreter
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly wire: WireServer
}

/** The Python half, beside the package's own code. */
const workerPackage = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('pulsar-wsgi/package.json')), 'python', 'pulsar_worker')

export function newToken(): string {
  return randomBytes(16).toString('hex')
}

/** In a process group of its own: a Ctrl-C on the terminal is the server's to act upon. */
export function launchPython(plan: LaunchPlan, worker: number, token: string, role: 'worker' | 'template'): ChildProcess {
  const { interpreter, cwd, env, wire } = plan
  const identity = `${worker}:${token}${role === 'template' ? ':template' : ''}`
  // A template has no use for sockets of clients.
  const channel = role === 'worker' ? ['ipc' as const] : []
  // -u: what is printed is to be seen when it is, not when a buffer is full.
  const child = spawn(interpreter.program, ['-u', workerPackage()], {
    cwd, env: { ...env, PULSAR_WIRE: wire.path, PULSAR_WORKER: identity }, stdio: ['ignore', 'pipe', 'pipe', ...channel], detached: true,
  })
  child.unref()
  for (const stream of [child.stdout, child.stderr]) (stream as Socket).unref()
  return child
}
