/** How long to wait before the next try, after workers that could not start or died at once. Pure. */

/** A worker that lived so long, in milliseconds after it was ready, did not die at once. */
const LONG_ENOUGH = 1000
const FIRST = 250
const LONGEST = 10_000

export interface Death {
  /** Milliseconds that it served; null where it never did. */
  readonly served: number | null
  /** It was ended from outside (SIGKILL, SIGTERM): that tells nothing about the application. */
  readonly fromOutside: boolean
}

export class BackOff {
  private failures = 0

  /** The wait in milliseconds that a death calls for. The first is replaced at once. */
  after(death: Death): number {
    const healthy = death.served !== null && (death.fromOutside || death.served >= LONG_ENOUGH)
    this.failures = healthy ? 0 : this.failures + 1
    return this.failures < 2 ? 0 : Math.min(FIRST * 2 ** (this.failures - 2), LONGEST)
  }

  /** A reload: what failed may have been mended. */
  forget(): void {
    this.failures = 0
  }
}
