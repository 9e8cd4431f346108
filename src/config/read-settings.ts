import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { readCommandLine, type Usage } from './command-line.ts'
import { findConfigFile, readConfigFile, type LoadModule } from './config-file.ts'
import { environmentLayer, type Environment } from './environment.ts'
import { hooksOf } from './hooks.ts'
import { readValue, resolveLayers, type Layer } from './layer.ts'
import { objectLayer } from './object-layer.ts'
import { SettingsError, shown } from './settings-error.ts'
import type { Config, SettingsParams } from './settings.ts'
import type { SettingName } from './table.ts'

/** The sources to read from. */
export interface SettingsInput {
  /** The arguments behind the script's name. */
  readonly argv: readonly string[]
  readonly env: Environment
  /** The working directory, absolute. */
  readonly cwd: string
  /** Imports the config file. */
  readonly load: LoadModule
  /** Parameters of the constructor: stronger than the defaults, weaker than all else. */
  readonly params?: SettingsParams
  /** Whether a TARGET may be named; default `command`: it may. */
  readonly usage?: Usage
}

interface EarlyPath {
  readonly path: string
  readonly source: string
}

/**
 * Reads every setting: command line, environment, config file, constructor parameters, defaults, the first that has it.
 * With `--help` and `--version` neither environment nor file is read, so that they always answer.
 * Changes nothing in the process: whoever serves goes to `config.cwd` and sets the umask.
 * @throws {SettingsError} (as a rejection) for whatever cannot be used
 */
export async function readSettings(input: SettingsInput): Promise<Config> {
  const { layer: fromArgv, target, action, subject } = readCommandLine(input.argv, input.usage ?? 'command')
  const { params = {} } = input
  const fromParams = objectLayer(params, 'constructor', 'constructor')
  const hooks = hooksOf(params, 'constructor')
  if (action === 'help' || action === 'version') {
    return { action, target, subject, ...resolveLayers([fromParams]), hooks, file: undefined, cwd: input.cwd }
  }
  const fromEnv = environmentLayer(input.env)
  const early = [fromArgv, fromEnv, fromParams]
  const cwd = workingDirectory(input.cwd, earlyPath(early, 'chdir'))
  const named = earlyPath(early, 'config')
  // A file that is about to be made is not read: it may stand there empty.
  const file = action === 'translate' ? undefined : findConfigFile(cwd, named?.path ?? null, named?.source ?? 'default')
  const read = file === undefined ? undefined : await readConfigFile(file, input.load)
  const layers = [fromArgv, fromEnv, ...(read === undefined ? [] : [read.layer]), fromParams]
  return { action, target, subject, ...resolveLayers(layers), hooks: { ...hooks, ...read?.hooks }, file, cwd }
}

function workingDirectory(start: string, chdir: EarlyPath | undefined): string {
  if (chdir === undefined) return start
  const directory = resolve(start, chdir.path)
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return directory
  throw new SettingsError('chdir', chdir.source, `expected an existing directory; got ${shown(chdir.path)}`)
}

/** A path that must be known before the config file is read. */
function earlyPath(layers: readonly Layer[], name: SettingName): EarlyPath | undefined {
  const given = layers.find((layer) => layer.has(name))?.get(name)
  const path = given === undefined ? null : readValue(name, given)
  return given !== undefined && typeof path === 'string' ? { path, source: given.source } : undefined
}
