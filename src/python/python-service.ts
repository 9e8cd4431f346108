/** The workers of one Python application, as a server's process holds them. */
import { resolve } from 'node:path'
import { processInput } from '../config/process-input.ts'
import type { Settings } from '../config/settings.ts'
import type { Events } from '../events.ts'
import type { GatewayContext } from '../gateway/own-gateway.ts'
import { registerService, type ProcessStacks, type Service, type ServiceContext, type ServiceProcess } from '../gateway/service.ts'
import type { SpoolStore } from './answer-spool.ts'
import { findInterpreter } from './interpreter.ts'
import type { PythonOptions } from './options.ts'
import { Pool, type PoolPlan } from './pool.ts'
import type { BodyPlan } from './request-body.ts'
import { WireServer } from './wire-server.ts'
import type { PublishedMessage, Start } from './wire/messages.ts'

export interface RunningPool {
  readonly pool: Pool
  readonly bodies: BodyPlan
  readonly spools: SpoolStore
  readonly events: Events
  /** Requests that a worker runs at a time. */
  readonly threads: number
  /** WebSockets may be offered to the application. */
  readonly websockets: boolean
}

/** How many bytes of an answer may be on their way, for each request. */
const WINDOW = 1_048_576

export class PythonService implements Service {
  /** Undefined while it does not serve. */
  running: RunningPool | undefined

  private readonly target: string
  private readonly options: PythonOptions
  private readonly cwd: string
  private wire: WireServer | undefined
  private starting: Promise<RunningPool> | undefined
  /** Nothing of a pool keeps this process alive but what waits for it. */
  private told = false
  private keeping = 0
  private alive: NodeJS.Timeout | undefined

  /** @param cwd what relative paths start from, absolute */
  constructor(target: string, options: PythonOptions, cwd: string) {
    this.target = target
    this.options = options
    this.cwd = cwd
    registerService(this)
  }

  async start(context: ServiceContext): Promise<void> {
    await this.open(context)
  }

  /** The pool, started now where no server has done so. */
  use(context: GatewayContext): Promise<RunningPool> {
    return this.open({ ...context, watching: false })
  }

  async stop(): Promise<void> {
    const { starting } = this
    if (starting === undefined) return
    // Where it could not be started, whoever started it knows.
    const running = await starting.catch(() => undefined)
    await this.kept(async () => running?.pool.stop())
    this.close()
  }

  /** The process does not end while that goes on. */
  async kept<T>(work: () => Promise<T>): Promise<T> {
    if (this.keeping++ === 0) this.alive = setInterval(() => undefined, 2 ** 30)
    try {
      return await work()
    } finally {
      if (--this.keeping === 0) clearInterval(this.alive)
    }
  }

  /** Somebody has asked for a WebSocket, and there is none: said once. */
  tellOfWebSockets(events: Events): void {
    if (this.told) return
    this.told = true
    events.publish('notice', { text: `a WebSocket was asked for at ${this.target}: with --python-websockets N each of its processes can hold N` })
  }

  sources(): readonly string[] {
    return this.running?.pool.workforce.application?.sources ?? []
  }

  processes(): readonly ServiceProcess[] {
    const { running } = this
    return running === undefined ? [] : [...running.pool.workforce.workers].map((worker) => worker.facts(running.threads))
  }

  waiting(): number {
    return this.running?.pool.waiting ?? 0
  }

  stacks(patience: number): Promise<readonly ProcessStacks[]> {
    return Promise.all([...this.running?.pool.workforce.workers ?? []].map((worker) => worker.stacks(patience)))
  }

  private open(context: ServiceContext): Promise<RunningPool> {
    return this.starting ??= this.kept(() => this.begin(context)).catch((error: unknown) => {
      this.close()
      throw error
    })
  }

  private close(): void {
    this.wire?.close()
    this.wire = undefined
    this.running = undefined
    this.starting = undefined
  }

  private async begin(context: ServiceContext): Promise<RunningPool> {
    const { settings, events } = context
    this.wire = await WireServer.open((text) => events.publish('warning', { text }))
    const plan = this.plan(context, this.wire)
    const pool = new Pool(plan)
    try {
      await pool.start()
    } catch (error) {
      await pool.stop()
      throw error
    }
    const { requestBuffering, requestBufferLimit } = settings
    const bodies: BodyPlan = { buffering: requestBuffering, limit: requestBufferLimit, directory: this.wire.directory }
    const spools: SpoolStore = {
      directory: this.wire.directory, limit: settings.responseBufferLimit, used: 0, crowded: () => pool.crowded, whenCrowded: pool.whenCrowded,
      failed: (error) => events.publish('warning', { text: `an answer cannot be kept in a temporary file: ${String(error)}` }),
    }
    this.running = { pool, events, threads: plan.threads, websockets: plan.websockets > 0, bodies, spools }
    return this.running
  }

  private publish({ publish, events }: ServiceContext, { topic, message }: PublishedMessage): void {
    if (publish !== undefined) publish(topic, message)
    else events.publish('warning', { text: `${this.target} published on ${JSON.stringify(topic)}, where no server runs: it is for nobody` })
  }

  private plan(context: ServiceContext, wire: WireServer): PoolPlan {
    const { options, target, cwd } = this
    const { settings, events } = context
    const env = { ...processInput().env, ...options.env }
    const interpreter = findInterpreter({ ...this.named(settings), cwd, env })
    const workers = options.workers ?? settings.pythonWorkers
    const threads = options.threads ?? settings.threads
    return {
      target, workers, threads, events,
      publish: (message) => this.publish(context, message),
      measure: (value) => context.measure?.(value),
      websockets: settings.pythonWebsockets,
      launch: { interpreter, cwd, env, wire },
      start: this.startMessage(context, { workers, threads }),
      preload: options.preload ?? settings.preload,
      maxRequests: settings.maxRequests, maxRequestsJitter: settings.maxRequestsJitter, maxMemory: settings.maxMemory,
      queueLimit: settings.queueLimit, queueTimeout: settings.queueTimeout * 1000, grace: settings.gracefulTimeout * 1000,
    }
  }

  private startMessage({ settings, multiprocess, watching }: ServiceContext, size: { workers: number, threads: number }): Start {
    return {
      target: this.target, cwd: this.cwd, pythonPath: this.pythonPath(settings), threads: size.threads, debug: settings.debug,
      multithread: size.threads > 1 || settings.pythonWebsockets > 0, multiprocess: multiprocess || size.workers > 1, environ: { SERVER_SOFTWARE: settings.serverSoftware }, env: {}, window: WINDOW,
      watch: watching, title: settings.name ?? this.target,
    }
  }

  private named(settings: Settings): { python: string | null, by?: string } {
    const { python, venv } = this.options
    if (python !== undefined) return { python, by: 'python of python()' }
    return venv === undefined ? { python: settings.python } : { python: venv, by: 'venv of python()' }
  }

  private pythonPath(settings: Settings): string[] {
    const given = this.options.pythonPath ?? settings.pythonpath?.split(':').filter((directory) => directory !== '') ?? []
    return given.map((directory) => resolve(this.cwd, directory))
  }
}
