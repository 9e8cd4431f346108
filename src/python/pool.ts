/** Gives requests to Python workers: to the least busy one, and while all are busy they wait here. */
import type { Events } from '../events.ts'
import { Call, type Caller, type EncodedRequest, type UpgradingCaller } from './call.ts'
import { CallList } from './call-list.ts'
import type { PythonWorker } from './python-worker.ts'
import { Tunnel } from './tunnel.ts'
import { Workforce, type Places, type WorkforcePlan } from './workforce.ts'

export interface PoolPlan extends WorkforcePlan {
  /** Requests that one worker runs at a time. */
  readonly threads: number
  /** Requests that may wait. */
  readonly queueLimit: number
  /** How long one may wait, in milliseconds; 0: for ever. */
  readonly queueTimeout: number
  /** WebSockets that one worker holds at a time. */
  readonly websockets: number
  /** How long a request that took too long may go on holding up its worker, in milliseconds. */
  readonly grace: number
}

/** The most requests that a worker gets beyond those that it can run. */
const MOST_AHEAD = 16
/** A worker that has requests ahead and has not answered for so long, in milliseconds, gives them back. */
const QUICK = 10
/** How often it is looked for clients that have ended their side, in milliseconds. */
const PRESENCE_LOOK = 250
/** How long an interrupted request may take to end where it alone is left on its worker, in milliseconds. */
const PATIENCE = 2000

export class Pool implements Places {
  readonly workforce: Workforce
  /** Called when a request begins to wait for a thread of Python's. */
  readonly whenCrowded: Set<() => void> = new Set()
  private readonly plan: PoolPlan
  private readonly events: Events
  private readonly queue = new CallList()
  /** With requests that are being interrupted. */
  private readonly overdue = new Set<PythonWorker>()
  private flushing = false
  private looking: NodeJS.Timeout | undefined
  private deadline: NodeJS.Timeout | undefined
  private presence: NodeJS.Timeout | undefined
  private readonly flushAll = (): void => {
    this.flushing = false
    for (const { link } of this.workforce.workers) link.flush()
  }

  constructor(plan: PoolPlan) {
    this.plan = plan
    this.events = plan.events
    this.workforce = new Workforce(plan, this)
  }

  start(): Promise<void> {
    this.presence = setInterval(() => this.lookForClients(), PRESENCE_LOOK).unref()
    return this.workforce.start()
  }

  async stop(): Promise<void> {
    clearTimeout(this.deadline)
    clearTimeout(this.looking)
    clearInterval(this.presence)
    for (let call = this.queue.first; call !== undefined; call = this.queue.first) this.refuse(call, 'stopped', 'the server stops')
    await this.workforce.stop()
  }

  /** Requests that wait for a worker. */
  get waiting(): number {
    return this.queue.size
  }

  /** Some wait, here or behind others on a worker. */
  get crowded(): boolean {
    if (this.queue.size > 0) return true
    for (const { link } of this.workforce.workers) if (link.calls.size > this.plan.threads) return true
    return false
  }

  submit(caller: Caller, request: EncodedRequest): Call {
    const call = new Call(caller, request, performance.now())
    const worker = this.queue.size === 0 ? this.leastBusy() : undefined
    if (worker !== undefined) this.assign(worker, call)
    else if (this.queue.size < this.plan.queueLimit) this.enqueue(call)
    else {
      call.over()
      caller.fail('queue-full', `${this.queue.size} requests wait for a Python worker already`)
    }
    return call
  }

  /** The same for a request whose application is offered a socket: it has a thread of its own, and waits for none. */
  submitTunnel(caller: UpgradingCaller, environ: string): Call {
    const { websockets, grace } = this.plan
    const tunnel: Tunnel = new Tunnel(caller, grace, () => this.cancel(call))
    const call: Call = new Call(tunnel, { environ, kind: 0, body: 'N' }, performance.now())
    let best: PythonWorker | undefined
    for (const worker of this.workforce.workers) {
      if (worker.state !== 'ready' || worker.link.tunnels.size >= websockets) continue
      if (best === undefined || worker.link.tunnels.size < best.link.tunnels.size) best = worker
    }
    if (best === undefined) {
      call.state = 'over'
      caller.fail('websockets-full', `every Python worker that is ready has ${websockets} WebSockets`)
      caller.over()
    } else {
      best.openTunnel(call, tunnel)
      this.workforce.took(best)
    }
    return call
  }

  /** Nobody waits for the answer any more. */
  cancel(call: Call): void {
    if (!this.abandon(call)) return
    this.workerOf(call)?.link.cancel(call)
  }

  /** It has taken too long; the client has been told. */
  interrupt(call: Call): void {
    if (!this.abandon(call)) return
    const worker = this.workerOf(call)
    if (worker === undefined) return
    call.late = true
    call.lateSince = performance.now()
    worker.link.interrupt(call)
    if (worker.link.calls.has(call)) {
      this.overdue.add(worker)
      if (this.plan.threads > 1) this.workforce.wear(worker, `${call.caller.label} took too long`)
      setTimeout(() => this.lookAtLate(worker), PATIENCE + 1).unref()
    }
    setTimeout(() => { if (call.state !== 'over') worker.kill(`${call.caller.label} could not be interrupted`) }, this.plan.grace).unref()
  }

  // From the workforce ----------------------------------------------------------------------------------------------------------------

  free(): void {
    this.dispatch()
  }

  freed(worker: PythonWorker): void {
    const now = performance.now()
    // Answers that come quickly are worth sending more requests at once.
    worker.ahead = now - worker.link.progressAt < QUICK && worker.state === 'ready' && !worker.recalling ? Math.min(MOST_AHEAD, worker.ahead * 2 + 1) : 0
    worker.link.progressAt = now
    if (this.overdue.size > 0 && this.overdue.has(worker)) this.lookAtLate(worker)
    this.dispatch()
  }

