/**
 * The arbiter: it serves nothing itself, owns the listening sockets, and starts, watches and replaces workers. Signals,
 * messages and deaths are put in a queue; one loop takes them in turn and acts.
 */
import type { ArbiterEvent } from './arbiter-event.ts'
import type { ArbiterPlan } from './arbiter-plan.ts'
import { balanceWorkers } from './balance-workers.ts'
import { EventQueue } from './event-queue.ts'
import { Launch, type Sockets } from './launch.ts'
import type { BlockedReport, Drain, Published, Terms } from './messages.ts'
import { MovedConnections } from './moved-connections.ts'
import { SessionKeys } from './session-keys.ts'
import { SignalListener } from './signal-listener.ts'
import type { Action } from './signals.ts'
import { SourceWatch } from './source-watch.ts'
import { staffing } from './staffing.ts'
import { StartDelay } from './start-delay.ts'
import { StartFailure } from './start-failure.ts'
import { Successor } from './successor.ts'
import { WorkerHandle, type HeardMessage, type WorkerExit } from './worker-handle.ts'
import { overdue } from './worker-limits.ts'

const TICK = 1000
const NOT_WANTED = 'it is not wanted any more'
/** After a stop silent connections have so long to bring a request that was on its way. Seconds. */
const SHORT_SILENCE = 0.25

/** How an arbiter is, at this moment. */
export interface ArbiterFacts {
  readonly state: 'starting' | 'serving' | 'reloading' | 'stopping'
  readonly generation: number
  /** Workers. */
  readonly wanted: number
  /** Seconds that an event loop may be blocked. */
  readonly timeout: number
  /** Workers since the start. */
  readonly started: number
  /** Workers that ended out of order, or were killed. */
  readonly died: number
  readonly reloads: number
  readonly failedReloads: number
}

export class Arbiter {
  private readonly plan: ArbiterPlan
  private readonly queue = new EventQueue<ArbiterEvent>()
  private readonly workers = new Set<WorkerHandle>()
  private readonly startDelay = new StartDelay(() => this.post({ type: 'tick' }))
  private readonly moved = new MovedConnections()
  private readonly sessionKeys = new SessionKeys(performance.now())
  private readonly watch: SourceWatch | undefined
  private phase: 'running' | 'stopping' | 'over' = 'running'
  private launch: Launch | undefined
  private generation = 0
  private terms: Terms | undefined
  private sockets: Sockets | undefined
  private wanted = 0
  private ids = 0
  private successor: Successor | undefined
  private handedOver = false
  private failure: StartFailure | undefined
  private ended: Promise<void> | undefined
  private readonly counts = { started: 0, died: 0, reloads: 0, failedReloads: 0 }

  constructor(plan: ArbiterPlan) {
    this.plan = plan
    this.watch = plan.watching ? new SourceWatch((path) => this.post({ type: 'changed', path })) : undefined
  }

  /**
   * Starts the workers; resolves when they serve. Signals are heard from the beginning: before anything is said of this process.
   * @throws {StartFailure} where they cannot; no process is left then
   */
  async start(): Promise<void> {
    const listener = this.plan.handlesSignals
      ? new SignalListener((action, signal) => this.post({ type: 'action', action, signal })) : undefined
    try {
      await this.plan.prepare()
    } catch (error) {
      listener?.close()
      throw error
    }
    const ready = new Promise<void>((resolve) => { this.onServing = resolve })
    this.ended = this.run().finally(() => listener?.close())
    await Promise.race([ready, this.ended])
    if (this.failure !== undefined) {
      await this.ended
      throw this.failure
    }
  }

  /** Resolves when all workers have ended, after a stop. */
  get end(): Promise<void> {
    return this.ended ?? Promise.resolve()
  }

  // For whoever sees and steers from outside ------------------------------------------------------------------------------------------

  /** In the order in which they were started. */
  get staff(): readonly WorkerHandle[] {
    return [...this.workers]
  }

  get facts(): ArbiterFacts {
    const state = this.phase !== 'running' ? 'stopping' : this.terms === undefined ? 'starting' : this.launch !== undefined ? 'reloading' : 'serving'
    return { state, generation: this.generation, wanted: this.wanted, timeout: this.terms?.timeout ?? 0, ...this.counts }
  }

