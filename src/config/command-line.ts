import { parseArgs, type ParseArgsConfig } from 'node:util'
import { questions } from './questions.ts'
import { gunicornOption } from './gunicorn/foreign-option.ts'
import type { Given, Layer } from './layer.ts'
import { flagOf, suggestion } from './names.ts'
import type { Action } from './settings.ts'
import { SettingsError } from './settings-error.ts'
import { settingNames, table, type SettingName } from './table.ts'

/** What the command line says. */
export interface CommandLine {
  readonly layer: Layer
  readonly target: string | undefined
  readonly action: Action
  /** The value of a question that takes one. */
  readonly subject: string | undefined
}

/** `command` takes a TARGET; a `script` is one. */
export type Usage = 'command' | 'script'

export const commandLine = 'command line'

interface OptionToken {
  readonly index: number
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

const settingByFlag: ReadonlyMap<string, SettingName> = new Map(settingNames.map((name) => [flagOf(name), name]))
const actionByFlag: ReadonlyMap<string, Action> = new Map(questions.map((one) => [flagOf(one.name), one.action]))
const withSubject: ReadonlySet<string> = new Set(questions.filter(({ metavar }) => metavar !== undefined).map(({ name }) => flagOf(name)))
const options: ParseArgsConfig['options'] = parserOptions()

/**
 * Reads arguments: `--header-timeout 5`, `--header-timeout=5`, `-b X`, `-bX`; `--debug` and `--no-debug`; `--` ends the options.
 * `--help` wins over everything, mistakes behind and before it included, then `--version`.
 * @param argv what follows the script's name
 * @throws {SettingsError} for an unknown option, one without its value, or a surplus argument
 */
export function readCommandLine(argv: readonly string[], usage: Usage): CommandLine {
  // Not strict: the messages of the strict parser do not name what was probably meant.
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true })
  const optionTokens = tokens.filter((token) => token.kind === 'option')
  const asked = optionTokens.map((token) => actionByFlag.get(`--${token.name}`))
  const first = asked.find((action) => action === 'help') ?? asked.find((action) => action === 'version')
  if (first !== undefined) return { layer: new Map(), target: undefined, action: first, subject: undefined }
  const layer = new Map<SettingName, Given>()
  for (const token of optionTokens) addOption(layer, token, argv)
  const positionals = tokens.filter((token) => token.kind === 'positional').map((token) => token.value)
  const surplus = usage === 'command' ? positionals[1] : positionals[0]
  if (surplus !== undefined) throw surplusArgument(surplus, usage)
  const action = asked.find((one) => one !== undefined) ?? 'serve'
  const asking = optionTokens.find((token) => actionByFlag.get(`--${token.name}`) === action)
  return { layer, target: positionals[0], action, subject: asking?.value }
}

function addOption(layer: Map<SettingName, Given>, token: OptionToken, argv: readonly string[]): void {
  const flag = `--${token.name}`
  if (actionByFlag.has(flag)) {
    if (!withSubject.has(flag) && token.inlineValue === true) throw new SettingsError(token.rawName, commandLine, 'takes no value')
    if (withSubject.has(flag) && lacksValue(token)) throw new SettingsError(token.rawName, commandLine, 'needs a value')
    return
  }
  const negated = /^--no-(.+)$/.exec(flag)?.[1]
  const name = settingByFlag.get(flag) ?? settingByFlag.get(`--${negated}`)
  if (name === undefined || (negated !== undefined && !settingByFlag.has(flag) && table[name].type !== 'flag')) {
    throw unknownOption(token, argv)
  }
  const raw = table[name].type === 'flag' ? flagValue(token, !settingByFlag.has(flag)) : optionValue(name, token)
  layer.set(name, { raw: table[name].many ? [layer.get(name)?.raw ?? [], raw].flat() : raw, source: commandLine })
}

function flagValue(token: OptionToken, negated: boolean): string {
  if (negated && token.inlineValue === true) throw new SettingsError(token.rawName, commandLine, 'takes no value')
  return negated ? 'false' : token.value ?? 'true'
}

function optionValue(name: SettingName, token: OptionToken): string {
  if (lacksValue(token)) throw new SettingsError(name, commandLine, `${token.rawName} needs a value`)
  return token.value as string
}

/** Without the sign of equality an option is no value: `--bind --debug` lacks one. A negative number is no option. */
function lacksValue(token: OptionToken): boolean {
  return token.value === undefined || (token.inlineValue !== true && /^-[^\d]/.test(token.value))
}

function unknownOption(token: OptionToken, argv: readonly string[]): SettingsError {
  const next = argv[token.index + 1]
  const gunicorns = gunicornOption(token.rawName, token.value ?? (next?.startsWith('-') === true ? undefined : next))
  if (gunicorns !== undefined) return new SettingsError(token.rawName, commandLine, gunicorns)
  const known = [...settingByFlag.keys(), ...actionByFlag.keys()]
  const hint = token.rawName.startsWith('--') ? suggestion(token.rawName, known) : ''
  return new SettingsError(token.rawName, commandLine, `no such option${hint}`)
}

function surplusArgument(argument: string, usage: Usage): SettingsError {
  const problem = usage === 'command' ? 'there can be only one' : 'a script that starts a server takes options alone'
  return new SettingsError('TARGET', commandLine, `${problem}; got ${JSON.stringify(argument)} as well`)
}

function parserOptions(): ParseArgsConfig['options'] {
  const result: NonNullable<ParseArgsConfig['options']> = {}
  for (const name of settingNames) {
    const { type, short } = table[name]
    result[flagOf(name).slice(2)] = { type: type === 'flag' ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) }
  }
  for (const { name, short, metavar } of questions) {
    result[flagOf(name).slice(2)] = { type: metavar === undefined ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) }
  }
  return result
}
