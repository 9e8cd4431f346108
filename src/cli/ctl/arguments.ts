/** `pulsar ctl [options] COMMAND [VALUE]`. */
import { parseArgs } from 'node:util'
import { suggestion } from '../../config/names.ts'
import { SettingsError } from '../../config/settings-error.ts'

export const commands = {
  status: { value: null, text: 'The workers, and how they are.' },
  top: { value: null, text: 'The same and what is under way, every second, until q or Ctrl-C.' },
  requests: { value: null, text: 'What is under way, the slowest and the last failed requests.' },
  stacks: { value: null, text: 'Where every worker and every thread of Python workers is.' },
  reload: { value: null, text: 'Load a new version; waits until it serves, or is given up.' },
  scale: { value: 'N', text: 'So many server processes.' },
  loglevel: { value: 'LEVEL', text: 'The least serious lines that are logged: debug, info, warning, error, critical or none.' },
  reopen: { value: null, text: 'Open the log files anew.' },
  stop: { value: null, text: 'Stop the server; waits until it has.' },
} as const
commands satisfies Readonly<Record<string, { readonly value: string | null, readonly text: string }>>

export type CommandName = keyof typeof commands

export interface CtlArguments {
  /** Null: help is asked for. */
  readonly command: CommandName | null
  readonly value: string | undefined
  readonly json: boolean
  /** Settings, as the command line has them: which server is meant. */
  readonly settings: readonly string[]
}

const SOURCE = 'command line'

/** @throws {SettingsError} for what is no such command or option */
export function readCtlArguments(argv: readonly string[]): CtlArguments {
  const { values, positionals } = parsed(argv)
  const settings = (['admin', 'admin-token', 'config', 'chdir'] as const)
    .flatMap((name) => (values[name] === undefined ? [] : [`--${name}=${values[name]}`]))
  const json = values.json === true
  const [name, value, surplus] = positionals
  if (values.help === true || name === undefined) return { command: null, value: undefined, json, settings }
  if (!isCommand(name)) throw new SettingsError('ctl', SOURCE, `there is no command ${JSON.stringify(name)}${suggestion(name, Object.keys(commands))}`)
  const wanted = commands[name].value
  if (wanted !== null && value === undefined) throw new SettingsError('ctl', SOURCE, `${name} needs a value: ${name} ${wanted}`)
  const more = wanted === null ? value : surplus
  if (more !== undefined) throw new SettingsError('ctl', SOURCE, `${name} takes no ${JSON.stringify(more)}`)
  if (json && name === 'top') throw new SettingsError('ctl', SOURCE, 'top is for people: status --json is for programs')
  return { command: name, value, json, settings }
}

function parsed(argv: readonly string[]): { values: Partial<Record<'admin' | 'admin-token' | 'config' | 'chdir', string>> & { json?: boolean, help?: boolean }, positionals: string[] } {
  try {
    return parseArgs({
      args: [...argv], allowPositionals: true, options: {
        'admin': { type: 'string' }, 'admin-token': { type: 'string' }, 'config': { type: 'string', short: 'c' }, 'chdir': { type: 'string' },
        'json': { type: 'boolean' }, 'help': { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new SettingsError('ctl', SOURCE, (error as Error).message.split('. ')[0] as string)
  }
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name)
}

export function ctlHelp(): string {
  const rows = Object.entries(commands).map(([name, { value, text }]) => `  ${`${name}${value === null ? '' : ` ${value}`}`.padEnd(16)}${text}\n`)
  return `Usage: pulsar ctl [options] COMMAND

Sees and steers a server that was started with --admin ADDRESS.

${rows.join('')}
Options:
  --admin ADDRESS       its admin server; else PULSAR_ADMIN, or the config file's
  --admin-token TEXT    its token; better in PULSAR_ADMIN_TOKEN
  -c, --config FILE     the server's config file
  --chdir DIRECTORY     where that is looked for
  --json                for programs
  -h, --help
`
}