  /** As a signal would. @param by who asks, for the log */
  order(action: Action, by: string): void {
    this.post({ type: 'action', action, signal: by })
  }

  /** @param count how many workers are wanted, 1 or more */
  scale(count: number, by: string): void {
    this.post({ type: 'scale', count, by })
  }

  /** @param grace seconds; `gracefulTimeout` without it */
  close(grace: number | null): Promise<void> {
    this.post({ type: 'close', grace })
    return this.end
  }

  private onServing: () => void = () => undefined

  // The loop ------------------------------------------------------------------------------------------------------------------------

  private post(event: ArbiterEvent): void {
    this.queue.post(event)
  }

  private async run(): Promise<void> {
    const tick = setInterval(() => this.post({ type: 'tick' }), TICK)
    this.begin('first')
    while (this.phase !== 'over') this.act(await this.queue.next())
    clearInterval(tick)
    this.startDelay.close()
    this.watch?.close()
  }

  private act(event: ArbiterEvent): void {
    switch (event.type) {
      case 'action': this.obey(event.action, event.signal); break
      case 'message': this.hear(event.worker, event.message); break
      case 'moved': this.moved.add(event.connection); break
      case 'blocked': this.blocked(event.worker, event.report); break
      case 'exited': this.bury(event.worker, event.exit); break
      case 'scale': this.want(event.count, event.by); break
      case 'close': this.stop(event.grace ?? this.grace); break
      case 'bound': this.bound(event.launch, event.sockets); break
      case 'changed': this.changed(event.path); break
      case 'succeeded': this.succeeded(event.failure); break
      case 'tick': this.look(); break
    }
    this.reconcile()
    this.forward()
  }

  private obey(action: Action, signal: string): void {
    if (this.phase === 'stopping' && action !== 'quit') return
    switch (action) {
      case 'stop':
        this.note(`${signal}: stopping`)
        this.stop(this.grace)
        break
      case 'quit':
        this.note(`${signal}: stopping at once`)
        this.stop(0)
        break
      case 'reload': this.reload(signal); break
      case 'more':
      case 'fewer':
        if (this.terms === undefined) return
        this.want(this.wanted + (action === 'more' ? 1 : -1), signal)
        break
      case 'reopenLogs':
        this.plan.events.publish('reopenLogs', {})
        for (const worker of this.workers) worker.send({ type: 'reopenLogs' })
        break
      case 'succeed': this.succeed(signal); break
    }
  }

  private want(count: number, by: string): void {
    if (this.phase !== 'running' || this.terms === undefined) return
    this.wanted = Math.max(1, count)
    this.note(`${by}: ${this.wanted} workers are wanted`)
  }

  // Launches: the first start, and reloads --------------------------------------------------------------------------------------------

  private begin(kind: 'first' | 'reload', broken: string | null = null): void {
    const launch = new Launch(++this.generation, kind === 'first')
    this.launch = launch
    this.startDelay.forget()
    // How many are wanted may be for the application's own settings to say: one tells, the others follow.
    const count = kind === 'first' ? 1 : Math.max(1, this.wanted)
    for (let i = 0; i < count; i++) launch.workers.add(this.spawn(launch.generation, broken))
  }

  private reload(signal: string): void {
    if (this.launch !== undefined) {
      this.note(`${signal}: a ${this.launch.first ? 'start' : 'reload'} is under way; another follows`)
      this.launch.again = true
      return
    }
    this.note(`${signal}: reloading`)
    this.plan.notify('reloading')
    this.begin('reload')
  }

  /** Takes a launch one step further where all of its workers have come so far. */
  private advance(launch: Launch): void {
    if (launch.sockets === undefined) return
    if (launch.every('loaded')) {
      for (const worker of launch.workers) this.open(worker, launch.terms, launch.sockets)
    } else if (launch.every('ready')) {
      this.commit(launch, launch.sockets)
    }
  }

