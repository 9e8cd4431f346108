/** The table of docs/migrating.md that says what each setting of gunicorn's is here. */
import { flagOf } from '../names.ts'
import { table } from '../table.ts'
import { gunicornHooks } from './hooks.ts'
import type { GunicornSetting, GunicornSettings } from './setting.ts'
import { gunicornSections } from './settings.ts'

/** Markdown: a heading and a table for each section of them, and the hooks. */
export function gunicornTable(): string {
  const sections = gunicornSections.map(({ title, settings }) => `### ${title}\n\n${tableOf(settings)}`)
  return `${sections.join('\n')}\n### Hooks\n\n${tableOf(gunicornHooks)}`
}

function tableOf(settings: GunicornSettings): string {
  const rows = Object.entries(settings).map(([name, setting]) => `| ${there(name, setting)} | ${here(setting)} |\n`)
  return `| gunicorn | here |\n| --- | --- |\n${rows.join('')}`
}

function there(name: string, { flags = [] }: GunicornSetting): string {
  return [`\`${name}\``, ...flags.map((flag) => `\`${flag}\``)].join(', ')
}

function here({ to, instead = '' }: GunicornSetting): string {
  if (to === undefined) return instead.replaceAll(/--[a-z0-9-]+(?: [A-Z]+)?/g, (flag) => `\`${flag}\``)
  const { short } = table[to]
  return `\`${to}\`: ${short === undefined ? '' : `\`-${short}\`, `}\`${flagOf(to)}\``
}
