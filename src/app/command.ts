/** What a command line asks for: an answer, or a server. */
import { basename, resolve } from 'node:path'
import { readSettings } from '../config/read-settings.ts'
import { SettingsError } from '../config/settings-error.ts'
import { settingsFrom } from '../config/settings-from.ts'
import { hooksOf } from '../config/hooks.ts'
import { handoverEnvironment, takeInherited, type Inherited } from '../config/inherited.ts'
import { processInput, processStart } from '../config/process-input.ts'
import type { Config, SettingsParams } from '../config/settings.ts'
import { Events } from '../events.ts'
import { holdServices } from '../gateway/service.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import { startDaemon } from '../process/daemon.ts'
import { ParentReport } from '../process/parent-report.ts'
import { assume, findIdentity } from '../process/privileges.ts'
import { StartFailure } from '../process/start-failure.ts'
import { readCredentials } from '../server/credentials.ts'
import { ArbiterServer } from './arbiter-server.ts'
import { DAEMON_LOG, daemonSettings } from './daemon-settings.ts'
import { exitStatus, failureReason } from './failure.ts'
import { loadModule } from './load-module.ts'
import { RunningServer, type ServingOptions } from './running-server.ts'
import { behindStatic, checkNamed, loadServed, settingsOf, targetsOf, titleOf } from './served.ts'
import { version } from './version.ts'
import type { WorkerTask } from './worker-task.ts'

/** A server in this process, or an arbiter with its workers. Of a command's, signals are heard. */
export type AnyServer = RunningServer | ArbiterServer

export type Outcome =
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'server'; readonly server: AnyServer }

/** What starting a server takes. */
type Start = Pick<Config, 'cwd' | 'settings' | 'hooks'> & { readonly sources: Config['sources'] | null }

/** Of a program that owns its process: nothing that others left for a server is taken. */
const nothingInherited: Inherited = { handover: undefined, activated: [], notify: false }

let servers = 0

/** `pulsar [options] TARGET`: reads settings, and serves the application, which the workers load. */
export async function runCommand(): Promise<Outcome> {
  const input = { ...processInput(), load: loadModule }
  const read = await readSettings({ ...input, usage: 'command' })
  const early: Config = { ...read, settings: settingsOf(read) }
  if (early.action === 'help' || early.action === 'version') return answer(early, 'pulsar', 'command')
  enter(early)
  if (early.action === 'translate') return answer(early, 'pulsar', 'command')
  if (early.action === 'print' && targetsOf(early).length === 0) return answer(early, 'pulsar', 'command')
  checkNamed(early)
  if (early.action === 'serve' && early.settings.workers > 0) return serveWithWorkers(early, 'command', titleOf(early))
  const { callable, params } = await loadServed(early, early.cwd)
  // A script's own parameters are weaker than everything but the defaults.
  const config = Object.keys(params).length === 0 ? early : await readSettings({ ...input, usage: 'command', params })
  if (config.action === 'check') {
    readCredentials(config.settings)
    await behindStatic(callable, config.settings)
    await checkServices(config)
  }
  if (config.action !== 'serve') return answer(config, 'pulsar', 'command')
  return serveHere(callable, config)
}

/** What the application needs beside it can be started. */
async function checkServices({ settings }: Config): Promise<void> {
  const held = await holdServices({ settings, events: new Events(), multiprocess: false, watching: false })
  await held.release()
}

/** `node script.ts [options]`, where the script starts a WSGIServer: the application is there already, workers load it again. */
export async function runScript(callable: WSGIApplication, params: SettingsParams): Promise<Outcome> {
  const input = processInput()
  const config = await readSettings({ ...input, load: loadModule, usage: 'script', params })
  if (config.action !== 'serve') return answer(config, `node ${basename(input.script)}`, 'script')
  if (config.settings.mount !== null) throw new SettingsError('mount', config.sources.mount, 'a script serves the application of its own')
  return config.settings.workers > 0 ? serveWithWorkers(config, 'script', basename(input.script)) : serveHere(callable, config)
}

