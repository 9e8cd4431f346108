import type { Settings } from '../config/settings.ts'

/** Nobody reads a daemon's standard error: without another file its log goes to this one. */
export const DAEMON_LOG = 'pulsar.log'

export function daemonSettings(settings: Settings): Settings {
  return settings.daemon && settings.logFile === null ? { ...settings, logFile: DAEMON_LOG } : settings
}
