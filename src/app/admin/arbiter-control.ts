/** An arbiter with its workers, as the admin server sees and steers it. */
import type { Config, Settings } from '../../config/settings.ts'
import type { Events } from '../../events.ts'
import { History } from '../../observe/admin/history.ts'
import type { Control, LogLevel } from '../../observe/admin/control.ts'
import type { Check, Death, Health, Requests, SettingRow, Status, WorkerStacks, WorkerStatus } from '../../observe/admin/status.ts'
import { added, type Family } from '../../observe/metrics/families.ts'
import { Totals } from '../../observe/metrics/totals.ts'
import type { ProcessReport } from '../../observe/process-observer.ts'
import type { Arbiter } from '../../process/arbiter.ts'
import type { Json } from '../../process/messages.ts'
import type { WorkerHandle } from '../../process/worker-handle.ts'
import type { Answers, Question } from './questions.ts'
import { STACKS_PATIENCE } from './questions.ts'
import { serverFamilies } from './server-families.ts'
import { settingRows } from './setting-rows.ts'

export interface ArbiterControlOptions {
  readonly arbiter: Arbiter
  readonly settings: Settings
  readonly sources: Config['sources'] | null
  readonly events: Events
  readonly version: string
  readonly addresses: () => readonly string[]
  /** Workers that are started from now on log so much. */
  readonly setLogLevel: (level: LogLevel) => void
}

const SECOND = 1000
/** How long a worker may take to answer, in milliseconds. */
const QUICK = 500
const PATIENCE = 2000
/** Where a blocked loop is takes its watching thread up to 1.5 s to find out, and longer where processors are scarce. Milliseconds. */
const STACK_PATIENCE = 6000
/** A worker that serves and has not been heard of for so long is blocked, in milliseconds: it says how it is each second. */
const SILENT = 2500
const BY = 'admin'
const MOST_DEATHS = 20
const DEATHS_KEPT = 10 * 60_000

export class ArbiterControl implements Control {
  readonly history: History = new History()
  private readonly options: ArbiterControlOptions
  private readonly totals = new Totals()
  private readonly latest = new Map<number, ProcessReport>()
  private deaths: readonly Death[] = []
  private readonly startedAt = performance.now()
  private readonly clock: NodeJS.Timeout

  constructor(options: ArbiterControlOptions) {
    this.options = options
    this.clock = setInterval(() => this.history.take(this.totals.sums(), this.queue, Date.now()), SECOND)
  }

  close(): void {
    clearInterval(this.clock)
  }

  // From the arbiter ----------------------------------------------------------------------------------------------------------------

  reported(worker: number, report: Json): void {
    const given = report as unknown as ProcessReport
    this.latest.set(worker, given)
    this.totals.reported(worker, given)
  }

  departed(worker: number): void {
    this.latest.delete(worker)
    this.totals.left(worker)
  }

  died(worker: number, how: string): void {
    this.deaths = [{ worker, how, at: Date.now() }, ...this.recentDeaths()].slice(0, MOST_DEATHS)
  }

  // What is seen --------------------------------------------------------------------------------------------------------------------

  status(): Status {
    const { arbiter, version, addresses } = this.options
    const { state, generation, wanted, reloads, failedReloads, died } = arbiter.facts
    return {
      version, node: process.version, pid: process.pid, state, uptime: (performance.now() - this.startedAt) / 1000,
      addresses: addresses(), generation, wanted, reloads, failedReloads, workersDied: died,
      deaths: this.recentDeaths(),
      workers: arbiter.staff.map((worker) => this.statusOf(worker)),
    }
  }

  settings(): readonly SettingRow[] {
    return settingRows(this.options.settings, this.options.sources)
  }

  async health(): Promise<Health> {
    const { arbiter } = this.options
    const { state } = arbiter.facts
    const serving = arbiter.staff.filter((worker) => worker.serving)
    const checks = await Promise.all(serving.map(async (worker): Promise<Check> => {
      const said = await ask(worker, { ask: 'health' }, PATIENCE)
      const detail = said === undefined ? 'it does not answer: its event loop is blocked' : said
      return { name: `worker ${worker.id}`, ok: said === '', detail }
    }))
    const open = state === 'serving' || state === 'reloading'
    const detail = open ? `${serving.length} workers serve` : state === 'stopping' ? 'it drains: no new connection is taken' : 'no worker serves yet'
    const server: Check = { name: 'server', ok: open && serving.length > 0, detail }
    return { ready: server.ok && checks.some(({ ok }) => ok), checks: [server, ...checks] }
  }

