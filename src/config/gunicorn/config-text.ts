/** A config file of gunicorn's as one of pulsar's, with what cannot be kept. */
import { readValue } from '../layer.ts'
import { SettingsError, shown } from '../settings-error.ts'
import type { SettingName } from '../table.ts'
import { wrapText } from '../wrapped-text.ts'
import { classOf } from './foreign-option.ts'
import { gunicornHooks } from './hooks.ts'
import { gunicornSettings } from './settings.ts'
import { gunicornBind } from './values.ts'

/** A name that the file has set. */
export interface GunicornEntry {
  readonly name: string
  readonly kind: 'value' | 'function' | 'other'
  /** As JSON has it; null for a function. */
  readonly value: unknown
}

export interface GunicornFile {
  /** As the user has named it. */
  readonly name: string
  readonly entries: readonly GunicornEntry[]
  /** TARGET of the command line, for a file that names no application. */
  readonly target: string | undefined
}

interface Kept {
  readonly lines: string[]
  /** What has no equal here, a text for each. */
  readonly lost: string[]
  readonly unknown: string[]
}

const WIDTH = 116

const TRUSTED = 'gunicorn believes whoever connects to a unix socket'

/** The text of `pulsar.config.ts`. */
export function configText({ name, entries, target }: GunicornFile): string {
  const values = new Map(entries.map((entry) => [entry.name, entry]))
  const kept: Kept = { lines: [], lost: [], unknown: [] }
  addApplication(kept, values.get('wsgi_app')?.value, target)
  const bind = values.get('bind')?.value
  if (bind === undefined || bind === null || (Array.isArray(bind) && bind.length === 0)) kept.lines.push(line('bind', gunicornBind, "gunicorn's default"))
  const throughUnix = [bind].flat().some((one) => typeof one === 'string' && one.includes('unix:'))
  if (throughUnix && !values.has('forwarded_allow_ips')) kept.lines.push(line('forwardedAllowIps', ['127.0.0.1', '::1', 'unix'], TRUSTED))
  for (const entry of entries) add(kept, throughUnix ? believingUnix(entry) : entry)
  const variables = variablesOf(values.get('raw_env')?.value)
  const chdir = values.get('chdir')?.value
  const command = `npx pulsar-wsgi${typeof chdir === 'string' ? ` --chdir ${chdir}` : ''}${hasApplication(values, target) ? '' : ' TARGET'}`
  return [
    ...comment(`Made of ${name} by pulsar --from-gunicorn. What that file computes, of processors or variables, stands here as it was then. It is served by: ${command}`),
    "import type { SettingsParams } from 'pulsar-wsgi'\n",
    ...(variables.length === 0 ? [] : ['// raw_env', `Object.assign(process.env, {\n${variables.map(([key, value]) => `  ${property(key)}: ${literal(value)},\n`).join('')}})\n`]),
    `export default {\n${kept.lines.map((text) => `  ${text}\n`).join('')}} satisfies SettingsParams`,
    ...list('Without an equal here:', kept.lost),
    ...list('Names of that file which are no settings, there or here:', kept.unknown.length === 0 ? [] : [kept.unknown.join(', ')]),
  ].map((text) => `${text}\n`).join('')
}

function believingUnix(entry: GunicornEntry): GunicornEntry {
  const { name, value } = entry
  return name === 'forwarded_allow_ips' && typeof value === 'string' && value !== '*' ? { ...entry, value: `${value},unix` } : entry
}

function hasApplication(values: ReadonlyMap<string, GunicornEntry>, target: string | undefined): boolean {
  return typeof values.get('wsgi_app')?.value === 'string' || target !== undefined
}

function addApplication(kept: Kept, given: unknown, target: string | undefined): void {
  const application = typeof given === 'string' ? given : target
  if (application === undefined) return
  // Without a name gunicorn takes `application`.
  const named = application.includes(':') || /\.(?:py|[cm]?[jt]s|tsx|jsx)$/.test(application) ? application : `${application}:application`
  kept.lines.push(line('mount', { '/': named }))
}

function add(kept: Kept, { name, kind, value }: GunicornEntry): void {
  if (name === 'wsgi_app' || name === 'raw_env' || name === 'chdir') return
  if (Object.hasOwn(gunicornHooks, name)) {
    kept.lost.push(`${name}(): ${gunicornHooks[name]?.instead ?? ''}`)
    return
  }
  const setting = Object.hasOwn(gunicornSettings, name) ? gunicornSettings[name] : undefined
  if (setting === undefined) {
    if (kind === 'value') kept.unknown.push(name)
  } else if (setting.to === undefined) {
    const own = name === 'worker_class' && typeof value === 'string' ? classOf(value) : undefined
    if (!isIdle(name, value)) kept.lost.push(`${name} = ${shown(value)}: ${own ?? setting.instead ?? ''}`)
  } else if (value !== null) {
    addSetting(kept, name, setting.to, setting.convert === undefined ? value : setting.convert(value), value)
  }
}

/** What is there as it is here without a word. */
function isIdle(name: string, value: unknown): boolean {
  return value === null || value === false || (name === 'worker_class' && value === 'sync')
}

function addSetting(kept: Kept, there: string, here: SettingName, value: unknown, given: unknown): void {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return
  try {
    readValue(here, { raw: value, source: there })
    kept.lines.push(line(here, Array.isArray(value) && value.length === 1 ? value[0] : value, there === here ? '' : there))
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    kept.lost.push(`${there} = ${shown(given)}: ${error.message.replace(/^.*?\): /, `${here} here, `)}`)
  }
}

/** `NAME=value`, one or a list of them. */
function variablesOf(value: unknown): readonly (readonly [string, string])[] {
  const texts: readonly unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? [value] : []
  return texts.filter((text): text is string => typeof text === 'string').map((text) => {
    const sign = text.indexOf('=')
    return sign < 0 ? [text, ''] as const : [text.slice(0, sign), text.slice(sign + 1)] as const
  })
}

function line(name: string, value: unknown, note: string = ''): string {
  return `${name}: ${literal(value)},${note === '' ? '' : ` // ${note}`}`
}

/** As this project writes it. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value).map(([key, one]) => `${property(key)}: ${literal(one)}`).join(', ')} }`
  }
  return String(value)
}

const property = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name))

function comment(text: string): readonly string[] {
  return wrapText(oneLine(text), WIDTH).map((one) => `// ${one}`)
}

function list(title: string, texts: readonly string[]): readonly string[] {
  if (texts.length === 0) return []
  return ['', `// ${title}`, ...texts.flatMap((text) => wrapText(oneLine(text), WIDTH - 2).map((one, index) => `// ${index === 0 ? '- ' : '  '}${one}`))]
}

/** What a file says must not end the comment that it stands in. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\u2028\u2029]/g, ' ')
}

