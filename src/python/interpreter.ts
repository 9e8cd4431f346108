/** Which Python runs the application. */
import { accessSync, constants, lstatSync, statSync, type Stats } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

/** No Python where one was named, or none at all: a setting is wrong. */
export class InterpreterError extends Error {
  override readonly name: string = 'InterpreterError'
}

export interface InterpreterQuestion {
  /** A program, a command to look up, or the directory of a virtual environment; null: find one. */
  readonly python: string | null
  /** Who says so, for an error; `--python`. */
  readonly by?: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface Interpreter {
  /** Absolute. */
  readonly program: string
  /** What led to it, for the log. */
  readonly chosen: string
}

/**
 * The one that is named, else that of `VIRTUAL_ENV`, of `.venv` in the application's directory, or `python3`, in that order.
 * @throws {InterpreterError} where there is none; what was named and cannot be run is never passed over
 */
export function findInterpreter({ python, by = '--python', cwd, env }: InterpreterQuestion): Interpreter {
  if (python !== null) return named(python, by, cwd, env)
  const environment = env['VIRTUAL_ENV']
  if (environment !== undefined && environment !== '') {
    return { program: ofEnvironment(resolve(cwd, environment), `VIRTUAL_ENV is ${environment}`), chosen: 'VIRTUAL_ENV' }
  }
  const local = join(cwd, '.venv')
  // A directory that only has the name is passed over; an environment whose Python has gone is not.
  if (found(programOf(local), lstatSync) !== undefined) return { program: ofEnvironment(local, `.venv is in ${cwd}`), chosen: './.venv' }
  const program = onPath('python3', env)
  if (program !== undefined) return { program, chosen: 'python3 of PATH' }
  throw new InterpreterError('no Python: there is no VIRTUAL_ENV, no .venv and no python3 on the PATH; --python names one')
}

function named(python: string, by: string, cwd: string, env: InterpreterQuestion['env']): Interpreter {
  const path = resolve(cwd, python)
  const bare = !python.includes('/')
  const program = [programOf(path), path].find(isProgram) ?? (bare ? onPath(python, env) : undefined)
  if (program !== undefined) return { program, chosen: `python ${python}` }
  const problem = problemOf(found(path)?.isDirectory() === true ? programOf(path) : path)
  const nowhere = bare ? `, and no ${python} on the PATH` : ''
  throw new InterpreterError(`${by} ${python}: ${problem}${nowhere}; expected a program, or the directory of a virtual environment`)
}

function ofEnvironment(directory: string, why: string): string {
  const program = programOf(directory)
  if (isProgram(program)) return program
  throw new InterpreterError(`${why}: ${problemOf(program)}`)
}

const programOf = (environment: string): string => join(environment, 'bin', 'python')

/** Why a path is not a program. */
function problemOf(path: string): string {
  if (found(path, lstatSync) === undefined) return `there is no ${path}`
  const stats = found(path)
  if (stats === undefined) return `${path} is a link to nothing`
  return stats.isFile() ? `${path} is not executable` : `${path} is not a program`
}

/** Undefined for what is not there, or not to be seen. */
function found(path: string, look: (path: string) => Stats = statSync): Stats | undefined {
  try {
    return look(path)
  } catch {
    return undefined
  }
}

function onPath(command: string, env: InterpreterQuestion['env']): string | undefined {
  const directories = (env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '')
  return directories.map((directory) => join(directory, command)).find(isProgram)
}

function isProgram(path: string): boolean {
  if (found(path)?.isFile() !== true) return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
