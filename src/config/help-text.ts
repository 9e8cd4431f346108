import type { Usage } from './command-line.ts'
import { flagOf } from './names.ts'
import { questions } from './questions.ts'
import type { Row } from './row.ts'
import type { Settings } from './settings.ts'
import { metavarOf, shownValue } from './shown-value.ts'
import { sections, type SettingName } from './table.ts'
import { wrapText } from './wrapped-text.ts'

export interface HelpInput {
  /** What the user types: `pulsar`, or `node hello.ts`. */
  readonly program: string
  readonly usage: Usage
  /** Whose values are shown as the defaults: those of a script's own parameters, where it has some. */
  readonly settings: Settings
}

const width = 88
const column = 32
const targetText = `TARGET is path/to/app.ts or path/to/app.ts:export (also .mts, .cts, .tsx, .js, .mjs, .cjs): a module
  that exports a WSGI callable, a fetch handler (Hono, { fetch }) or a Node handler (Express, Koa, Fastify, (req, res)). Without
  a name the export is "default", then "app", then "application". A script that starts a WSGIServer or calls listen() is a
  TARGET as well, and so are package.module:callable and path/to/app.py:callable, WSGI callables in Python. Without a TARGET
  the applications of --mount are served.`
const ctlText = `pulsar ctl sees and steers a server that runs, one that was started with --admin: pulsar ctl --help tells how.`
const sourcesText = `Each option is also an environment variable (--header-timeout is PULSAR_HEADER_TIMEOUT) and a name in the
  config file and for the constructor (headerTimeout). The strongest is the command line, then the environment, the config
  file, the constructor, and last the default. SECONDS may have a fraction; BYTES may end in k, M or G.`

/** What `--help` prints: every option by section, with its default. */
export function helpText(input: HelpInput): string {
  const { program, usage, settings } = input
  const blocks = [
    [`Usage: ${program} [options]${usage === 'command' ? ' TARGET' : ''}`],
    ['Serves web applications over HTTP: WSGI in TypeScript and Python, fetch, Node handlers.'],
    ...(usage === 'command' ? [wrapText(targetText, width), wrapText(ctlText, width)] : []),
    ...sections.map(({ title, rows }) => [
      `${title}:`,
      ...Object.entries(rows).flatMap(([name, row]) => settingLines(name as SettingName, row, settings)),
    ]),
    ['Questions:', ...questions.flatMap((one) => entry(`${flags(one.name, one.short)}${one.metavar === undefined ? '' : ` ${one.metavar}`}`, plain(one.text)))],
    wrapText(sourcesText, width),
  ]
  return blocks.map((lines) => `${lines.join('\n')}\n`).join('\n')
}

function settingLines(name: SettingName, row: Row, settings: Settings): readonly string[] {
  const choices = row.choices === undefined ? '' : ` One of: ${row.choices.join(', ')}.`
  const value = shownValue(settings, name) ?? row.unset ?? 'none'
  const metavar = metavarOf(row)
  const head = `${flags(name, row.short)}${metavar === '' ? '' : ` ${metavar}`}`
  return entry(head, plain(`${row.text}${choices} [${value === '' ? 'empty' : value}]`))
}

/** An option and its text beside it; below it where the option is too long for its column. */
function entry(head: string, text: string): readonly string[] {
  const [first = '', ...rest] = wrapText(text, width - column)
  const indent = ' '.repeat(column)
  const left = `  ${head}`
  const start = left.length + 2 <= column ? [left.padEnd(column) + first] : [left, indent + first]
  return [...start, ...rest.map((line) => indent + line)]
}

function flags(name: string, short: string | undefined): string {
  return `${short === undefined ? '    ' : `-${short}, `}${flagOf(name)}`
}

/** Back quotes are for the page, not for a terminal. */
function plain(text: string): string {
  return text.replaceAll('`', '')
}
