import { hookNames, hookTexts } from './hooks.ts'
import { flagOf, variableOf } from './names.ts'
import { questions } from './questions.ts'
import type { Row } from './row.ts'
import { metavarOf, writtenValue } from './shown-value.ts'
import { settingsFrom } from './settings-from.ts'
import { sections, type SettingName } from './table.ts'
import { valueTypes } from './value-types.ts'

const introduction = `# Settings

<!-- Generated from the table of settings in src/config/table/ by \`npm run docs\`: change it there. -->

Every setting has one name, \`headerTimeout\`, in five places. The first that has it wins:

1. the command line: \`--header-timeout 5\` or \`--header-timeout=5\`;
2. the environment: \`PULSAR_HEADER_TIMEOUT=5\`;
3. the config file: \`pulsar.config.ts\`, \`.js\` or \`.mjs\` in the working directory, or the one that \`--config\` names;
4. the constructor: \`new WSGIServer(app, { headerTimeout: 5 })\`;
5. its default.

With \`new WSGIServer(app, { loadConfig: false, ... })\` the first three are not read.

A config file exports an object, or a function that returns one or a promise of one; without a default export its named
exports are the settings:

\`\`\`ts
export default {
  bind: ['127.0.0.1:8060', 'unix:/run/pulsar.sock'],
  limitRequestBody: '10M',
}
\`\`\`

An unknown name, an unknown \`PULSAR_\` variable included, and a bad value end the start with one line that names the setting,
the source and what was expected, and with exit status 2. An empty variable counts as absent, except where empty is a value.
Variables that Kubernetes makes for a service called \`pulsar\` are passed over. \`pulsar --print-config\` shows every value and
its source.

In text, a flag is switched off by \`--no-\` before its name, or in a variable by \`false\`, \`no\`, \`off\` or \`0\`. Sizes may
end in \`k\`, \`M\` or \`G\` (1024 to the power of 1, 2, 3). Times may have a fraction.
`

/** The text of `docs/settings.md`. */
export function settingsPage(): string {
  const parts = sections.map(({ title, rows }) => `## ${title}\n\n${Object.entries(rows)
    .map(([name, row]) => entry(name as SettingName, row)).join('\n')}`)
  return `${introduction}\n${parts.join('\n')}\n${hooksPart()}\n${questionsPart()}`
}

function entry(name: SettingName, row: Row): string {
  const facts = [
    `Command line: ${flags(name, row)}${row.many ? ', may be repeated' : ''}`,
    `Environment: \`${variableOf(name)}\`${otherVariable(row)}${row.many ? ', several with commas between' : ''}`,
    ...(row.notFrom === undefined ? [] : [`Not from: ${row.notFrom.join(', ')}`]),
    `Value: ${expected(row)}`,
    `Default: ${defaultOf(name, row)}`,
  ]
  return `### ${name}\n\n${oneLine(row.text)}\n\n${facts.map((fact) => `- ${fact}\n`).join('')}`
}

function flags(name: SettingName, row: Row): string {
  const metavar = metavarOf(row)
  const value = metavar === '' ? '' : ` ${metavar}`
  const short = row.short === undefined ? '' : `\`-${row.short}${value}\`, `
  return `${short}\`${flagOf(name)}${value}\`${row.type === 'flag' ? `, \`--no-${flagOf(name).slice(2)}\`` : ''}`
}

function expected(row: Row): string {
  return row.choices === undefined ? valueTypes[row.type].expected(row) : row.choices.map((one) => `\`${one}\``).join(', ')
}

function otherVariable(row: Row): string {
  return row.otherVariable === undefined ? '' : `, else \`${row.otherVariable.name}\``
}

function defaultOf(name: SettingName, row: Row): string {
  const value = writtenValue(settingsFrom({}), name)
  if (value === null) return row.unset ?? 'none'
  return value === '' ? 'empty' : `\`${value}\``
}

function hooksPart(): string {
  const lines = hookNames.map((name) => `- \`${name}\` ${hookTexts[name]}\n`)
  return `## Hooks

Functions, from the config file or the constructor, synchronous or asynchronous. One that throws is logged, and nothing else
happens. \`worker\` and \`process\` are \`{ role, pid, id }\`, where role is \`arbiter\`, \`worker\` or \`server\`.

${lines.join('')}`
}

function questionsPart(): string {
  const lines = questions.map(({ name, short, text, metavar }) =>
    `- \`${short === undefined ? '' : `-${short}, `}${flagOf(name)}${metavar === undefined ? '' : ` ${metavar}`}\`: ${text}\n`)
  return `## Questions\n\nOn the command line alone; they answer and end.\n\n${lines.join('')}`
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
