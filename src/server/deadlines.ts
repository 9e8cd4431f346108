/**
 * Time limits of connections, looked at together once a tick instead of a timer each: entering a wait costs two stores.
 * A limit holds to within one tick, and never ends early.
 */

export interface Watched {
  /** In the clock's milliseconds; 0 for none. */
  deadline: number
  /** The deadline has passed. */
  due(): void
  /** Once a tick, for what has no fixed deadline. */
  look(now: number): void
}

export class Deadlines {
  /** Milliseconds, as of the last tick. */
  now: number
  private readonly tick: number
  private readonly watched = new Set<Watched>()
  private timer: NodeJS.Timeout | undefined

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
    this.timer = setInterval(() => this.sweep(), this.tick)
    this.timer.unref()
  }

  remove(watched: Watched): void {
    this.watched.delete(watched)
    if (this.watched.size > 0) return
    clearInterval(this.timer)
    this.timer = undefined
  }

  private sweep(): void {
    const now = performance.now()
    this.now = now
    for (const watched of this.watched) {
      if (watched.deadline !== 0 && now >= watched.deadline) watched.due()
      watched.look(now)
    }
  }
}
