/** The ways on which a Python application is reached, each a server with the cases behind it. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../support/project.ts'
import { pythonEnvironment, withoutPython } from '../../support/python-environment.ts'
import { startCommand, type RunningCommand } from '../../support/start-command.ts'

export interface Way {
  readonly name: string
  /** False, or why it cannot be taken here. */
  readonly skip: string | false
  readonly isPulsar: boolean
  /** On a port that the system chooses, from a directory that {@link makeDirectory} made. */
  start(directory: string, ...args: string[]): Promise<RunningCommand>
}

const own = join(projectRoot, 'test', 'python', 'contract')

const byPulsar = (target: string, ...args: string[]): Way['start'] => (directory, ...more) =>
  startCommand(['-b', '127.0.0.1:0', '--log-format', 'json', ...args, ...more, target], { cwd: directory, env: { VIRTUAL_ENV: undefined } })

/** gunicorn's sync worker; its configuration says where it serves as Pulsar's log does. */
const byGunicorn: Way['start'] = (directory) => startCommand(['-b', '127.0.0.1:0', '-c', 'gunicorn.conf.py', 'contract.app:application'], {
  cwd: directory, program: [pythonEnvironment().gunicorn], env: { PYTHONWARNINGS: 'ignore' },
})

export const direct: Way = {
  name: 'direct', skip: withoutPython, isPulsar: true, start: byPulsar('contract.app:application'),
}
export const unbuffered: Way = {
  name: 'direct, bodies streamed', skip: withoutPython, isPulsar: true,
  start: byPulsar('contract.app:application', '--request-buffering', 'off'),
}
export const threaded: Way = {
  name: 'direct, with threads', skip: withoutPython, isPulsar: true, start: byPulsar('contract.app:application', '--threads', '3'),
}
export const wrapped: Way = {
  name: 'wrapped in TypeScript', skip: withoutPython, isPulsar: true, start: byPulsar('wrapped.ts'),
}
/** Middleware of TypeScript adds to the environ, and mounts the application. */
export const middleware: Way = { name: 'behind middleware', skip: withoutPython, isPulsar: true, start: byPulsar('middleware.ts') }
/** No Python: what the others are compared with. */
export const inTypeScript: Way = { name: 'in TypeScript', skip: false, isPulsar: true, start: byPulsar('environ.ts') }
export const gunicorn: Way = { name: 'gunicorn', skip: withoutPython, isPulsar: false, start: byGunicorn }

/** What is served, in a directory below the project, so that the package's name leads to its own build. */
export function makeDirectory(name: string, sources: Readonly<Record<string, string>>): string {
  const directory = join(projectRoot, 'build', 'python-contract', name)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(join(directory, 'contract'), { recursive: true })
  cpSync(join(own, 'app.py'), join(directory, 'contract', 'app.py'))
  for (const file of ['gunicorn.conf.py', 'wrapped.ts', 'environ.ts', 'middleware.ts']) cpSync(join(own, 'fixtures', file), join(directory, file))
  writeFileSync(join(directory, 'contract', 'cases.json'), JSON.stringify(sources))
  return directory
}
