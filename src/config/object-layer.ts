import { hookNames, isHookName } from './hooks.ts'
import type { Given, Layer } from './layer.ts'
import { suggestion } from './names.ts'
import type { Origin } from './row.ts'
import { SettingsError } from './settings-error.ts'
import { isSettingName, settingNames, table, type SettingName } from './table.ts'

/**
 * What an object gives: the constructor's parameters, or the exports of a config file. What is undefined is not given.
 * Hooks are read by `hooksOf()`.
 * @throws {SettingsError} for a name that is no setting, or one that cannot be set there
 */
export function objectLayer(values: object, origin: Origin, source: string): Layer {
  const layer = new Map<SettingName, Given>()
  for (const [name, raw] of Object.entries(values)) {
    if (isHookName(name)) continue
    if (!isSettingName(name)) {
      throw new SettingsError(name, source, `no such setting${suggestion(name, [...settingNames, ...hookNames])}`)
    }
    if (raw === undefined) continue
    if (table[name].notFrom?.includes(origin)) throw new SettingsError(name, source, `cannot be set in a ${origin}`)
    layer.set(name, { raw, source })
  }
  return layer
}
