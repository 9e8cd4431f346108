/** Keeps as many Python workers running as are wanted: starts, replaces and ends them. */
import type { Events } from '../events.ts'
import { ServiceFailure } from '../gateway/service.ts'
import { BackOff } from '../process/back-off.ts'
import { staffing } from '../process/staffing.ts'
import { AnswerHeads } from './answer-heads.ts'
import type { Call } from './call.ts'
import { residentMemory } from './resident-memory.ts'
import { PythonWorker, type Exit, type WorkerListener } from './python-worker.ts'
import { Template } from './template.ts'
import type { LoadedApplication, MeasuredValue, PublishedMessage, Raised, Start } from './wire/messages.ts'
import type { LaunchPlan } from './worker-launch.ts'

export interface WorkforcePlan {
  readonly target: string
  readonly workers: number
  readonly launch: LaunchPlan
  readonly start: Start
  readonly preload: boolean
  /** Requests of one worker; 0: no limit. */
  readonly maxRequests: number
  readonly maxRequestsJitter: number
  /** MiB; 0: no limit. */
  readonly maxMemory: number
  readonly events: Events
  /** Passes on what Python publishes. */
  readonly publish: (message: PublishedMessage) => void
  /** Passes on what Python measures. */
  readonly measure: (value: MeasuredValue) => void
}

/** What becomes of requests. */
export interface Places {
  /** Workers have room, or there are new ones. */
  free(): void
  freed(worker: PythonWorker): void
  recalled(calls: readonly Call[]): void
  stack(call: Call, text: string): void
  /** A worker has died over requests that it had begun; others it had not. */
  lost(worker: PythonWorker, begun: readonly Call[], notBegun: readonly Call[]): void
}

/** Between two looks at the memory, in milliseconds. */
const MEMORY_LOOK = 1000
const MIB = 1024 ** 2
/** How long processes that were told to end may take to, in milliseconds. */
const LEAVE = 2000

export class Workforce implements WorkerListener {
  readonly workers: Set<PythonWorker> = new Set()
  /** Of what is loaded now; undefined before. */
  application: LoadedApplication | undefined

  private readonly plan: WorkforcePlan
  private readonly places: Places
  private readonly backOff = new BackOff()
  private readonly heads = new AnswerHeads()
  private template: Template | null = null
  private lastNumber = 0
  private ending = false
  private retry: NodeJS.Timeout | undefined
  private memory: NodeJS.Timeout | undefined
  private begun: { resolve(): void, reject(error: Error): void } | undefined
  private emptied: (() => void) | undefined

  constructor(plan: WorkforcePlan, places: Places) {
    this.plan = plan
    this.places = places
  }

  /** Resolves when all serve. @throws {ServiceFailure} where one cannot */
  async start(): Promise<void> {
    const started = new Promise<void>((resolve, reject) => { this.begun = { resolve, reject } })
    this.staff()
    await started
    this.begun = undefined
    if (this.plan.maxMemory > 0) this.memory = setInterval(() => this.lookAtMemory(), MEMORY_LOOK).unref()
  }

  /** Resolves when no process is left. */
  async stop(): Promise<void> {
    this.ending = true
    clearTimeout(this.retry)
    clearInterval(this.memory)
    for (const worker of this.workers) worker.state === 'starting' ? worker.kill('the server stops') : worker.retire()
    this.template?.drain()
    if (this.workers.size === 0) {
      this.template?.kill()
      return
    }
    const late = setTimeout(() => { for (const worker of this.workers) worker.kill('it did not end when the server stopped') }, LEAVE)
    await new Promise<void>((resolve) => { this.emptied = resolve })
    clearTimeout(late)
    this.template?.kill()
  }

  /** It serves until its replacement does. */
  wear(worker: PythonWorker, reason: string): void {
    if (worker.worn || worker.state === 'retiring') return
    worker.worn = true
    this.plan.events.publish('notice', { text: `Python worker ${worker.number} is replaced: ${reason}` })
    this.staff()
  }

  /** Counts a request that a worker was given. */
  took(worker: PythonWorker): void {
    if (++worker.taken === worker.limit) this.wear(worker, `it has taken ${worker.limit} requests`)
  }

  // From workers --------------------------------------------------------------------------------------------------------------------

  loaded(worker: PythonWorker, application: LoadedApplication): void {
    const { events, target, launch } = this.plan
    if (this.application === undefined) {
      const { python, implementation, executable } = application
      events.publish('notice', { text: `${target} runs on ${implementation} ${python}, ${executable} (${launch.interpreter.chosen})` })
    }
    this.application = application
    events.publish('notice', { text: `Python worker ${worker.number} is ready, process ${worker.pid}` })
    this.staff()
    if ([...this.workers].filter(({ state }) => state === 'ready').length >= this.plan.workers) this.begun?.resolve()
    this.places.free()
  }

