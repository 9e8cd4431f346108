/** The virtual environment with Flask, Django and gunicorn that scripts/python-environment.mjs makes. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { projectRoot } from './project.ts'

export interface PythonEnvironment {
  /** As of VIRTUAL_ENV. */
  readonly directory: string
  readonly python: string
  readonly gunicorn: string
}

type Found = { readonly environment: PythonEnvironment } | { readonly reason: string }

let known: Found | undefined

/** Looked for when it is first asked for: it may take a while to make. */
const found = (): Found => known ??= find()

/** Made where it is missing. Throws where it cannot be had: tests that need it are skipped by {@link withoutPython}. */
export function pythonEnvironment(): PythonEnvironment {
  const one = found()
  if ('reason' in one) throw new Error(one.reason)
  return one.environment
}

/** For the `skip` of a test that needs the standard library only. */
export function withoutPython3(): string | false {
  const { status } = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))'])
  return status !== 0 && 'there is no python3, 3.8 or later, on PATH'
}

/** For the `skip` of a test: false, or why there is no environment. */
export function withoutPython(): string | false {
  const one = found()
  return 'reason' in one && one.reason
}

function find(): Found {
  const script = join(projectRoot, 'scripts', 'python-environment.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  if (status === 3) return { reason: stderr.trim().split('\n').at(-1) ?? 'no Python environment' }
  if (status !== 0) throw new Error(`${script} ended with ${status}:\n${stderr}`)
  const directory = stdout.trim()
  const program = (name: string): string => join(directory, 'bin', name)
  return { environment: { directory, python: program('python'), gunicorn: program('gunicorn') } }
}
