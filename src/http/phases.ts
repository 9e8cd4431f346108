/** How long an exchange took, phase by phase. Pure: whoever wants to know hands in the clock, and nobody else pays for it. */

/** In milliseconds. The phases follow one another, and add up to the whole. */
export interface Phases {
  /** Until the body had come, where the application is called with all of it; else 0. */
  readonly body: number
  /** The wait for a process that runs the application. */
  readonly queue: number
  /** From the call of the application until its answer began. */
  readonly application: number
  /** From there until the whole answer was handed over, with what the application did between its blocks. */
  readonly write: number
}

/** A request that may have to wait before an application takes it. */
export interface Waiting {
  /** Milliseconds that it has waited by `now`, or did wait. */
  queueTime(now: number): number
}

/** What an exchange is told of while it runs, and its phases once it is over. */
export class PhaseTimes implements Phases {
  readonly started: number

  private readonly clock: () => number
  private called: number
  private begun: number = Infinity
  private ended: number = Infinity
  private waiting: Waiting | undefined

  /** @param clock milliseconds of one that never goes back */
  constructor(clock: () => number) {
    this.clock = clock
    this.called = this.started = clock()
  }

  /** The application is not called before the body has come. */
  awaitBody(): void {
    this.called = Infinity
  }

  /** What the application is called with is there. */
  ready(waiting: Waiting): void {
    if (this.called === Infinity) this.called = this.clock()
    this.waiting = waiting
  }

  /** The answer begins. */
  begin(): void {
    this.begun = this.clock()
  }

  end(): void {
    this.ended = this.clock()
    if (this.begun > this.ended) this.begun = this.ended
    if (this.called > this.begun) this.called = this.begun
  }

  get body(): number {
    return this.called - this.started
  }

  get queue(): number {
    return Math.min(this.waiting?.queueTime(this.begun) ?? 0, this.begun - this.called)
  }

  get application(): number {
    return this.begun - this.called - this.queue
  }

  get write(): number {
    return this.ended - this.begun
  }
}
