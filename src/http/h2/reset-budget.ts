/**
 * How many of its requests a client may take back: each has cost an application's time already ("rapid reset", CVE-2023-44487).
 * A browser that leaves a page resets dozens at once; nobody has a reason to go on doing so.
 */
const BURST = 500
const PER_SECOND = 33

export class ResetBudget {
  private left = BURST
  private since: number

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: number) {
    this.since = now
  }

  /** @returns false where the budget is used up */
  take(now: number): boolean {
    this.left = Math.min(BURST, this.left + (now - this.since) / 1000 * PER_SECOND)
    this.since = now
    this.left--
    return this.left >= 0
  }
}
