/** An application, served in this process: log, hooks, gateway and listeners put together. */
import type { Address } from '../config/address.ts'
import type { Hooks, ServerProcess } from '../config/hooks.ts'
import type { Settings } from '../config/settings.ts'
import { Events } from '../events.ts'
import type { Gateway } from '../gateway/exchange.ts'
import { gatewayFor, type GatewayContext } from '../gateway/own-gateway.ts'
import { holdServices, type HeldServices } from '../gateway/service.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import { serverLog, type ServerLog } from '../observe/server-log.ts'
import { HttpServer, type CloseOptions, type Share, type SharedListener } from '../server/http-server.ts'
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
  /** Goes around the gateway: what must count requests. */
  readonly around?: (gateway: Gateway) => Gateway
}

export class RunningServer {
  readonly events: Events = new Events()
  readonly log: ServerLog

  private readonly server: HttpServer
  private readonly settings: Settings
  private readonly hooks: HookCalls
  private readonly self: ServerProcess
  private readonly context: GatewayContext
  private readonly watching: boolean
  private services: Promise<HeldServices> | undefined
  private disconnect: Promise<Disconnect> | undefined
  private adopted = false
  private closing: Promise<void> | undefined

  /** @throws where the log cannot be written */
  constructor(callable: WSGIApplication, settings: Settings, options: ServingOptions) {
    const { hooks, self, multiprocess, watching = false, share, around } = options
    this.settings = settings
    this.self = self
    this.log = serverLog(settings, this.events)
    this.hooks = new HookCalls(hooks, this.events)
    this.context = { settings, events: this.events, multiprocess }
    this.watching = watching
    const gateway = this.hooks.around(gatewayFor(callable, this.context))
    this.server = new HttpServer(around === undefined ? gateway : around(gateway), settings, this.events, share)
    const { connectionListener } = this.hooks
    if (connectionListener !== undefined) this.server.observe(connectionListener)
  }

  get addresses(): readonly Address[] {
    return this.server.addresses
  }

  get connections(): number {
    return this.server.connections
  }

  get requests(): number {
    return this.server.requests
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
    this.disconnect ??= connectPubSub(this.settings, this.events, this.self.role === 'worker')
    await this.disconnect
    this.services ??= holdServices({ ...this.context, watching: this.watching })
    return (await this.services).sources()
  }

  /** @param bound called when the sockets are bound, before what the application needs is started: the place to give up privileges */
  async listen(bound?: () => void): Promise<void> {
    if (bound === undefined) await this.prepare()
    try {
      await this.server.listen()
      bound?.()
      await this.prepare()
    } catch (error) {
      await this.release()
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

  /** Goes on with a connection that another process has accepted. */
  take(connection: unknown): void {
    this.server.take(connection)
  }

  /** @param grace seconds that what runs may take; the setting without it */
  close(grace: number = this.settings.gracefulTimeout): Promise<void> {
    return this.closing ??= this.drain({ grace }).then(() => this.exiting())
  }

  drain(options: CloseOptions): Promise<void> {
    return this.server.close(options)
  }

  /** When nothing is served any more. */
  async exiting(): Promise<void> {
    await this.release()
    await this.hooks.call('whenExit', this.self)
  }

  /** Ends what the application had beside it. */
  async release(): Promise<void> {
    // Where they could not be started there are none, and it was said.
    const services = await this.services?.catch(() => undefined)
    await services?.release()
    await (await this.disconnect)?.()
    this.disconnect = undefined
  }

  /** TERM ends what runs, INT and QUIT do not wait for it; then the process exits with status 0. USR1 opens the log anew. */
  handleSignals(): void {
    const stop = (grace: number) => (): void => {
      // A second, quicker signal shortens the stop.
      if (this.closing !== undefined) void this.drain({ grace })
      else void this.close(grace).then(() => process.exit(0))
    }
    process.once('SIGTERM', stop(this.settings.gracefulTimeout))
    process.once('SIGINT', stop(0))
    process.once('SIGQUIT', stop(0))
    process.on('SIGUSR1', () => this.events.publish('reopenLogs', {}))
  }
}
