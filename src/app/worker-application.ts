/** Loads, in a worker, the settings and the application that its arbiter was started with. */
import { resolve } from 'node:path'
import { hooksOf, type Hooks } from '../config/hooks.ts'
import { assumeArguments, processInput } from '../config/process-input.ts'
import { readSettings, type SettingsInput } from '../config/read-settings.ts'
import { settingsFrom } from '../config/settings-from.ts'
import type { Settings, SettingsParams } from '../config/settings.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import { loadModule } from './load-module.ts'
import { TargetError } from './load-target.ts'
import { registeredBy, type Registered } from './registration.ts'
import { behindStatic, loadServed, settingsOf } from './served.ts'
import type { WorkerTask } from './worker-task.ts'

export interface WorkerConfig {
  readonly settings: Settings
  readonly hooks: Hooks
  readonly target: string | undefined
  /** The config file. */
  readonly file: string | undefined
}

export interface WorkerApplication extends WorkerConfig {
  readonly callable: WSGIApplication
}

/** A script may start its server this long after its import, in milliseconds. */
const PATIENCE = 30_000

/** The settings as far as they are known without the application, which has parameters of its own where it is a script. */
export async function readConfig(task: WorkerTask): Promise<WorkerConfig> {
  assumeArguments(task.script, task.argv)
  process.chdir(task.cwd)
  if (task.usage === 'program') return { settings: settingsFrom({ workers: 0 }), hooks: {}, target: undefined, file: undefined }
  const config = await readSettings(input(task))
  enter(config.cwd, config.settings)
  return { ...config, settings: settingsOf(config) }
}

/** @throws {TargetError} where the application cannot be loaded */
export async function loadApplication(task: WorkerTask, early: WorkerConfig): Promise<WorkerApplication> {
  const { callable, params } = task.usage === 'command' ? await loadServed(early, process.cwd()) : await register(task)
  const app = await withParams(task, early, callable, params)
  return { ...app, callable: await behindStatic(callable, app.settings) }
}

async function register({ script, index }: WorkerTask): Promise<Registered> {
  const found = await registeredBy(() => loadModule(script), index, PATIENCE).catch((error: unknown) => {
    throw new TargetError(`${script} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  })
  if (found === undefined) throw new TargetError(`${script} starts no server in a worker: its start() must be reached there as well`)
  return found
}

async function withParams(
  task: WorkerTask, early: WorkerConfig, callable: WSGIApplication, params: SettingsParams,
): Promise<WorkerApplication> {
  if (task.usage === 'program') {
    const settings = settingsFrom(params)
    enter(resolve(settings.chdir ?? ''), settings)
    return { ...early, settings, hooks: hooksOf(params, 'constructor'), callable }
  }
  if (Object.keys(params).length === 0) return { ...early, callable }
  const config = await readSettings({ ...input(task), params })
  enter(config.cwd, config.settings)
  return { ...config, callable }
}

function input(task: WorkerTask): SettingsInput {
  return { ...processInput(), cwd: task.cwd, load: loadModule, usage: task.usage === 'command' ? 'command' : 'script' }
}

/** Where relative paths start, and what files may be made. */
function enter(cwd: string, settings: Settings): void {
  if (cwd !== process.cwd()) process.chdir(cwd)
  if (settings.umask !== null) process.umask(settings.umask)
}
