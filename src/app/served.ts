/** What the command serves: the application that TARGET names, or those of `mount`. */
import { SettingsError } from '../config/settings-error.ts'
import type { Config, Settings } from '../config/settings.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import { loadTarget, type Target } from './load-target.ts'
import { isPythonTarget } from './python-target.ts'

/** The part of what was read that names applications. */
export type Naming = Pick<Config, 'settings' | 'target'>

/** TARGET, which is served alone, else the targets of `mount`; none where nothing is named. */
export function targetsOf({ settings: { mount }, target }: Naming): readonly string[] {
  return target === undefined ? mount?.map((one) => one.target) ?? [] : [target]
}

/** As `ps` shows it. */
export function titleOf(naming: Naming): string {
  return [...new Set(targetsOf(naming))].join(', ')
}

/** @throws {SettingsError} where nothing is named, or the command line names both */
export function checkNamed(config: Pick<Config, 'settings' | 'target' | 'sources'>): void {
  if (targetsOf(config).length === 0) {
    const expected = 'expected path/to/app.ts[:export] or package.module:callable, or mount in the config file'
    throw new SettingsError('TARGET', 'command line', `missing: ${expected}; --help tells more`)
  }
  if (config.target !== undefined && config.sources.mount === 'command line') {
    throw new SettingsError('TARGET', 'command line', `there is --mount as well: --mount /=${config.target} names it there`)
  }
}

/** True where every application is in Python. */
export function isAllPython(naming: Naming): boolean {
  const targets = targetsOf(naming)
  return targets.length > 0 && targets.every(isPythonTarget)
}

/**
 * What `--workers` says of Python applications: so many Python workers behind one server process. `--python-workers` counts more;
 * then `--workers` is about server processes, as elsewhere.
 */
export function settingsOf(config: Pick<Config, 'settings' | 'sources' | 'target'>): Settings {
  const { settings, sources } = config
  if (!isAllPython(config) || sources.pythonWorkers !== 'default' || settings.workers === 0) return settings
  return Object.freeze({ ...settings, workers: 1, pythonWorkers: settings.workers })
}

/** @throws {TargetError} saying what was found where an application was expected */
export async function loadServed({ settings: { mount, kind }, target }: Naming, cwd: string): Promise<Target> {
  if (target !== undefined) return loadTarget(target, cwd, kind)
  if (mount === null) throw new SettingsError('TARGET', 'command line', 'missing')
  const { loadMounts } = await import('./load-mounts.ts')
  // Parameters of a script that is one of several are its own.
  return { callable: await loadMounts(mount, cwd), params: {} }
}

/** The application behind the directories of the setting `static`, where there are any. */
export async function behindStatic(application: WSGIApplication, settings: Settings): Promise<WSGIApplication> {
  if (settings.static === null) return application
  const { staticFiles } = await import('./static-files.ts')
  return staticFiles(settings.static, application)
}
