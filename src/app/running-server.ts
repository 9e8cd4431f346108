/** An application, served in this process: log, hooks, gateway and listeners put together. */
import { resolve } from 'node:path'
import type { Address } from '../config/address.ts'
import type { Hooks, ServerProcess } from '../config/hooks.ts'
import type { Settings } from '../config/settings.ts'
import { Events } from '../events.ts'
import type { Gateway } from '../gateway/exchange.ts'
import { gatewayFor, type GatewayContext, type Measurement } from '../gateway/own-gateway.ts'
import { holdServices, type HeldServices, type Service } from '../gateway/service.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import type { AccessLog } from '../observe/access-log.ts'
import { measure } from '../observe/application-metrics.ts'
import type { ProcessObserver } from '../observe/process-observer.ts'
import { timed } from '../observe/request-timing.ts'
import { serverLog, type ServerLog } from '../observe/server-log.ts'
import { PidFile } from '../process/pid-file.ts'
import { SessionKeys } from '../process/session-keys.ts'
import { SignalListener } from '../process/signal-listener.ts'
import type { Action, SignalName } from '../process/signals.ts'
import { pubsub } from '../pubsub/server-hub.ts'
import { readCredentials, type Credentials } from '../server/credentials.ts'
import { HttpServer, type CloseOptions, type Share, type SharedListener } from '../server/http-server.ts'
import { failureReason } from './failure.ts'
import { HookCalls } from './hook-calls.ts'
import { connectPubSub, type Disconnect } from './server-pub-sub.ts'

export interface ServingOptions {
  readonly hooks: Hooks
  readonly self: ServerProcess
  /** Other processes call the same application. */
  readonly multiprocess: boolean
  /** Sources are watched: services are asked for theirs. */
  readonly watching?: boolean
  readonly share?: Share
  /** Makes what counts for the admin server. */
  readonly observe?: ((events: Events) => ProcessObserver) | undefined
  /** Goes around the gateway: what must count requests. */
  readonly around?: (gateway: Gateway) => Gateway
  /** Certificates and keys; read here where they are not given. */
  readonly credentials?: Credentials | null
}

/** Settings by which an arbiter replaces its workers. */
const forWorkers = ['reload', 'maxRequests', 'maxMemory', 'readyPath'] as const
/** Names of metrics that cannot be. */
const MOST_UNMEASURED = 100

export class RunningServer {
  readonly events: Events = new Events()
  readonly log: ServerLog
  /** Undefined where nobody wants to know. */
  readonly observer: ProcessObserver | undefined

  private readonly server: HttpServer
  private readonly settings: Settings
  private readonly hooks: HookCalls
  private readonly self: ServerProcess
  private readonly context: GatewayContext
  private readonly watching: boolean
  private running: readonly Service[] = []
  private readonly gateway: Gateway
  /** The gateway, with what opens later around it. */
  private observed: Gateway
  private access: Promise<AccessLog | undefined> | undefined
  private services: Promise<HeldServices> | undefined
  private disconnect: Promise<Disconnect> | undefined
  private adopted = false
  /** What listen() begins with. */
  firstly: (() => Promise<void>) | undefined
  /** Called when nothing is served any more, before all else ends. */
  lastly: (() => Promise<void>) | undefined
  private readonly unmeasured = new Set<string>()
  private stopping = false
  private signals: SignalListener | undefined
  private readonly pidFile: PidFile | undefined
  private keysTimer: NodeJS.Timeout | undefined
  private closing: Promise<void> | undefined

