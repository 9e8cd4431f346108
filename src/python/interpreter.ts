/** Which Python runs the application. */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { ServiceFailure } from '../gateway/service.ts'

export interface InterpreterQuestion {
  /** A program, a command to look up, or the directory of a virtual environment; null: find one. */
  readonly python: string | null
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
 * @throws {ServiceFailure} where there is none; what was named and is not there is never passed over
 */
export function findInterpreter({ python, cwd, env }: InterpreterQuestion): Interpreter {
  if (python !== null) return named(python, cwd, env)
  const environment = env['VIRTUAL_ENV']
  if (environment !== undefined && environment !== '') {
    const program = inEnvironment(environment)
    if (program === undefined) throw new ServiceFailure(`VIRTUAL_ENV is ${environment}, where there is no bin/python`)
    return { program, chosen: 'VIRTUAL_ENV' }
  }
  const local = inEnvironment(join(cwd, '.venv'))
  if (local !== undefined) return { program: local, chosen: './.venv' }
  const found = onPath('python3', env)
  if (found !== undefined) return { program: found, chosen: 'python3 of PATH' }
  throw new ServiceFailure('no Python: there is no VIRTUAL_ENV, no .venv and no python3 on the PATH; --python names one')
}

function named(python: string, cwd: string, env: InterpreterQuestion['env']): Interpreter {
  const path = resolve(cwd, python)
  const program = inEnvironment(path) ?? (isProgram(path) ? path : undefined) ?? (python.includes('/') ? undefined : onPath(python, env))
  if (program === undefined) throw new ServiceFailure(`there is no Python at ${python}: expected a program, or the directory of a virtual environment`)
  return { program, chosen: `python ${python}` }
}

function inEnvironment(directory: string): string | undefined {
  const program = join(directory, 'bin', 'python')
  return isProgram(program) ? program : undefined
}

function onPath(command: string, env: InterpreterQuestion['env']): string | undefined {
  const directories = (env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '')
  return directories.map((directory) => join(directory, command)).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // not there, or not ours to run: the same to whoever looks for one
  }
}
