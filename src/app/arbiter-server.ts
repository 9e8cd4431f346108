/** A server of several processes: the arbiter, with its log, sockets, pid file and reports, put together. */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatAddress, type Address } from '../config/address.ts'
import type { Hooks, ServerProcess } from '../config/hooks.ts'
import { handoverEnvironment, type Inherited } from '../config/inherited.ts'
import { processStart } from '../config/process-input.ts'
import type { Config, Settings } from '../config/settings.ts'
import { Events } from '../events.ts'
import { serverLog, type ServerLog } from '../observe/server-log.ts'
import { Arbiter } from '../process/arbiter.ts'
import type { ArbiterPlan } from '../process/arbiter-plan.ts'
import type { Json } from '../process/messages.ts'
import type { LogLevel } from '../observe/admin/control.ts'
import type { AdminServer } from './admin/admin-server.ts'
import type { ArbiterControl } from './admin/arbiter-control.ts'
import type { Sockets } from '../process/launch.ts'
import type { Terms } from '../process/messages.ts'
import { PidFile } from '../process/pid-file.ts'
import { findIdentity } from '../process/privileges.ts'
import { Notifier } from '../process/systemd.ts'
import type { SuccessorLaunch } from '../process/successor.ts'
import type { WorkerLaunch } from '../process/worker-handle.ts'
import { HookCalls } from './hook-calls.ts'
import { processTitle } from './process-title.ts'
import { SharedSockets } from './shared-sockets.ts'
import { asMessage, workerTask, type WorkerTask } from './worker-task.ts'

export interface ArbiterOptions {
  readonly settings: Settings
  readonly hooks: Hooks
  readonly usage: WorkerTask['usage']
  readonly index: number
  readonly inherited: Inherited
  /** Where each setting is from, where that is known. */
  readonly sources: Config['sources'] | null
  /** What is served, for `ps`. */
  readonly title: string | null
}

const entry = fileURLToPath(new URL('./worker-entry.js', import.meta.url))

export class ArbiterServer implements ArbiterPlan {
  readonly events: Events = new Events()
  readonly log: ServerLog
  readonly watching: boolean
  readonly handlesSignals: boolean

  private readonly options: ArbiterOptions
  private readonly sockets: SharedSockets
  private readonly arbiter: Arbiter
  private readonly hooks: HookCalls
  private readonly notifier: Notifier | undefined
  private readonly pidFile: PidFile | undefined
  private control: ArbiterControl | undefined
  private admin: Promise<AdminServer | undefined> = Promise.resolve(undefined)
  private logLevel: LogLevel | null = null
  private readonly self: ServerProcess = { role: 'arbiter', pid: process.pid, id: 0 }

  /** @throws where the log cannot be written, or an account is unknown */
  constructor(options: ArbiterOptions) {
    const { settings, inherited, usage } = options
    this.options = options
    this.watching = settings.reload
    this.handlesSignals = usage !== 'program'
    const identity = findIdentity(settings.user, settings.group)
    this.log = serverLog(settings, this.events)
    this.hooks = new HookCalls(options.hooks, this.events)
    this.sockets = new SharedSockets(inherited, identity)
    this.notifier = inherited.notify ? new Notifier((text) => this.events.publish('warning', { text })) : undefined
    this.pidFile = settings.pid === null ? undefined : new PidFile(resolve(settings.pid))
    this.arbiter = new Arbiter(this)
  }

  get addresses(): readonly Address[] {
    return this.sockets.addresses
  }

  /** Resolves when the workers serve. @throws where they cannot */
  async listen(): Promise<void> {
    try {
      await this.arbiter.start()
    } catch (error) {
      await this.closeAdmin()
      throw error
    }
  }