  /** @throws where the log cannot be written, or a certificate cannot be used */
  constructor(callable: WSGIApplication, settings: Settings, options: ServingOptions) {
    const {
      hooks, self, multiprocess, watching = false, share, around, observe, credentials = readCredentials(settings),
    } = options
    this.settings = settings
    this.self = self
    this.log = serverLog(settings, this.events)
    this.hooks = new HookCalls(hooks, this.events)
    this.context = { settings, events: this.events, multiprocess, publish: (channel, message) => pubsub.publish(channel, message), measure: (value) => this.measure(value) }
    this.watching = watching
    this.observer = observe?.(this.events)
    const hooked = this.hooks.around(gatewayFor(callable, this.context))
    this.observed = this.gateway = timed(around === undefined ? hooked : around(hooked), settings, this.events)
    const inner: Gateway = settings.accessLog === null ? this.gateway : (exchange) => this.observed(exchange)
    // A worker's is its arbiter's.
    this.pidFile = settings.pid === null || self.role === 'worker' ? undefined : new PidFile(resolve(settings.pid))
    this.server = new HttpServer(this.observer?.around(inner) ?? inner, settings, this.events, { share, credentials })
    if (credentials !== null && self.role === 'server') this.renewSessionKeys()
    this.warnOf(credentials)
    if (self.role === 'server') this.warnOfIdle()
    const { connectionListener } = this.hooks
    if (connectionListener !== undefined) this.server.observe(connectionListener)
  }

  /** What is no metric is said once. */
  private measure(value: Measurement): void {
    try {
      measure(value)
    } catch (error) {
      if (this.unmeasured.has(value.name) || this.unmeasured.size >= MOST_UNMEASURED) return
      this.unmeasured.add(value.name)
      this.events.publish('warning', { text: `a metric of the application is not counted; said once: ${error instanceof Error ? error.message : String(error)}` })
    }
  }

  get addresses(): readonly Address[] {
    return this.server.addresses
  }

  /** It accepts no more. */
  get draining(): boolean {
    return this.stopping
  }

  get urls(): readonly string[] {
    return this.server.urls
  }

  get connections(): number {
    return this.server.connections
  }

  get requests(): number {
    return this.server.requests
  }

  /** What the application has beside it. */
  get beside(): readonly Service[] {
    return this.running
  }

  /** Rejects with why the application says that it cannot do its work. */
  async checkHealth(): Promise<void> {
    await this.hooks.health(this.self)
  }

  underWay(): readonly string[] {
    return this.server.underWay()
  }

  /**
   * Starts what the application needs beside it; listen() and adopt() do so themselves.
   * @throws {ServiceFailure} (a rejection) where that cannot be
   * @returns the user's files that it was made of, where they are watched
   */
  async prepare(): Promise<readonly string[]> {
    await this.openAccessLog()
    this.disconnect ??= connectPubSub(this.settings, this.events, this.self.role === 'worker')
    await this.disconnect
    this.services ??= holdServices({ ...this.context, watching: this.watching })
    const held = await this.services
    this.running = held.services
    return held.sources()
  }

  /** @param bound called when the sockets are bound, before what the application needs is started: the place to give up privileges */
  async listen(bound?: () => void): Promise<void> {
    try {
      this.pidFile?.check(null)
      await this.firstly?.()
      if (bound === undefined) await this.prepare()
      await this.openAccessLog()
      // Before the log says that it serves: who waits for that line may read it.
      this.pidFile?.write()
      await this.server.listen()
      bound?.()
      await this.prepare()
    } catch (error) {
      this.signals?.close()
      this.server.pause()
      await this.letGo()
      throw error
    }
    void this.hooks.call('whenReady', this.self)
  }

  /** Listens on sockets that were bound elsewhere; again after pause(). */
  async adopt(sockets: readonly SharedListener[]): Promise<void> {
    await this.prepare()
    await this.server.adopt(sockets)
    if (this.adopted) return
    this.adopted = true
    void this.hooks.call('whenReady', this.self)
  }

  pause(): void {
    this.server.pause()
  }

  setTicketKeys(keys: Buffer): void {
    this.server.setTicketKeys(keys)
  }

  /** Without an arbiter nobody else does. */
  private renewSessionKeys(): void {
    const keys = new SessionKeys(performance.now())
    this.keysTimer = setInterval(() => { if (keys.renew(performance.now())) this.setTicketKeys(keys.current) }, 60_000)
    this.keysTimer.unref()
  }