  recalled(calls: readonly Call[]): void {
    const wanted = calls.filter((call) => {
      if (call.abandoned) call.over()
      else call.state = 'queued'
      call.toldOfEnd = false
      return !call.abandoned
    })
    this.queue.giveBack(wanted)
    this.dispatch()
    // They wait since before the one whose deadline is awaited.
    clearTimeout(this.deadline)
    this.deadline = undefined
    this.watchDeadline()
  }

  stack(call: Call, text: string): void {
    this.events.publish('failure', { text: `${call.caller.label} took too long`, stack: text })
  }

  lost(worker: PythonWorker, begun: readonly Call[], notBegun: readonly Call[]): void {
    this.overdue.delete(worker)
    for (const call of begun) {
      call.over()
      if (!call.abandoned) call.caller.fail('worker-died', `Python worker ${worker.number} died over it`)
    }
    this.recalled(notBegun)
  }

  // Scheduling --------------------------------------------------------------------------------------------------------------------------

  private leastBusy(): PythonWorker | undefined {
    let best: PythonWorker | undefined
    for (const worker of this.workforce.workers) {
      if (worker.room(this.plan.threads) <= 0) continue
      if (best === undefined || worker.link.calls.size < best.link.calls.size) best = worker
    }
    return best
  }

  private assign(worker: PythonWorker, call: Call): void {
    const { link } = worker
    const now = performance.now()
    call.queued = now - call.since
    if (link.calls.size === 0) link.progressAt = now
    link.push(call)
    if (link.calls.size > this.plan.threads) {
      this.looking ??= setTimeout(() => this.look(), QUICK)
      this.tellCrowded()
    }
    if (!this.flushing) {
      // All requests of one turn of the loop leave together.
      this.flushing = true
      setImmediate(this.flushAll)
    }
    this.workforce.took(worker)
  }

  private enqueue(call: Call): void {
    this.queue.add(call)
    this.watchDeadline()
    this.tellCrowded()
  }

  private tellCrowded(): void {
    for (const listener of this.whenCrowded) listener()
  }

  private dispatch(): void {
    for (let call = this.queue.first; call !== undefined; call = this.queue.first) {
      const worker = this.leastBusy()
      if (worker === undefined) return
      this.queue.remove(call)
      this.assign(worker, call)
    }
  }

  /** Asks workers that are not as quick as they were for what they have not begun. */
  private look(): void {
    this.looking = undefined
    const now = performance.now()
    for (const worker of this.workforce.workers) {
      const { link } = worker
      if (link.calls.size <= this.plan.threads) continue
      this.looking ??= setTimeout(() => this.look(), QUICK)
      if (worker.recalling || now - link.progressAt < QUICK) continue
      worker.ahead = 0
      worker.recalling = true
      link.recall()
    }
  }

  /**
   * A client that has ended its side while its request still waits here is taken for gone and gives up its place; one whose
   * request a worker has may be waiting on a half-closed connection: the application is told, and decides.
   */
  private lookForClients(): void {
    for (const call of [...this.queue]) {
      if (call.caller.clientEnded) this.refuse(call, 'client-gone', 'the client ended while its request waited for a Python worker')
    }
    for (const { link } of this.workforce.workers) {
      for (const call of link.calls) {
        if (call.toldOfEnd || call.abandoned || !call.caller.clientEnded) continue
        call.toldOfEnd = true
        link.clientEnded(call)
      }
    }
  }

  private watchDeadline(): void {
    const { queueTimeout } = this.plan
    const first = this.queue.first
    if (first === undefined || queueTimeout === 0) return
    this.deadline ??= setTimeout(() => this.expire(), Math.max(1, first.since + queueTimeout - performance.now()))
  }

  private expire(): void {
    this.deadline = undefined
    const latest = performance.now() - this.plan.queueTimeout
    for (let call = this.queue.first; call !== undefined && call.since <= latest; call = this.queue.first) {
      this.refuse(call, 'queue-timeout', `no Python worker was free for ${this.plan.queueTimeout / 1000} s`)
    }
    this.watchDeadline()
  }

  private refuse(call: Call, cause: 'queue-timeout' | 'stopped' | 'client-gone', detail: string): void {
    this.unqueue(call)
    call.over()
    call.caller.fail(cause, detail)
  }

  // Ends ------------------------------------------------------------------------------------------------------------------------------------

  /** True where a worker is still to be told. */
  private abandon(call: Call): boolean {
    if (call.abandoned || call.state === 'over') return false
    call.abandoned = true
    if (call.state !== 'queued') return true
    this.unqueue(call)
    call.over()
    return false
  }

  /** It has waited in vain. */
  private unqueue(call: Call): void {
    this.queue.remove(call)
    call.queued = performance.now() - call.since
  }

  /** A worker on which nothing is left but what does not end is of no use. */
  private lookAtLate(worker: PythonWorker): void {
    const calls = [...worker.link.calls]
    const now = performance.now()
    if (!calls.some((call) => call.late)) this.overdue.delete(worker)
    if (calls.length === 0 || !calls.every((call) => call.late && now - call.lateSince >= PATIENCE)) return
    worker.kill(`${calls.map(({ caller }) => caller.label).join(', ')} could not be interrupted`)
  }

  private workerOf(call: Call): PythonWorker | undefined {
    for (const worker of this.workforce.workers) if (worker.link.find(call.id) === call) return worker
    return undefined
  }
}
