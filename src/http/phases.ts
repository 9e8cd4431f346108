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
  readonly total: number
}

/** A request that may have to wait before an application takes it. */
export interface Waiting {
  /** Milliseconds that it has waited by `now`, or did wait. */
  queueTime(now: number): number
}

/** What an exchange is told of while it runs, and its phases once it is over. */
export class PhaseTimes implements Phases {
  readonly started: number
  /** By the clock; NaN until it is over. */
  ended: number = NaN

  private readonly clock: () => number
  private begun: number = NaN
  /** Of those that do not call the application at once. */
  private called: number | undefined
  private waiting: Waiting | undefined

  /** @param clock milliseconds of one that never goes back */
  constructor(clock: () => number) {
    this.clock = clock
    this.started = clock()
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

  /** The answer begins; of one that is given whole its end is enough. */
  begin(): void {
    this.begun = this.clock()
  }

  end(): void {
    const ended = this.ended = this.clock()
    if (Number.isNaN(this.begun)) this.begun = ended
    if (this.called !== undefined) this.called = Math.min(this.called, this.begun)
  }

  get body(): number {
    return this.called === undefined ? 0 : this.called - this.started
  }

  get queue(): number {
    const { waiting, begun, called = this.started } = this
    return waiting === undefined ? 0 : Math.min(waiting.queueTime(begun), begun - called)
  }

  get application(): number {
    return this.begun - (this.called ?? this.started) - this.queue
  }

  get write(): number {
    return this.ended - this.begun
  }

  /** Once it is over: the application was called at once and gave its answer whole, so that all of the time is the application's. */
  get undivided(): boolean {
    return this.begun === this.ended && this.called === undefined && this.waiting === undefined
  }

  get total(): number {
    return this.ended - this.started
  }
}
