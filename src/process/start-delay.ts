/** Keeps new workers from being started for a while, where they keep dying. */
import { BackOff, type Death } from './back-off.ts'

export class StartDelay {
  private readonly backOff = new BackOff()
  private readonly over: () => void
  /** No new worker before this moment. */
  private notBefore = 0
  private timer: NodeJS.Timeout | undefined

  /** @param over called when a delay is over */
  constructor(over: () => void) {
    this.over = over
  }

  /** @returns for how many milliseconds no worker is to be started */
  after(death: Death, now: number): number {
    const wait = this.backOff.after(death)
    if (wait === 0) return 0
    this.notBefore = now + wait
    clearTimeout(this.timer)
    this.timer = setTimeout(this.over, wait)
    return wait
  }

  isOver(now: number): boolean {
    return now >= this.notBefore
  }

  /** A reload: what failed may have been mended. */
  forget(): void {
    this.backOff.forget()
    this.notBefore = 0
  }

  close(): void {
    clearTimeout(this.timer)
  }
}
