import type { Config, Settings } from '../../config/settings.ts'
import { settingsFrom } from '../../config/settings-from.ts'
import { shownValue } from '../../config/shown-value.ts'
import { settingNames } from '../../config/table.ts'
import type { SettingRow } from '../../observe/admin/status.ts'

/** Every setting with where it came from; nothing secret. Without sources only the value is known. */
export function settingRows(settings: Settings, sources: Config['sources'] | null): readonly SettingRow[] {
  const defaults = settingsFrom({})
  return settingNames.map((name) => ({
    name, value: shownValue(settings, name), source: sources?.[name] ?? '', default: shownValue(defaults, name),
  }))
}