  private loaded(launch: Launch, terms: Terms): void {
    if (launch.terms !== undefined) return
    launch.terms = terms
    // TTIN and TTOU hold until the setting itself is changed.
    const wanted = this.terms?.workers === terms.workers ? this.wanted : Math.max(1, terms.workers)
    while (launch.workers.size < wanted) launch.workers.add(this.spawn(launch.generation, null))
    this.plan.socketsFor(terms).then(
      (sockets) => this.post({ type: 'bound', launch, sockets }),
      (error: unknown) => this.post({ type: 'bound', launch, sockets: error instanceof Error ? error : new Error(String(error)) }),
    )
  }

  private bound(launch: Launch, sockets: Sockets | Error): void {
    if (launch !== this.launch) return
    if (sockets instanceof Error) {
      this.giveUp(launch, 1, sockets.message)
      return
    }
    launch.sockets = sockets
    this.advance(launch)
  }

  private commit(launch: Launch, sockets: Sockets): void {
    const terms = launch.terms as Terms
    this.launch = undefined
    this.wanted = this.terms?.workers === terms.workers ? this.wanted : Math.max(1, terms.workers)
    this.terms = terms
    this.sockets = sockets
    this.plan.settle(sockets)
    for (const worker of this.workers) {
      if (worker.generation !== launch.generation && worker.state !== 'retiring') this.retire(worker)
    }
    if (launch.first) {
      this.plan.serving(sockets)
      this.onServing()
    } else {
      this.counts.reloads++
      this.note(`reloaded: ${launch.workers.size} new workers serve`)
    }
    this.plan.notify('ready')
    if (launch.again) this.reload('asked for meanwhile')
  }

  private giveUp(launch: Launch, status: number, why: string): void {
    this.launch = undefined
    for (const worker of launch.workers) {
      if (worker.state === 'ready' || worker.state === 'opening') this.retire(worker)
      else worker.kill(NOT_WANTED)
    }
    if (launch.first) {
      this.failure = new StartFailure(status, why)
      this.stop(0)
      return
    }
    if (this.sockets !== undefined) this.plan.settle(this.sockets)
    this.counts.failedReloads++
    this.plan.events.publish('failure', { text: `the reload is given up, the old version goes on: ${why}` })
    this.plan.notify('ready')
    if (launch.again) this.reload('asked for meanwhile')
  }

  // Workers -------------------------------------------------------------------------------------------------------------------------

  private spawn(generation: number, broken: string | null): WorkerHandle {
    const worker = new WorkerHandle(++this.ids, generation, this.plan.launchOf(broken), {
      published: (from, message) => this.pass(from, message),
      moved: (connection) => this.post({ type: 'moved', connection }),
      message: (from, message) => this.post({ type: 'message', worker: from, message }),
      blocked: (from, report) => this.post({ type: 'blocked', worker: from, report }),
      exited: (from, exit) => this.post({ type: 'exited', worker: from, exit }),
    })
    this.workers.add(worker)
    this.counts.started++
    return worker
  }

  /** At once and in order, past the loop: it changes nothing here. Also to workers that start, or end: they may have subscribers. */
  private pass(from: WorkerHandle, message: Published): void {
    for (const worker of this.workers) if (worker !== from) worker.pass(message)
  }

  private hear(worker: WorkerHandle, message: HeardMessage): void {
    if (!this.workers.has(worker)) return
    switch (message.type) {
      case 'loaded':
        worker.state = 'loaded'
        this.watch?.watch(message.sources, message.broken)
        this.settleIn(worker, message.terms)
        break
      case 'ready': {
        if (worker.state !== 'opening') break
        worker.state = 'ready'
        worker.readyAt = worker.lastAlive = performance.now()
        this.plan.events.publish('notice', { text: `worker ${worker.id} serves (process ${worker.pid})` })
        if (this.launch?.workers.has(worker) === true) this.advance(this.launch)
        this.balance()
        break
      }
      case 'failed':
        worker.failure = message
        break
      case 'alive':
        worker.lastAlive = performance.now()
        worker.connections = message.connections
        worker.requests = message.requests
        worker.memory = message.memory
        if (message.report !== null) this.plan.reported(worker.id, message.report)
        this.balance()
        break
      case 'last':
        this.plan.reported(worker.id, message.report)
        break
      case 'worn':
        if (worker.worn || worker.state !== 'ready') break
        worker.worn = true
        this.note(`worker ${worker.id} (process ${worker.pid}) is replaced: ${message.reason}`)
        break
      case 'draining':
      case 'moved':
        break
    }
  }

