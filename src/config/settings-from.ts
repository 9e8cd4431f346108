import { resolveLayers } from './layer.ts'
import { objectLayer } from './object-layer.ts'
import { SettingsError } from './settings-error.ts'
import type { Settings, SettingsParams } from './settings.ts'

/**
 * Settings from the constructor's parameters and the defaults alone: no command line, environment or file.
 * @throws {SettingsError} for an unknown name or a bad value
 */
export function settingsFrom(params: SettingsParams): Settings {
  const layer = objectLayer(params, 'constructor', 'constructor')
  // Accepted, it would do nothing.
  if (layer.has('config')) throw new SettingsError('config', 'constructor', 'no config file is read here')
  return resolveLayers([layer]).settings
}
