import type { Hooks } from './hooks.ts'
import type { SettingName, Table } from './table.ts'
import type { Inputs, TypeName, Values } from './values.ts'

type Choice<R, Otherwise> = R extends { readonly choices: readonly (infer C)[] } ? C : Otherwise
type Unset<R> = R extends { readonly default: null } ? null : never
type Typed = { readonly type: TypeName }
type SettingsOf<T> = {
  readonly [K in keyof T]: T[K] extends Typed ? Choice<T[K], Values[T[K]['type']]> | Unset<T[K]> : never
}
type ParamsOf<T> = {
  readonly [K in keyof T]?: T[K] extends Typed ? Choice<T[K], Inputs[T[K]['type']]> | Unset<T[K]> | undefined : never
}

/** Every setting with its value: checked, complete, frozen. Times in seconds, sizes in bytes; `docs/settings.md` has each. */
export interface Settings extends SettingsOf<Table> {}

/** Settings as a program or a config file gives them: those that it cares about. What is undefined counts as not given. */
export interface SettingsParams extends ParamsOf<Table>, Hooks {}

/** What the command was asked to do: anything but `serve` answers a question and ends. */
export type Action = 'serve' | 'help' | 'version' | 'check' | 'print' | 'translate'

/** The outcome of reading settings from everywhere. */
export interface Config {
  readonly action: Action
  readonly settings: Settings
  readonly hooks: Hooks
  /** TARGET of the command line. */
  readonly target: string | undefined
  /** What a question asks about: the file of `--from-gunicorn`. */
  readonly subject: string | undefined
  /** Where each value is from: `command line`, `environment PULSAR_BIND`, `file pulsar.config.ts`, `constructor`, `default`. */
  readonly sources: Readonly<Record<SettingName, string>>
  /** The config file that was read, absolute. */
  readonly file: string | undefined
  /** The directory that relative paths start from, absolute: `chdir`, or where the process was started. */
  readonly cwd: string
}
