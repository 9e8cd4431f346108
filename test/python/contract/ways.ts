/** The ways on which a Python application is reached, each a server with the cases behind it. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import { projectRoot } from '../../support/project.ts'
import { pythonEnvironment, withoutPython, withoutPython3 } from '../../support/python-environment.ts'
import { startCommand, type RunningCommand } from '../../support/start-command.ts'

export interface Way {
  readonly name: string
  /** False, or why it cannot be taken here. */
  skip(): string | false
  readonly isPulsar: boolean
  /** On a port that the system chooses, from a directory that {@link makeDirectory} made. */
  start(directory: string, ...args: string[]): Promise<RunningCommand>
}

const directories: string[] = []
const own = join(projectRoot, 'test', 'python', 'contract')

const byPulsar = (target: string, ...args: string[]): Way['start'] => (directory, ...more) =>
  startCommand(['-b', '127.0.0.1:0', '--log-format', 'json', ...args, ...more, target], { cwd: directory, env: { VIRTUAL_ENV: undefined } })

/** gunicorn's sync worker; its configuration says where it serves as Pulsar's log does. */
const byGunicorn: Way['start'] = (directory) => startCommand(['-b', '127.0.0.1:0', '-c', 'gunicorn.conf.py', 'contract.app:application'], {
  cwd: directory, program: [pythonEnvironment().gunicorn], env: { PYTHONWARNINGS: 'ignore' },
})

export const direct: Way = {
  name: 'direct', skip: withoutPython3, isPulsar: true, start: byPulsar('contract.app:application'),
}
export const unbuffered: Way = {
  name: 'direct, bodies streamed', skip: withoutPython3, isPulsar: true,
  start: byPulsar('contract.app:application', '--request-buffering', 'off'),
}
export const threaded: Way = {
  name: 'direct, with threads', skip: withoutPython3, isPulsar: true, start: byPulsar('contract.app:application', '--threads', '3'),
}
export const wrapped: Way = {
  name: 'wrapped in TypeScript', skip: withoutPython3, isPulsar: true, start: byPulsar('wrapped.ts'),
}
/** Middleware of TypeScript adds to the environ, and mounts the application. */
export const middleware: Way = { name: 'behind middleware', skip: withoutPython3, isPulsar: true, start: byPulsar('middleware.ts') }
/** No Python: what the others are compared with. */
export const inTypeScript: Way = { name: 'in TypeScript', skip: () => false, isPulsar: true, start: byPulsar('environ.ts') }
export const gunicorn: Way = { name: 'gunicorn', skip: withoutPython, isPulsar: false, start: byGunicorn }

/** What is served, in a directory below the project, so that the package's name leads to its own build; removed at the end. */
export function makeDirectory(sources: Readonly<Record<string, string>>): string {
  mkdirSync(join(projectRoot, 'build'), { recursive: true })
  const directory = mkdtempSync(join(projectRoot, 'build', 'python-contract-'))
  directories.push(directory)
  mkdirSync(join(directory, 'contract'))
  cpSync(join(own, 'app.py'), join(directory, 'contract', 'app.py'))
  cpSync(join(own, 'fixtures'), directory, { recursive: true })
  writeFileSync(join(directory, 'contract', 'cases.json'), JSON.stringify(sources))
  return directory
}

after(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }) })
