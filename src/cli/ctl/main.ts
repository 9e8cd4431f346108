/** `pulsar ctl`: sees and steers a server from outside. */
import { setTimeout as wait } from 'node:timers/promises'
import { loadModule } from '../../app/load-module.ts'
import type { Requests, Status, WorkerStacks } from '../../app/admin/told.ts'
import { processInput } from '../../config/process-input.ts'
import { readSettings } from '../../config/read-settings.ts'
import { SettingsError } from '../../config/settings-error.ts'
import { table } from '../../config/table.ts'
import { AdminClient, AdminError, NotReached } from './admin-client.ts'
import { ctlHelp, readCtlArguments, type CommandName } from './arguments.ts'
import { requestsText, stacksText, statusText } from './reports.ts'

/** What is printed: for programs as it was told, for people as text. */
interface Told {
  readonly told: unknown
  readonly text: string
}

/** Between two looks at what was begun, and how long, in milliseconds. */
const LOOK = 200
const PATIENCE = 600_000

/** @param argv what follows `ctl`. @returns what is to be printed. @throws {SettingsError} {AdminError} (rejections) */
export async function ctl(argv: readonly string[]): Promise<string> {
  const { command, value, json, settings: given } = readCtlArguments(argv)
  if (command === null) return ctlHelp()
  const input = processInput()
  const { settings: { admin, adminToken } } = await readSettings({ ...input, argv: given, load: loadModule, usage: 'script' })
  if (admin === null) throw new SettingsError('admin', 'command line', 'which server? --admin ADDRESS, PULSAR_ADMIN or the config file tell')
  const client = new AdminClient(admin, adminToken)
  if (command === 'top') {
    const { top } = await import('./top.ts')
    await top(client)
    return ''
  }
  const { told, text } = await actions[command](client, value ?? '')
  return json ? `${JSON.stringify(told)}\n` : text
}

const actions: Readonly<Record<Exclude<CommandName, 'top'>, (client: AdminClient, value: string) => Promise<Told>>> = {
  status: async (client) => told(await client.get<Status>('/status'), statusText),
  requests: async (client) => told(await client.get<Requests>('/requests'), requestsText),
  stacks: async (client) => told(await client.post<readonly WorkerStacks[]>('/stacks', {}), stacksText),
  reload,
  stop,
  scale: async (client, value) => order(client, '/scale', { workers: countOf(value) }, `${value} server processes are wanted`),
  loglevel: async (client, value) => order(client, '/loglevel', { level: levelOf(value) }, `lines from ${value} on are logged`),
  reopen: async (client) => order(client, '/reopen', {}, 'log files are opened anew'),
}

function told<T>(value: T, text: (value: T) => string): Told {
  return { told: value, text: text(value) }
}

async function order(client: AdminClient, path: string, body: object, done: string): Promise<Told> {
  return { told: await client.post(path, body), text: `${done}\n` }
}

/** Until it is known what came of it. */
async function reload(client: AdminClient): Promise<Told> {
  const before = await client.get<Status>('/status')
  await client.post('/reload', {})
  for (const end = performance.now() + PATIENCE; performance.now() < end; await wait(LOOK)) {
    const now = await client.get<Status>('/status')
    if (now.failedReloads > before.failedReloads) throw new AdminError('the reload was given up, the old version goes on; the log has why')
    if (now.reloads > before.reloads) {
      return { told: { reloaded: true, generation: now.generation }, text: `generation ${now.generation} serves\n` }
    }
  }
  throw new AdminError('the reload is not over yet')
}

async function stop(client: AdminClient): Promise<Told> {
  await client.post('/stop', {})
  for (const end = performance.now() + PATIENCE; performance.now() < end; await wait(LOOK)) {
    try {
      await client.get('/status')
    } catch (error) {
      if (error instanceof NotReached) return { told: { stopped: true }, text: 'stopped\n' }
      throw error
    }
  }
  throw new AdminError('the server has not stopped yet')
}

function levelOf(value: string): string {
  const levels = table.logLevel.choices ?? []
  if (levels.includes(value)) return value
  throw new SettingsError('ctl', 'command line', `loglevel needs one of ${levels.join(', ')}; got ${JSON.stringify(value)}`)
}

function countOf(value: string): number {
  if (/^[1-9]\d{0,3}$/.test(value)) return Number(value)
  throw new SettingsError('ctl', 'command line', `scale needs a whole number from 1 on; got ${JSON.stringify(value)}`)
}
