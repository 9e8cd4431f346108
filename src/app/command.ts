/** What a command line asks for: an answer, or a server. */
import { createRequire } from 'node:module'
import { basename, resolve } from 'node:path'
import { processInput } from '../config/process-input.ts'
import { readSettings } from '../config/read-settings.ts'
import { SettingsError } from '../config/settings-error.ts'
import { settingsFrom } from '../config/settings-from.ts'
import type { Config, SettingsParams } from '../config/settings.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import { loadModule } from './load-module.ts'
import { loadTarget, TargetError } from './load-target.ts'
import { RunningServer } from './running-server.ts'

export type Outcome =
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'server'; readonly server: RunningServer }

/** `pulsar [options] TARGET`: reads settings, loads the application, serves it. */
export async function runCommand(): Promise<Outcome> {
  const input = { ...processInput(), load: loadModule }
  const early = await readSettings({ ...input, usage: 'command' })
  if (early.action === 'help' || early.action === 'version') return answer(early, 'pulsar', 'command')
  enter(early)
  if (early.target === undefined) {
    if (early.action === 'print') return answer(early, 'pulsar', 'command')
    throw new SettingsError('TARGET', 'command line', 'missing: expected path/to/app.ts[:export]; --help tells more')
  }
  const { callable, params } = await loadTarget(early.target, early.cwd)
  // A script's own parameters are weaker than everything but the defaults.
  const config = Object.keys(params).length === 0 ? early : await readSettings({ ...input, usage: 'command', params })
  if (config.action !== 'serve') return answer(config, 'pulsar', 'command')
  return { kind: 'server', server: await serve(callable, config) }
}

/** `node script.ts [options]`, where the script starts a WSGIServer: the application is there already. */
export async function runScript(callable: WSGIApplication, params: SettingsParams): Promise<Outcome> {
  const input = processInput()
  const config = await readSettings({ ...input, load: loadModule, usage: 'script', params })
  if (config.action !== 'serve') return answer(config, `node ${basename(input.script)}`, 'script')
  return { kind: 'server', server: await serve(callable, config) }
}

/** The parameters alone count. */
export async function runQuietly(callable: WSGIApplication, params: SettingsParams): Promise<RunningServer> {
  const settings = settingsFrom(params)
  return serve(callable, { settings, cwd: resolve(settings.chdir ?? '') })
}

async function serve(callable: WSGIApplication, config: Pick<Config, 'cwd' | 'settings'>): Promise<RunningServer> {
  enter(config)
  const server = new RunningServer(callable, config.settings)
  await server.listen()
  return server
}

/** Where relative paths start, and what files may be made, before anything is opened. */
function enter({ cwd, settings }: Pick<Config, 'cwd' | 'settings'>): void {
  if (cwd !== process.cwd()) process.chdir(cwd)
  if (settings.umask !== null) process.umask(settings.umask)
}

/** What only a question needs is loaded for it alone: a server starts without. */
async function answer(config: Config, program: string, usage: 'command' | 'script'): Promise<Outcome> {
  switch (config.action) {
    case 'help': {
      const { helpText } = await import('../config/help-text.ts')
      return { kind: 'answer', text: helpText({ program, usage, settings: config.settings }) }
    }
    case 'version': return { kind: 'answer', text: `pulsar ${version()}\n` }
    case 'print': {
      const { printableConfig } = await import('../config/printable-config.ts')
      return { kind: 'answer', text: printableConfig(config) }
    }
    default: return { kind: 'answer', text: 'The settings and the application are well.\n' }
  }
}

export function version(): string {
  return (createRequire(import.meta.url)('pulsar-wsgi/package.json') as { version: string }).version
}

/** 2: a setting, 3: the application, 1: all else. */
export function exitStatus(error: unknown): number {
  if (error instanceof SettingsError) return 2
  return error instanceof TargetError ? 3 : 1
}

/** One line for what the user can mend; the application's own error with its stack. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return `pulsar: ${String(error)}\n`
  const origin = error instanceof TargetError && error.cause instanceof Error ? `\n${error.cause.stack ?? ''}` : ''
  return `pulsar: ${error.message}${origin}\n`
}
