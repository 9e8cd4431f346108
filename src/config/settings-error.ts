/** A value, name or file that cannot be used, in one line that names the setting, the source and what was expected. */
export class SettingsError extends Error {
  override readonly name: string = 'SettingsError'
  /** The name of the setting; `TARGET`, or the name as it was written, where there is no such setting. */
  readonly setting: string
  /** `command line`, `environment PULSAR_BIND`, `file pulsar.config.ts` or `constructor`. */
  readonly source: string

  constructor(setting: string, source: string, problem: string, options?: ErrorOptions) {
    super(oneLine(`${setting} (${source}): ${problem}`), options)
    this.setting = setting
    this.source = source
  }
}

/** A value as it is shown in a message: short, on one line. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : jsonOrName(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

function jsonOrName(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    // A cycle: what exactly it holds helps nobody.
    return Object.prototype.toString.call(value)
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ')
}
