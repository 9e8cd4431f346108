import type { SettingName } from '../table.ts'

/** What becomes of a setting of gunicorn's here. */
export interface GunicornSetting {
  /** Its options on gunicorn's command line. */
  readonly flags?: readonly string[]
  /** The setting here that says the same. */
  readonly to?: SettingName
  /** Its value there as a value here; undefined where that value has none. Without it the value is the same. */
  readonly convert?: (value: unknown) => unknown
  /** What to do instead, or why there is nothing to do: for people, without a capital or a full stop. */
  readonly instead?: string
}

export type GunicornSettings = Readonly<Record<string, GunicornSetting>>