  private settleIn(worker: WorkerHandle, given: Terms | null): void {
    const { launch } = this
    if (launch?.workers.has(worker) === true) {
      const terms = given ?? this.terms
      if (terms === undefined) {
        this.giveUp(launch, 2, 'the settings cannot be read')
        return
      }
      this.loaded(launch, terms)
      this.advance(launch)
    } else if (this.sockets !== undefined && this.phase === 'running') {
      this.open(worker, this.terms, this.sockets)
    }
  }

  private open(worker: WorkerHandle, terms: Terms | undefined, { shared }: Sockets): void {
    if (terms?.encrypted === true) this.giveSessionKeys(worker)
    worker.open(shared)
  }

  private giveSessionKeys(worker: WorkerHandle): void {
    worker.send({ type: 'sessionKeys', keys: this.sessionKeys.current.toString('base64') })
  }

  private bury(worker: WorkerHandle, exit: WorkerExit): void {
    this.workers.delete(worker)
    this.plan.departed(worker.id)
    this.balance()
    const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`
    if (this.phase === 'stopping' || (worker.state === 'retiring' && exit.code === 0)) return
    const why = worker.killedFor ?? worker.failure?.text
    const said = `worker ${worker.id} (process ${worker.pid}) ended with ${how}${why === undefined ? '' : `: ${why}`}`
    const { launch } = this
    if (launch?.workers.has(worker) === true) {
      launch.workers.delete(worker)
      if (this.plan.watching) this.serveBroken(worker, said)
      else this.giveUp(launch, worker.failure?.status ?? 3, worker.failure?.text ?? `${said} before it served`)
      return
    }
    if (worker.killedFor === NOT_WANTED) return
    this.counts.died++
    this.plan.died(worker.id, said)
    this.plan.events.publish('failure', { text: said })
    if (worker.state === 'retiring') return
    this.delay(worker, exit)
  }

  private delay(worker: WorkerHandle, exit: WorkerExit): void {
    const now = performance.now()
    const fromOutside = worker.killedFor === null && (exit.signal === 'SIGKILL' || exit.signal === 'SIGTERM')
    const wait = this.startDelay.after({ served: worker.readyAt === null ? null : now - worker.readyAt, fromOutside }, now)
    if (wait > 0) this.note(`workers keep ending: the next one starts in ${wait} ms`)
  }

  /** Starts and retires workers until as many serve as are wanted. */
  private reconcile(): void {
    if (this.phase === 'stopping') {
      if (this.workers.size === 0) this.finish()
      return
    }
    if (this.terms === undefined || this.launch !== undefined) return
    const { missing, surplus, needless } = staffing(this.workers, this.wanted)
    if (this.startDelay.isOver(performance.now())) for (let i = 0; i < missing; i++) this.spawn(this.generation, null)
    for (const worker of surplus) this.retire(worker)
    for (const worker of needless) worker.kill(NOT_WANTED)
  }

  private retire(worker: WorkerHandle): void {
    this.drain(worker, { grace: this.grace, silence: this.grace, backlog: 'leave', silent: 'stay' })
  }

  private drain(worker: WorkerHandle, how: Drain): void {
    worker.drain(how, performance.now())
    this.balance()
  }

  // Time ----------------------------------------------------------------------------------------------------------------------------

  private look(): void {
    const now = performance.now()
    for (const worker of this.workers) {
      const why = overdue(worker, this.terms?.timeout ?? 0, now)
      if (why !== null) worker.kill(why)
    }
    if (this.sessionKeys.renew(now) && this.terms?.encrypted === true) for (const worker of this.workers) this.giveSessionKeys(worker)
    this.balance()
  }

  private balance(): void {
    if (this.sockets === undefined || this.phase !== 'running') return
    balanceWorkers([...this.workers].filter(({ serving }) => serving), this.sockets.shared, performance.now())
  }

  private blocked(worker: WorkerHandle, { blocked, stack, requests }: BlockedReport): void {
    if (!this.workers.has(worker) || worker.killedFor !== null) return
    const where = stack === null ? '; it is not in JavaScript, no stack is available' : ''
    this.plan.events.publish('failure', {
      text: `the event loop of worker ${worker.id} (process ${worker.pid}) has been blocked for ${blocked} s: it is replaced${where}`,
      requests, ...(stack === null ? {} : { stack }),
    })
    worker.kill('its event loop was blocked')
  }

  // Development: restart on change ----------------------------------------------------------------------------------------------------

  private changed(path: string): void {
    if (this.phase !== 'running') return
    this.note(`${path} has changed: restarting`)
    // New connections wait in the sockets' queues, and silent ones here: the old version reads no further request.
    for (const worker of this.workers) {
      if (worker.serving || worker.state === 'opening') {
        this.drain(worker, { grace: this.grace, silence: SHORT_SILENCE, backlog: 'leave', silent: 'move' })
      } else if (worker.state !== 'retiring') worker.kill(NOT_WANTED)
    }
    this.begin(this.terms === undefined ? 'first' : 'reload')
  }

  /** Connections of the old version go to the new one, when all of it serves. */
  private forward(): void {
    if (this.phase !== 'running') this.moved.close()
    else if (this.launch === undefined) this.moved.giveTo([...this.workers].filter(({ serving }) => serving))
  }

  /** The process of a new version ended as it was loaded: another one says so to whoever asks. */
  private serveBroken(worker: WorkerHandle, said: string): void {
    this.plan.events.publish('failure', { text: said })
    if (this.launch === undefined) return
    this.launch.workers.add(this.spawn(this.launch.generation, worker.failure?.text ?? said))
  }

  // Successor -------------------------------------------------------------------------------------------------------------------------

  private succeed(signal: string): void {
    const refusal = process.pid === 1 ? 'the arbiter is process 1 of its container, which would end with it'
      : this.successor !== undefined ? 'a successor is starting already'
        : this.sockets === undefined || this.launch !== undefined ? 'a start or a reload is under way' : null
    if (refusal !== null) {
      this.plan.events.publish('failure', { text: `${signal}: no new arbiter is started: ${refusal}` })
      return
    }
    this.note(`${signal}: starting a new arbiter on the same sockets`)
    this.successor = new Successor(this.plan.successorLaunch(), (failure) => this.post({ type: 'succeeded', failure }))
  }

  private succeeded(failure: string | null): void {
    const pid = this.successor?.pid
    this.successor = undefined
    if (this.phase === 'stopping') return
    if (failure !== null) {
      this.plan.events.publish('failure', { text: `the new arbiter is given up, this one goes on: ${failure}` })
      return
    }
    this.note(`the new arbiter (process ${pid}) serves: draining`)
    this.handedOver = true
    this.phase = 'stopping'
    for (const worker of this.workers) if (worker.state !== 'retiring') this.retire(worker)
  }

  // The end -------------------------------------------------------------------------------------------------------------------------

  private get grace(): number {
    return this.terms?.gracefulTimeout ?? this.launch?.terms?.gracefulTimeout ?? 0
  }

  private stop(grace: number): void {
    if (this.phase === 'running') {
      this.plan.notify('stopping')
      this.successor?.stop()
    }
    this.phase = 'stopping'
    this.launch = undefined
    for (const worker of this.workers) {
      if (worker.readyAt === null && worker.state !== 'opening') worker.kill('the server stops')
      else this.drain(worker, { grace, silence: SHORT_SILENCE, backlog: this.handedOver ? 'leave' : 'accept', silent: 'stay' })
    }
    this.moved.close()
  }

  private finish(): void {
    this.phase = 'over'
    this.plan.release(this.handedOver ? 'handed over' : 'over')
  }

  private note(text: string): void {
    this.plan.events.publish('notice', { text })
  }
}