  failed(_worker: PythonWorker, raised: Raised): void {
    this.cannotLoad(raised)
  }

  freed(worker: PythonWorker): void {
    this.places.freed(worker)
  }

  recalled(_worker: PythonWorker, calls: readonly Call[]): void {
    this.places.recalled(calls)
  }

  stack(_worker: PythonWorker, call: Call, text: string): void {
    this.places.stack(call, text)
  }

  measured(value: MeasuredValue): void {
    this.plan.measure(value)
  }

  published(message: PublishedMessage): void {
    this.plan.publish(message)
  }

  leaving(worker: PythonWorker): void {
    this.wear(worker, 'it got SIGTERM')
  }

  warning(text: string): void {
    this.plan.events.publish('warning', { text })
  }

  printed(worker: PythonWorker, stream: 'stdout' | 'stderr', line: string): void {
    this.print(`Python worker ${worker.number}`, stream, line)
  }

  died(worker: PythonWorker, exit: Exit): void {
    const asked = worker.state === 'retiring' && worker.killed === null
    this.workers.delete(worker)
    if (worker.link.calls.size + worker.link.tunnels.size > 0) {
      const notBegun = worker.notBegun()
      const calls = [...worker.link.calls, ...worker.link.tunnels.values()]
      this.places.lost(worker, calls.filter((call) => !notBegun.has(call)), calls.filter((call) => notBegun.has(call)))
    }
    if (this.ending) {
      if (this.workers.size === 0) this.emptied?.()
      return
    }
    if (asked && exit.status === 0) {
      this.staff()
      return
    }
    const how = `Python worker ${worker.number} ${describe(worker, exit)}`
    this.begun?.reject(new ServiceFailure(`${this.plan.target} cannot be served: ${how}`))
    this.plan.events.publish('failure', { text: how })
    const served = worker.readyAt === 0 ? null : performance.now() - worker.readyAt
    const fromOutside = worker.killed !== null || exit.signal === 'SIGKILL' || exit.signal === 'SIGTERM'
    this.staffLater(this.backOff.after({ served, fromOutside }))
  }

  // Staffing --------------------------------------------------------------------------------------------------------------------------

  private staff(): void {
    if (this.ending) return
    const { missing, surplus, needless } = staffing(this.workers, this.plan.workers)
    for (const worker of surplus) worker.retire()
    for (const worker of needless) worker.kill('it is not needed')
    if (this.retry !== undefined) return
    for (let i = 0; i < missing; i++) this.startWorker()
  }

  private staffLater(delay: number): void {
    if (delay === 0) return this.staff()
    this.retry ??= setTimeout(() => {
      this.retry = undefined
      this.staff()
    }, delay)
  }

  private startWorker(): void {
    const { launch, start, preload, maxRequests, maxRequestsJitter } = this.plan
    if (preload) this.template ??= this.startTemplate()
    const number = ++this.lastNumber
    const worker = new PythonWorker({ number, launch, start, heads: this.heads, listener: this, template: this.template })
    if (maxRequests > 0) worker.limit = maxRequests + Math.floor(Math.random() * (maxRequestsJitter + 1))
    this.workers.add(worker)
    worker.start()
  }

  private startTemplate(): Template {
    const { launch, start } = this.plan
    return new Template(launch, ++this.lastNumber, start, {
      failed: (raised) => this.cannotLoad(raised),
      printed: (stream, line) => this.print('Python template', stream, line),
      warning: (text) => this.warning(text),
      died: (how) => {
        this.template = null
        if (!this.ending) this.plan.events.publish('failure', { text: `the Python template ended: ${how}` })
      },
    })
  }

  private cannotLoad({ message, traceback }: Raised): void {
    const text = `${this.plan.target} cannot be loaded: ${message}`
    if (this.begun !== undefined) this.begun.reject(new ServiceFailure(text, traceback))
    else this.plan.events.publish('failure', { text, stack: traceback })
  }

  private print(who: string, stream: 'stdout' | 'stderr', line: string): void {
    this.plan.events.publish(stream === 'stdout' ? 'notice' : 'warning', { text: `${who}: ${line}` })
  }

  private lookAtMemory(): void {
    const { maxMemory } = this.plan
    for (const worker of this.workers) {
      const memory = worker.state === 'ready' && !worker.worn ? residentMemory(worker.pid) : 0
      if (memory > maxMemory * MIB) this.wear(worker, `it uses ${Math.round(memory / MIB)} MiB of memory, over ${maxMemory}`)
    }
  }
}

function describe({ killed }: PythonWorker, { status, signal }: Exit): string {
  if (killed !== null) return `was killed: ${killed}`
  if (signal !== null) return `ended with ${signal}`
  return status === null ? 'ended' : `ended with status ${status}`
}
