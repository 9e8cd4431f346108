/** What the admin server sees and steers: an arbiter with its workers, or a server alone. Filled by `app/`. */
import type { Family } from '../metrics/families.ts'
import type { Health, Requests, SettingRow, Status, WorkerStacks } from './status.ts'
import type { History } from './history.ts'

export type LogLevel = 'debug' | 'info' | 'warning' | 'error' | 'critical' | 'none'

export interface Control {
  readonly history: History
  status(): Status
  settings(): readonly SettingRow[]
  /** Asked of the application anew: its own checks included. */
  health(): Promise<Health>
  /** As fresh as those asked answer. */
  metrics(): Promise<readonly Family[]>
  requests(): Promise<Requests>
  stacks(): Promise<readonly WorkerStacks[]>
  /** What follows is begun, not awaited. @throws {NotPossible} where this server cannot */
  reload(): void
  scale(workers: number): void
  reopenLogs(): void
  logLevel(level: LogLevel): void
  /** @param grace seconds; the setting without it */
  stop(grace: number | undefined): void
}

/** What was asked for is not to be had of this server. */
export class NotPossible extends Error {
  override readonly name: string = 'NotPossible'
}
