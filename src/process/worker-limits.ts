/** Which worker has taken too long for something, and is to be killed. Pure. */

/** A loop that is blocked is reported by its own process; where that fails too, the arbiter waits so much longer. Seconds. */
const REPORT_TIME = 4
/** A worker may take so long to load, or `timeout` where that is longer. Seconds. */
const START_LIMIT = 60

/** Moments by one clock, in milliseconds. */
export interface Watched {
  readonly startedAt: number
  /** Null while it has not served yet. */
  readonly readyAt: number | null
  /** When it was heard of last. */
  readonly lastAlive: number
  readonly serving: boolean
  /** When it is to have ended; 0 for never. */
  readonly deadline: number
}

/**
 * Why a worker is to be killed now; null where it is not.
 * @param timeout seconds that a loop may be blocked; 0 for any time
 */
export function overdue(worker: Watched, timeout: number, now: number): string | null {
  const silent = (now - worker.lastAlive) / 1000
  if (worker.deadline !== 0 && now > worker.deadline) return 'it did not end in time'
  if (worker.serving && timeout > 0 && silent > timeout + REPORT_TIME) {
    return `its event loop has been blocked for ${Math.round(silent)} s; no stack is available`
  }
  const late = worker.readyAt === null && now - worker.startedAt > Math.max(timeout, START_LIMIT) * 1000
  return late ? 'it did not become ready in time' : null
}