  /** What an arbiter does to its workers is nobody's here. */
  private warnOfIdle(): void {
    const names = forWorkers.filter((name) => Boolean(this.settings[name]))
    if (names.length > 0) this.events.publish('warning', { text: `without effect where workers is 0, for nobody starts this process anew: ${names.join(', ')}` })
  }

  private warnOf(credentials: Credentials | null): void {
    for (const text of credentials?.warnings ?? []) this.events.publish('warning', { text })
  }

  /** Reads certificates and keys anew. Where they cannot be used those of before stay, and it is said. */
  private renewCertificates(): void {
    try {
      const credentials = readCredentials(this.settings)
      if (credentials === null) return
      this.server.renew(credentials)
      this.warnOf(credentials)
      this.events.publish('notice', { text: 'certificates are read anew: handshakes from now on are made with them' })
    } catch (error) {
      this.events.publish('failure', { text: `certificates are not renewed, those of before stay in use: ${failureReason(error)}` })
    }
  }

  /** Goes on with a connection that another process has accepted. */
  take(connection: unknown): void {
    this.server.take(connection)
  }

  /** @param grace seconds that what runs may take; the setting without it */
  close(grace: number = this.settings.gracefulTimeout): Promise<void> {
    return this.closing ??= this.drain({ grace }).then(() => this.exiting())
  }

  drain(options: CloseOptions): Promise<void> {
    this.stopping = true
    return this.server.close(options)
  }

  /** When nothing is served any more. */
  async exiting(): Promise<void> {
    await this.letGo()
    await this.hooks.call('whenExit', this.self)
    this.observer?.close()
  }

  private async letGo(): Promise<void> {
    this.pidFile?.remove()
    await this.lastly?.()
    await this.release()
  }

  /** Ends what the application had beside it. */
  async release(): Promise<void> {
    clearInterval(this.keysTimer)
    // Where they could not be started there are none, and it was said.
    this.running = []
    const services = await this.services?.catch(() => undefined)
    await services?.release()
    await (await this.disconnect)?.()
    this.disconnect = undefined
    await (await this.access?.catch(() => undefined))?.close()
  }

  /** Loaded for those who want one: the others start sooner without. */
  private openAccessLog(): Promise<AccessLog | undefined> | undefined {
    if (this.settings.accessLog === null) return undefined
    return this.access ??= import('../observe/access-log.ts').then(({ accessLog }) => {
      const opened = accessLog(this.settings, this.events)
      if (opened !== undefined) this.observed = opened.around(this.gateway)
      return opened
    })
  }

  /** Ends what runs, then the process where signals are ours. @param grace seconds; `gracefulTimeout` without it */
  stop(grace: number = this.settings.gracefulTimeout): void {
    // A second, quicker stop shortens the first.
    if (this.closing !== undefined) void this.drain({ grace })
    else void this.close(grace).then(() => { if (this.signals !== undefined) process.exit(0) })
  }

  /**
   * To be called before listen(): whoever reads that it serves may send one. TERM ends what runs, INT and QUIT do not wait for it;
   * then the process exits with status 0. USR1 opens the log anew, and HUP renews certificates; without TLS it ends the process,
   * as the system has it.
   */
  handleSignals(): void {
    const names: readonly SignalName[] = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGUSR1']
    this.signals = new SignalListener((action) => this.obey(action), this.settings.certFile === null ? names : [...names, 'SIGHUP'])
  }

  private obey(action: Action): void {
    switch (action) {
      case 'reopenLogs': this.events.publish('reopenLogs', {}); break
      case 'reload': this.renewCertificates(); break
      default:
        // A start is not waited for: nobody was answered yet.
        if (this.addresses.length === 0 && !this.stopping) process.exit(0)
        this.stop(action === 'quit' ? 0 : undefined)
    }
  }
}