  async metrics(): Promise<readonly Family[]> {
    const { arbiter } = this.options
    await Promise.all(arbiter.staff.filter(({ readyAt }) => readyAt !== null).map(async (worker) => {
      const report = await ask(worker, { ask: 'report' }, QUICK)
      // One that has ended meanwhile has told its last already.
      if (report !== undefined && report !== null && arbiter.staff.includes(worker)) this.reported(worker.id, report as unknown as Json)
    }))
    return added([serverFamilies(this.status()), this.totals.families()])
  }

  async requests(): Promise<Requests> {
    const workers = this.options.arbiter.staff.filter(({ readyAt }) => readyAt !== null)
    const told = await Promise.all(workers.map(async (worker) => ({ worker: worker.id, known: await ask(worker, { ask: 'requests' }, QUICK) })))
    const all = told.flatMap(({ worker, known }) => known === undefined || known === null ? [] : [{ worker, known }])
    return {
      running: all.flatMap(({ worker, known }) => known.running.map((one) => ({ ...one, worker }))).sort((a, b) => b.age - a.age),
      slowest: all.flatMap(({ worker, known }) => known.slowest.map((one) => ({ ...one, worker }))).sort((a, b) => b.whole - a.whole).slice(0, 20),
      failed: all.flatMap(({ worker, known }) => known.failed.map((one) => ({ ...one, worker }))).sort((a, b) => b.at - a.at).slice(0, 20),
      silent: told.filter(({ known }) => known === undefined).map(({ worker }) => worker),
    }
  }

  stacks(): Promise<readonly WorkerStacks[]> {
    return Promise.all(this.options.arbiter.staff.map((worker) => stacksOf(worker)))
  }

  // What is steered -----------------------------------------------------------------------------------------------------------------

  reload(): void {
    this.options.arbiter.order('reload', BY)
  }

  scale(workers: number): void {
    this.options.arbiter.scale(workers, BY)
  }

  reopenLogs(): void {
    this.options.arbiter.order('reopenLogs', BY)
  }

  logLevel(level: LogLevel): void {
    const { arbiter, events, setLogLevel } = this.options
    setLogLevel(level)
    events.publish('logLevel', { level })
    for (const worker of arbiter.staff) void ask(worker, { ask: 'logLevel', level }, PATIENCE)
  }

  stop(grace: number | undefined): void {
    const { arbiter } = this.options
    if (grace === undefined) arbiter.order('stop', BY)
    else void arbiter.close(grace)
  }

  // ---------------------------------------------------------------------------------------------------------------------------------

  private recentDeaths(): readonly Death[] {
    return this.deaths.filter(({ at }) => at >= Date.now() - DEATHS_KEPT)
  }

  private get queue(): number {
    return [...this.latest.values()].reduce((sum, { queue }) => sum + queue, 0)
  }

  private statusOf(worker: WorkerHandle): WorkerStatus {
    const report = this.latest.get(worker.id)
    const now = performance.now()
    const state = worker.state === 'ready' ? (now - worker.lastAlive > SILENT ? 'silent' : 'ready') : worker.state === 'retiring' ? 'retiring' : 'starting'
    return {
      id: worker.id, pid: worker.pid, generation: worker.generation, state, uptime: (now - worker.startedAt) / 1000,
      connections: worker.connections, requests: worker.requests, inFlight: report?.inFlight ?? 0, process: report?.figures ?? null,
      webSockets: report?.webSockets ?? 0, queue: report?.queue ?? 0, python: report?.python ?? [],
    }
  }
}

async function ask<Q extends Question>(worker: WorkerHandle, question: Q, patience: number): Promise<Answers[Q['ask']] | undefined> {
  return await worker.ask(question, patience) as Answers[Q['ask']] | undefined
}

async function stacksOf(worker: WorkerHandle): Promise<WorkerStacks> {
  const { id, pid } = worker
  if (await ask(worker, { ask: 'alive' }, 2 * QUICK) === undefined) {
    const stack = await worker.stack(STACK_PATIENCE)
    return { id, pid, loop: stack === undefined ? 'unknown' : stack === null ? 'outside' : 'blocked', stack: stack ?? null, python: [] }
  }
  const python = await ask(worker, { ask: 'stacks' }, 2 * STACKS_PATIENCE + QUICK)
  return { id, pid, loop: 'free', stack: null, python: python ?? [] }
}
