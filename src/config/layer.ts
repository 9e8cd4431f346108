import type { Settings } from './settings.ts'
import { SettingsError, shown } from './settings-error.ts'
import { isLoopback } from './address.ts'
import { settingNames, table, type SettingName } from './table.ts'
import { valueTypes, type ValueType } from './value-types.ts'

/** A value as it was given, and where; not read yet. */
export interface Given {
  readonly raw: unknown
  readonly source: string
}

/** What one source gives. */
export type Layer = ReadonlyMap<SettingName, Given>

export interface Resolved {
  readonly settings: Settings
  readonly sources: Readonly<Record<SettingName, string>>
}

/**
 * Settings out of what the sources give, the strongest first. Every value is checked, also one that a stronger source
 * overrides: it would surprise on the day that the stronger one goes.
 * @throws {SettingsError} for a bad value
 */
export function resolveLayers(layers: readonly Layer[]): Resolved {
  const settings: Partial<Record<SettingName, unknown>> = {}
  const sources: Partial<Record<SettingName, string>> = {}
  for (const layer of [...layers, defaults].reverse()) {
    for (const [name, given] of layer) {
      settings[name] = readValue(name, given)
      sources[name] = given.source
    }
  }
  // Complete, since the weakest layer has every name; of the right types, since each was read by its own.
  const resolved = { settings: Object.freeze(settings) as Settings, sources: Object.freeze(sources) as Resolved['sources'] }
  checkAdmin(resolved)
  return Object.freeze(resolved)
}

/** Whoever can reach the admin server can stop this one. @throws {SettingsError} where that is everybody */
function checkAdmin({ settings: { admin, adminToken }, sources }: Resolved): void {
  if (admin === null || adminToken !== null || isLoopback(admin)) return
  throw new SettingsError('admin', sources.admin, 'expected a loopback address or a unix socket, or an adminToken beside it')
}

/** Reads one value. @throws {SettingsError} for a bad one */
export function readValue(name: SettingName, given: Given): unknown {
  const row = table[name]
  if (given.raw === null && row.default === null) return null
  const type: ValueType<unknown> = valueTypes[row.type]
  const value = type.read(given.raw, row)
  if (value !== undefined) return value
  throw new SettingsError(name, given.source, `expected ${type.expected(row)}; got ${row.type === 'secret' ? 'something else' : shown(given.raw)}`)
}

const defaults: Layer = new Map(settingNames.map((name) => [name, { raw: table[name].default, source: 'default' }]))
