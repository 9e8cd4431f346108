/** What a worker of this server runs: an application, behind the sockets of its arbiter. */
import { formatAddress, parseAddress, type Address } from '../config/address.ts'
import type { ServerProcess } from '../config/hooks.ts'
import { settingsFrom } from '../config/settings-from.ts'
import type { Settings } from '../config/settings.ts'
import { Events } from '../events.ts'
import type { Gateway } from '../gateway/exchange.ts'
import { AcceptShare } from '../process/accept-share.ts'
import type { Drain, Json, Task, Terms } from '../process/messages.ts'
import type { Figures, Loaded, Move, ReceivedSocket, Wear, WorkerProgram } from '../process/worker.ts'
import type { ProcessObserver } from '../observe/process-observer.ts'
import { readCredentials, type Credentials } from '../server/credentials.ts'
import { daemonSettings } from './daemon-settings.ts'
import { exitStatus, failureReason } from './failure.ts'
import { HookCalls } from './hook-calls.ts'
import { targetFile } from './load-target.ts'
import { processTitle } from './process-title.ts'
import { RunningServer } from './running-server.ts'
import { isAllPython, targetsOf } from './served.ts'
import { loadApplication, readConfig, type WorkerApplication, type WorkerConfig } from './worker-application.ts'
import { fromMessage, type WorkerTask } from './worker-task.ts'

const MIB = 1024 ** 2
/** Between two looks at the memory, in milliseconds. */
const MEMORY_LOOK = 1000

type Observe = (events: Events) => ProcessObserver

interface Around {
  readonly wear: Wear
  readonly watching: boolean
  readonly observe: Observe | undefined
}

export class ApplicationWorker implements WorkerProgram {
  private readonly share = new AcceptShare()
  private server: RunningServer | undefined
  private identified = false
  private questions: typeof import('./admin/questions.ts') | undefined
  private credentials: Credentials | null = null
  private credentialFiles = ''

  async load(message: Task, id: number, wear: Wear): Promise<Loaded> {
    const task = fromMessage(message)
    const self: ServerProcess = { role: 'worker', pid: process.pid, id }
    let early: WorkerConfig | undefined
    let app: WorkerApplication
    try {
      early = await readConfig(task)
      if (task.usage !== 'program') process.title = processTitle('worker', early.settings.name ?? task.title)
      const known = early
      this.readCredentials(known.settings)
      await this.forked(known, self)
      if (task.broken !== null) throw new Error(task.broken)
      app = await loadApplication(task, known)
      this.readCredentials(app.settings)
      // Hooks and accounts that a script's own parameters name are known now.
      if (known.hooks.postFork === undefined) await this.forked(app, self)
      const observe = app.settings.admin === null ? undefined : await this.observing(app)
      this.server = this.serverFor(app, self, { wear, watching: task.watching, observe })
      if (task.logLevel !== null) this.server.events.publish('logLevel', { level: task.logLevel })
      const sources = await this.server.prepare()
      if (app.settings.readyPath !== null) {
        const { checkReady } = await import('./ready-check.ts')
        await checkReady(app.callable, app.settings, app.settings.readyPath)
      }
      const loaded = task.watching ? [...await sourcesOf(task, app), ...sources] : []
      return { terms: termsOf(app.settings), sources: loaded, broken: false }
    } catch (error) {
      if (!task.watching) throw error
      return this.serveError(task, early, error, self)
    }
  }

  async serve(sockets: readonly ReceivedSocket[], accepted: (open: number) => void): Promise<void> {
    this.share.report = accepted
    const shared = sockets.map(({ address, handle }) => ({ address: parseAddress(address) as Address, handle }))
    await this.server?.adopt(shared)
  }

  pause(): void {
    this.server?.pause()
  }

  take(connection: unknown): void {
    this.server?.take(connection)
  }

  async drain({ silent, ...how }: Drain, move: Move): Promise<void> {
    await this.server?.drain({ ...how, move: silent === 'move' ? move : undefined })
  }

  async ended(): Promise<void> {
    await this.server?.exiting()
  }

  figures(): Figures {
    return { connections: this.server?.connections ?? 0, requests: this.server?.requests ?? 0 }
  }

  underWay(): readonly string[] {
    return this.server?.underWay() ?? []
  }

  othersHave(connections: number | null): void {
    this.share.othersHave(connections)
  }

  sessionKeys(keys: Buffer): void {
    this.server?.setTicketKeys(keys)
  }

  reopenLogs(): void {
    this.server?.events.publish('reopenLogs', {})
  }

  report(): Json {
    if (this.questions === undefined || this.server === undefined) return null
    return this.questions.reportOf(this.server)
  }

