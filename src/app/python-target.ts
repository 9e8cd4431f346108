/** A TARGET that is a Python application, and what that means for the settings. */
import type { Config, Settings } from '../config/settings.ts'

const FORM = /^(?!.+?\.(?:[cm]?[jt]s|tsx|jsx)(?::|$))(?:[^:]+\.py(?::.+)?|[\p{ID_Start}_][\p{ID_Continue}]*(?:\.[\p{ID_Start}_][\p{ID_Continue}]*)*:.+)$/su

/** `package.module:callable`, `path/to/app.py[:callable]`. */
export function isPythonTarget(target: string): boolean {
  return FORM.test(target)
}

/**
 * What `--workers` says of a Python TARGET: so many Python workers behind one server process. `--python-workers` counts more;
 * then `--workers` is about server processes, as elsewhere.
 */
export function settingsOf({ settings, sources, target }: Pick<Config, 'settings' | 'sources' | 'target'>): Settings {
  if (target === undefined || !isPythonTarget(target)) return settings
  if (sources.pythonWorkers !== 'default' || settings.workers === 0) return settings
  return Object.freeze({ ...settings, workers: 1, pythonWorkers: settings.workers })
}
