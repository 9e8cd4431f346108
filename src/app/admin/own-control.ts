/** A server without workers, as the admin server in its own process sees and steers it. */
import type { Config, Settings } from '../../config/settings.ts'
import { NotPossible, type Control, type LogLevel } from '../../observe/admin/control.ts'
import { History } from '../../observe/admin/history.ts'
import type { Health, Requests, SettingRow, Status, WorkerStacks } from '../../observe/admin/status.ts'
import { added, labelled, type Family } from '../../observe/metrics/families.ts'
import type { ProcessReport } from '../../observe/process-observer.ts'
import type { RunningServer } from '../running-server.ts'
import { healthOf, reportOf, stacksOf } from './questions.ts'
import { serverFamilies } from './server-families.ts'
import { settingRows } from './setting-rows.ts'

export interface OwnControlOptions {
  readonly server: RunningServer
  readonly settings: Settings
  readonly sources: Config['sources'] | null
  readonly version: string
  readonly addresses: () => readonly string[]
  /** As a signal would: the process ends afterwards where it was started by the command. */
  readonly stop: (grace: number | undefined) => void
}

const SECOND = 1000
/** The number of the one that serves. */
const SELF = 0

export class OwnControl implements Control {
  readonly history: History = new History()
  private readonly options: OwnControlOptions
  private readonly clock: NodeJS.Timeout

  constructor(options: OwnControlOptions) {
    this.options = options
    this.clock = setInterval(() => {
      const { families, queue } = this.report()
      this.history.take(families, queue, Date.now())
    }, SECOND).unref()
  }

  close(): void {
    clearInterval(this.clock)
  }

  status(): Status {
    const { server, version, addresses } = this.options
    const { figures, inFlight, webSockets, queue, python } = this.report()
    const { uptime } = figures
    return {
      version, node: process.version, pid: process.pid, state: server.draining ? 'stopping' : 'serving', uptime, addresses: addresses(),
      generation: 1, wanted: 0, reloads: 0, failedReloads: 0, workersDied: 0, deaths: [],
      workers: [{
        id: SELF, pid: process.pid, generation: 1, state: server.draining ? 'retiring' : 'ready', uptime, connections: server.connections,
        requests: server.requests, inFlight, process: figures, webSockets, queue, python,
      }],
    }
  }

  settings(): readonly SettingRow[] {
    return settingRows(this.options.settings, this.options.sources)
  }

  async health(): Promise<Health> {
    const { server } = this.options
    const detail = server.draining ? 'it drains: no new connection is taken' : await healthOf(server)
    return { ready: detail === '', checks: [{ name: 'server', ok: detail === '', detail }] }
  }

  metrics(): Promise<readonly Family[]> {
    const { families, own } = this.report()
    return Promise.resolve(added([serverFamilies(this.status()), families, labelled(own, 'worker', String(SELF))]))
  }

  requests(): Promise<Requests> {
    const { running, slowest, failed } = this.options.server.observer?.requests() ?? { running: [], slowest: [], failed: [] }
    const ours = <T>(list: readonly T[]): (T & { worker: number })[] => list.map((one) => ({ ...one, worker: SELF }))
    return Promise.resolve({ running: ours(running), slowest: ours(slowest), failed: ours(failed), silent: [] })
  }

  /** Whoever answers here is not blocked. */
  async stacks(): Promise<readonly WorkerStacks[]> {
    return [{ id: SELF, pid: process.pid, loop: 'free', stack: null, python: await stacksOf(this.options.server) }]
  }

  reload(): void {
    throw new NotPossible('a server without workers cannot reload: start it with --workers 1 or more')
  }

  scale(): void {
    throw new NotPossible('a server without workers cannot be scaled: start it with --workers 1 or more')
  }

  reopenLogs(): void {
    this.options.server.events.publish('reopenLogs', {})
  }

  logLevel(level: LogLevel): void {
    this.options.server.events.publish('logLevel', { level })
  }

  stop(grace: number | undefined): void {
    this.options.stop(grace)
  }

  private report(): ProcessReport {
    const report = reportOf(this.options.server)
    if (report === null) throw new Error('a server that is seen from outside counts')
    return report
  }
}
