import type { Config } from './settings.ts'
import { settingsFrom } from './settings-from.ts'
import { shownValue } from './shown-value.ts'
import { settingNames } from './table.ts'

/** What `--print-config` prints: a line for each setting, with its value, where it came from, and its default where that is another. */
export function printableConfig(config: Config): string {
  const defaults = settingsFrom({})
  const rows = settingNames.map((name) => {
    const value = shownValue(config.settings, name)
    const otherwise = shownValue(defaults, name)
    return { name, value: worded(value), source: config.sources[name], rest: value === otherwise ? '' : `default ${worded(otherwise)}` }
  })
  const width = (column: 'name' | 'value' | 'source'): number => Math.max(...rows.map((row) => row[column].length))
  const widths = { name: width('name'), value: width('value'), source: width('source') }
  return rows.map(({ name, value, source, rest }) =>
    `${`${name.padEnd(widths.name)}  ${value.padEnd(widths.value)}  ${source.padEnd(widths.source)}  ${rest}`.trimEnd()}\n`).join('')
}

function worded(value: string | null): string {
  return value === null ? '(not set)' : value === '' ? '(empty)' : value
}
