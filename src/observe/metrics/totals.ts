/** What all workers have counted since the server started: those that run, and those that have ended. */
import { added, labelled, lasting, type Family } from './families.ts'

/** What a worker tells of itself. */
export type Report = {
  /** Added up over all workers. */
  readonly families: readonly Family[]
  /** Each worker's own: shown with its number. */
  readonly own: readonly Family[]
}

export class Totals {
  private readonly reports = new Map<number, Report>()
  private departed: readonly Family[] = []

  /** What a worker has counted since it started. */
  reported(worker: number, report: Report): void {
    this.reports.set(worker, report)
  }

  /** Its counts stay, its gauges go. */
  left(worker: number): void {
    const report = this.reports.get(worker)
    if (report === undefined) return
    this.reports.delete(worker)
    this.departed = added([this.departed, lasting(report.families)])
  }

  /** Of all that is over all workers. */
  sums(): readonly Family[] {
    return added([this.departed, ...[...this.reports.values()].map(({ families }) => families)])
  }

  /** The same, and each worker's own. */
  families(): readonly Family[] {
    const own = [...this.reports].map(([worker, report]) => labelled(report.own, 'worker', String(worker)))
    return [...this.sums(), ...added(own)]
  }
}
