/**
 * Time limits of connections, looked at together once a tick instead of a timer each: entering a wait costs two stores.
 * A limit holds to within two ticks, and never ends early.
 */

export interface Watched {
  /** In the clock's milliseconds; 0 for none. */
  deadline: number
  /** The deadline has passed. */
  due(): void
  /** Once a tick, for what has no fixed deadline. */
  look(now: number): void
}

/** The longest that a sweep keeps requests waiting, in milliseconds: thousands of limits may end together. */
const SLICE = 1
const LOOKS_PER_CLOCK = 16

export class Deadlines {
  /** Milliseconds, as of the last tick. */
  now: number
  private readonly tick: number
  private readonly watched = new Set<Watched>()
  private timer: NodeJS.Timeout | undefined
  private rest: Iterator<Watched> | undefined

  /** @param shortest the shortest limit in use, in milliseconds */
  constructor(shortest: number) {
    this.tick = Math.max(10, Math.min(1000, shortest / 8))
    this.now = performance.now()
  }

  /** A moment that is at least `limit` milliseconds away; 0 where there is no limit. */
  after(limit: number): number {
    return limit === 0 ? 0 : this.now + limit + this.tick
  }

  add(watched: Watched): void {
    this.watched.add(watched)
    if (this.timer !== undefined) return
    this.now = performance.now()
    this.timer = setInterval(() => this.beat(), this.tick)
    this.timer.unref()
  }

  remove(watched: Watched): void {
    this.watched.delete(watched)
    if (this.watched.size > 0) return
    clearInterval(this.timer)
    this.timer = undefined
  }

  private beat(): void {
    this.now = performance.now()
    // The sweep before may still be under way: it comes round to everybody.
    if (this.rest !== undefined) return
    this.rest = this.watched.values()
    this.sweep()
  }

  private sweep(): void {
    const { rest, now } = this
    if (rest === undefined) return
    const start = performance.now()
    for (let count = 1; ; count++) {
      const next = rest.next()
      if (next.done === true) {
        this.rest = undefined
        return
      }
      const watched = next.value
      const due = watched.deadline !== 0 && now >= watched.deadline
      if (due) watched.due()
      watched.look(now)
      // Most only wait; what is due costs an answer.
      if ((due || count % LOOKS_PER_CLOCK === 0) && performance.now() - start > SLICE) {
        setImmediate(() => this.sweep())
        return
      }
    }
  }
}
