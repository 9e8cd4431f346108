import type { TypeName } from './values.ts'

/** Where a value can come from. */
export type Origin = 'command line' | 'environment' | 'file' | 'constructor'

/** One setting. Flag and variable follow from its name: `headerTimeout`, `--header-timeout`, `PULSAR_HEADER_TIMEOUT`. */
export interface Row {
  readonly type: TypeName
  /** As a user would write it; null where nothing is set. */
  readonly default: string | number | boolean | null | readonly string[]
  /** What null means, where it is the default: for people. */
  readonly unset?: string
  /** What it does, for people: the help, the reference page. Sentences; `code` in back quotes. */
  readonly text: string
  /** The letter of the short flag. */
  readonly short?: string
  /** What the help calls the value, where the type's own word is too general. */
  readonly metavar?: string
  /** Bounds of a number, inclusive. */
  readonly min?: number
  readonly max?: number
  /** The values of a choice. */
  readonly choices?: readonly string[]
  /** The flag may be repeated; the variable has the values with commas between. */
  readonly many?: true
  /** A variable that others set, honoured where the setting's own is absent; its value follows the prefix. */
  readonly otherVariable?: { readonly name: string, readonly prefix: string }
  /** Where it cannot be set, because it would come too late. */
  readonly notFrom?: readonly Origin[]
}

export type Rows = Readonly<Record<string, Row>>