/** The parameters alone count; without a word about workers there are none. */
export async function runQuietly(callable: WSGIApplication, params: SettingsParams): Promise<AnyServer> {
  const settings = settingsFrom({ workers: 0, ...params })
  const start: Start = { settings, sources: null, hooks: hooksOf(params, 'constructor'), cwd: resolve(settings.chdir ?? '') }
  enter(start)
  const server = settings.workers > 0
    ? arbiterFor(start, 'program', null, nothingInherited) : await hereFor(await behindStatic(callable, settings), start)
  await server.listen()
  return server
}

async function serveWithWorkers(config: Start, usage: WorkerTask['usage'], title: string): Promise<Outcome> {
  enter(config)
  return serving(config, (inherited) => arbiterFor(config, usage, title, inherited))
}

async function serveHere(callable: WSGIApplication, config: Start): Promise<Outcome> {
  enter(config)
  const { settings } = config
  const served = await behindStatic(callable, settings)
  const identity = findIdentity(settings.user, settings.group)
  const make = async ({ activated }: Inherited): Promise<RunningServer> => {
    const bind = activated.length === 0 ? settings.bind : activated.map((fd) => ({ kind: 'fd', fd }) as const)
    const server = await hereFor(served, { ...config, settings: { ...settings, bind } })
    server.handleSignals()
    return server
  }
  // Ports below 1024 are bound before.
  return serving(config, make, identity === null ? undefined : () => assume(identity))
}

/** Goes to the background where that is wanted; tells whoever waits whether the server serves. */
async function serving(config: Start, make: (inherited: Inherited) => AnyServer | Promise<AnyServer>, bound?: () => void): Promise<Outcome> {
  const inherited = takeInherited(process.pid)
  const { settings } = config
  if (settings.daemon && inherited.handover === undefined) return background(config)
  const parent = inherited.handover === undefined ? undefined : new ParentReport()
  try {
    const server = await make(inherited)
    await server.listen(bound)
    if (server instanceof ArbiterServer) server.endProcess()
    await parent?.serving()
    return { kind: 'server', server }
  } catch (error) {
    await parent?.failed(exitStatus(error), failureReason(error))
    throw error
  }
}

async function background({ settings, cwd }: Start): Promise<Outcome> {
  const { program, nodeOptions, script, argv, cwd: started } = processStart()
  const said = await startDaemon({
    program, arguments: [...nodeOptions, script, ...argv], cwd: started, output: resolve(cwd, settings.logFile ?? DAEMON_LOG),
    env: handoverEnvironment({ role: 'daemon', parent: process.pid, sockets: [] }),
  })
  if (said.type === 'failed') throw new StartFailure(said.status, said.text)
  return { kind: 'answer', text: '' }
}

function arbiterFor(config: Start, usage: WorkerTask['usage'], title: string | null, inherited: Inherited): ArbiterServer {
  return new ArbiterServer({ settings: daemonSettings(config.settings), hooks: config.hooks, usage, index: servers++, inherited, title, sources: config.sources })
}

async function hereFor(callable: WSGIApplication, { settings: given, hooks, sources }: Start): Promise<RunningServer> {
  const settings = daemonSettings(given)
  const { admin } = settings
  const options: ServingOptions = { hooks, self: { role: 'server', pid: process.pid, id: 0 }, multiprocess: false }
  if (admin === null) return new RunningServer(callable, settings, options)
  const { withAdminServer } = await import('./admin/own-admin.ts')
  return withAdminServer(callable, { ...settings, admin }, options, sources)
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
    case 'translate': {
      const { fromGunicorn } = await import('./from-gunicorn.ts')
      return { kind: 'answer', text: fromGunicorn(config.subject ?? '', config, processInput().env) }
    }
    default: return { kind: 'answer', text: 'The settings and the application are well.\n' }
  }
}
