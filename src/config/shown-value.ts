import type { Row } from './row.ts'
import type { Settings } from './settings.ts'
import { table, type SettingName } from './table.ts'
import { valueTypes, type ValueType } from './value-types.ts'

/** A setting's value as a user would write it on the command line; null where nothing is set. */
export function writtenValue(settings: Settings, name: SettingName): string | null {
  const type: ValueType<unknown> = valueTypes[table[name].type]
  const value = settings[name]
  return value === null ? null : type.print(value)
}

/** The same without what is secret in it. */
export function shownValue(settings: Settings, name: SettingName): string | null {
  const type: ValueType<unknown> = valueTypes[table[name].type]
  const value = settings[name]
  return value === null ? null : (type.show ?? type.print)(value)
}

/** What the help calls a setting's value; empty for a flag, which takes none. */
export function metavarOf(row: Row): string {
  return row.metavar ?? valueTypes[row.type].metavar
}
