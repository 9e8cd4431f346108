import type { Config } from './settings.ts'
import { shownValue } from './shown-value.ts'
import { settingNames } from './table.ts'

/** What `--print-config` prints: a line for each setting, with its value and where it came from; nothing else. */
export function printableConfig(config: Config): string {
  const rows = settingNames.map((name) => {
    const value = shownValue(config.settings, name)
    return { name, value: value === null ? '(not set)' : value === '' ? '(empty)' : value, source: config.sources[name] }
  })
  const nameWidth = Math.max(...rows.map(({ name }) => name.length))
  const valueWidth = Math.max(...rows.map(({ value }) => value.length))
  return rows.map((row) => `${row.name.padEnd(nameWidth)}  ${row.value.padEnd(valueWidth)}  ${row.source}\n`).join('')
}