  async answer(question: Json): Promise<Json> {
    this.questions ??= await import('./admin/questions.ts')
    if (this.server === undefined) throw new Error('nothing is served yet')
    return this.questions.answerTo(this.server, question)
  }

  describe(error: unknown): { status: number, text: string } {
    return { status: exitStatus(error), text: failureReason(error) }
  }

  /** Before the user is assumed: keys are mostly for root alone to read. Again only where a script's parameters name others. */
  private readCredentials(settings: Settings): void {
    const { certFile, keyFile, certificates, caCerts, certReqs } = settings
    const files = JSON.stringify([certFile, keyFile, certificates, caCerts, certReqs])
    if (files === this.credentialFiles) return
    this.credentials = readCredentials(settings)
    this.credentialFiles = files
  }

  /** Before code of the user's runs: the user it runs as. */
  private async forked({ settings, hooks }: WorkerConfig, self: ServerProcess): Promise<void> {
    if (!this.identified && (settings.user !== null || settings.group !== null)) {
      const { assume, findIdentity } = await import('../process/privileges.ts')
      const identity = findIdentity(settings.user, settings.group)
      if (identity !== null) assume(identity)
      this.identified = true
    }
    if (hooks.postFork === undefined) return
    const events = new Events()
    events.subscribe('failure', ({ text, error }) => {
      process.stderr.write(`pulsar: ${text}: ${error instanceof Error ? error.stack ?? error.message : String(error)}\n`)
    })
    await new HookCalls(hooks, events).call('postFork', self)
  }

  /** Loaded for those who use it: a worker starts sooner without. */
  private async observing({ callable }: WorkerApplication): Promise<Observe> {
    const [{ observing }, questions] = await Promise.all([import('./admin/observing.ts'), import('./admin/questions.ts')])
    this.questions = questions
    return observing(callable)
  }

  private serverFor(app: WorkerApplication, self: ServerProcess, { wear, watching, observe }: Around): RunningServer {
    const settings = daemonSettings(app.settings)
    // Of Python applications it is the Python workers that are replaced.
    const limited = !isAllPython(app)
    if (limited) this.watchMemory(settings, wear)
    const counted = limited ? requestLimit(settings, wear) : undefined
    return new RunningServer(app.callable, settings, {
      hooks: app.hooks, self, multiprocess: settings.workers > 1, watching, share: this.share, observe, credentials: this.credentials,
      ...(counted === undefined ? {} : { around: counted }),
    })
  }

  private watchMemory({ maxMemory }: Settings, wear: Wear): void {
    if (maxMemory === 0) return
    setInterval(() => {
      const memory = process.memoryUsage.rss() / MIB
      if (memory > maxMemory) wear(`it uses ${Math.round(memory)} MiB of memory, over ${maxMemory}`)
    }, MEMORY_LOOK).unref()
  }

  /** While sources are watched, a version that cannot be loaded answers with its error. */
  private async serveError(
    task: WorkerTask, early: WorkerConfig | undefined, error: unknown, self: ServerProcess,
  ): Promise<Loaded> {
    const settings: Settings = { ...early?.settings ?? settingsFrom({}), debug: true }
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    await this.server?.release()
    this.server = new RunningServer(() => { throw cause }, settings, { hooks: {}, self, multiprocess: false })
    this.server.events.publish('failure', { text: 'the application cannot be loaded; every request is answered with why', error: cause })
    return { terms: early === undefined ? null : termsOf(settings), sources: await sourcesOf(task, early), broken: true }
  }
}

function termsOf({ workers, bind, timeout, gracefulTimeout, admin, certFile }: Settings): Terms {
  return {
    workers, addresses: bind.map(formatAddress), timeout, gracefulTimeout, observed: admin !== null, encrypted: certFile !== null,
  }
}

/** Counts requests only where there is a limit to them. */
function requestLimit({ maxRequests, maxRequestsJitter }: Settings, wear: Wear): ((gateway: Gateway) => Gateway) | undefined {
  if (maxRequests === 0) return undefined
  const limit = maxRequests + Math.floor(Math.random() * (maxRequestsJitter + 1))
  return (gateway) => {
    let requests = 0
    return (exchange) => {
      if (++requests === limit) wear(`it has taken ${limit} requests`)
      gateway(exchange)
    }
  }
}

/** The files of the user's that the application came from: by imports, by require(), and the config file. */
async function sourcesOf(task: WorkerTask, config: WorkerConfig | undefined): Promise<readonly string[]> {
  const { sourcesFrom } = await import('./watched-sources.ts')
  const targets = config === undefined ? [] : targetsOf(config).map(targetFile)
  const named = task.usage === 'command' ? targets : [task.script]
  return sourcesFrom([...named, config?.file].filter((path) => path !== undefined))
}
