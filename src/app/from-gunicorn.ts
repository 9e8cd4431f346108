/** `--from-gunicorn FILE`: a config file of gunicorn's is run by Python, and printed as one of pulsar's. */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { configText, type GunicornEntry } from '../config/gunicorn/config-text.ts'
import type { Environment } from '../config/environment.ts'
import type { Config } from '../config/settings.ts'
import { ServiceFailure } from '../gateway/service.ts'
import { findInterpreter } from '../python/interpreter.ts'

/** A config file that takes longer waits for something that it should not. Milliseconds. */
const PATIENCE = 60_000

/** @throws {InterpreterError} where there is no Python @throws {ServiceFailure} where the file cannot be run: with its traceback */
export function fromGunicorn(file: string, config: Pick<Config, 'settings' | 'target' | 'cwd'>, env: Environment): string {
  return configText({ name: file, entries: entriesOf(file, config, env), target: config.target })
}

function entriesOf(file: string, { settings, cwd }: Pick<Config, 'settings' | 'cwd'>, env: Environment): readonly GunicornEntry[] {
  const { program } = findInterpreter({ python: settings.python, cwd, env })
  const reader = join(dirname(createRequire(import.meta.url).resolve('pulsar-wsgi/package.json')), 'python', 'gunicorn_settings.py')
  const { status, stdout, stderr, error } = spawnSync(program, [reader, file], {
    cwd, env: { ...env, PYTHONDONTWRITEBYTECODE: '1' }, encoding: 'utf8', timeout: PATIENCE, maxBuffer: 1 << 26,
  })
  if (status !== 0) throw new ServiceFailure(`${file} cannot be run by ${program}${error === undefined ? '' : `: ${error.message}`}`, stderr)
  // What it has said on the way is the user's.
  if (stderr !== '') process.stderr.write(stderr)
  return JSON.parse(stdout) as readonly GunicornEntry[]
}