  async prepare(): Promise<void> {
    const { handover } = this.options.inherited
    this.pidFile?.check(handover?.parent ?? null)
    if (this.handlesSignals) process.title = processTitle('arbiter', this.options.settings.name ?? this.options.title)
    // What cannot be had is said before a worker is started; a script's own parameters are known to its worker only.
    const { usage, settings } = this.options
    if (usage !== 'command') await this.sockets.socketsFor(settings.bind.map(formatAddress), schemeOf(settings.certFile !== null))
    await this.openAdmin()
  }

  /** Where the admin server listens; undefined where there is none, or not yet. */
  async adminAddress(): Promise<Address | undefined> {
    return (await this.admin)?.address
  }

  /** It answers before any worker serves, and for as long as one does. */
  private async openAdmin(): Promise<void> {
    const { settings, sources, inherited } = this.options
    const { admin } = settings
    if (admin === null) return
    const [{ startAdminServer }, { ArbiterControl }, { version }] =
      await Promise.all([import('./admin/admin-server.ts'), import('./admin/arbiter-control.ts'), import('./version.ts')])
    const control = this.control = new ArbiterControl({
      arbiter: this.arbiter, settings, sources, events: this.events, version: version(),
      addresses: () => this.sockets.urls, setLogLevel: (level) => { this.logLevel = level },
    })
    const patient = inherited.handover?.role === 'successor'
    this.admin = startAdminServer({ settings: { ...settings, admin }, control, events: this.events, patient })
    if (patient) this.admin = this.admin.catch((error: unknown) => this.withoutAdmin(error))
    else await this.admin
  }

  private withoutAdmin(error: unknown): undefined {
    this.events.publish('failure', { text: 'there is no admin server', error })
  }

  private async closeAdmin(): Promise<void> {
    this.control?.close()
    await (await this.admin)?.close()
  }

  async close(grace?: number): Promise<void> {
    await this.arbiter.close(grace ?? null)
    await this.finished
  }

  /** The process ends with the last worker. */
  endProcess(): void {
    void this.arbiter.end.then(() => this.finished).then(() => process.exit(0))
  }

  // The arbiter's plan ------------------------------------------------------------------------------------------------------------

  launchOf(broken: string | null): WorkerLaunch {
    const { usage, index, title } = this.options
    const start = processStart()
    const task = workerTask(start, { usage, index, watching: this.watching, broken, title, logLevel: this.logLevel })
    return { program: start.program, arguments: [...start.nodeOptions, entry], task: asMessage(task) }
  }

  socketsFor({ addresses, encrypted }: Terms): Promise<Sockets> {
    return this.sockets.socketsFor(addresses, schemeOf(encrypted))
  }

  settle(sockets: Sockets): void {
    this.sockets.settle(sockets)
  }

  release(how: 'handed over' | 'over'): void {
    this.sockets.release(how)
    this.pidFile?.remove()
    this.finished = this.finish()
  }

  private finished: Promise<void> = Promise.resolve()

  private async finish(): Promise<void> {
    await this.closeAdmin()
    await this.hooks.call('whenExit', this.self)
    await this.notifier?.sent()
  }

  reported(worker: number, report: Json): void {
    this.control?.reported(worker, report)
  }

  departed(worker: number): void {
    this.control?.departed(worker)
  }

  died(worker: number, how: string): void {
    this.control?.died(worker, how)
  }

  successorLaunch(): SuccessorLaunch {
    const { program, nodeOptions, script, argv, cwd } = processStart()
    const { sockets, descriptors } = this.sockets.handover
    return {
      program, arguments: [...nodeOptions, script, ...argv], cwd, descriptors,
      env: handoverEnvironment({ role: 'successor', parent: process.pid, sockets }),
    }
  }

  serving({ urls }: Sockets): void {
    this.pidFile?.write()
    for (const address of urls) this.events.publish('serving', { address })
    void this.hooks.call('whenReady', this.self)
  }

  notify(state: 'reloading' | 'ready' | 'stopping'): void {
    this.notifier?.send(state)
  }
}

function schemeOf(encrypted: boolean): 'http' | 'https' {
  return encrypted ? 'https' : 'http'
}
