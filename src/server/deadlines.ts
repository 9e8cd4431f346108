/**
 * Time limits of connections, looked at together once a tick instead of a timer each: entering a wait costs two stores.
 * A limit holds to within two ticks, and never ends early.
 */

export interface Watched {
  /** Where it is among the others; the deadlines' own to set. */
  place: number
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

export class Deadlines<T extends Watched = Watched> {
  /** Milliseconds, as of the last tick. */
  now: number
  private readonly tick: number
  /**
   * In no order: the last one takes the place of one that leaves. A Set through which many go is made anew again and again, and V8
   * links each one that is given up to its successor: all that ever was in them would stay until old memory is collected.
   */
  readonly watched: readonly T[]
  private readonly members: T[] = []
  private timer: NodeJS.Timeout | undefined
  /** Where the sweep that is under way goes on, downwards: so it passes over nobody when others leave. Below 0 there is none. */
  private rest = -1

  /** @param shortest the shortest limit in use, in milliseconds */
  constructor(shortest: number) {
    this.tick = Math.max(10, Math.min(1000, shortest / 8))
    this.now = performance.now()
    this.watched = this.members
  }

  /** A moment that is at least `limit` milliseconds away; 0 where there is no limit. */
  after(limit: number): number {
    return limit === 0 ? 0 : this.now + limit + this.tick
  }

  add(watched: T): void {
    watched.place = this.members.push(watched) - 1
    if (this.timer !== undefined) return
    this.now = performance.now()
    this.timer = setInterval(() => this.beat(), this.tick)
    this.timer.unref()
  }

  remove(watched: T): void {
    const { members } = this
    if (members[watched.place] !== watched) return
    const last = members.pop() as T
    if (last !== watched) {
      members[watched.place] = last
      last.place = watched.place
    }
    if (members.length > 0) return
    clearInterval(this.timer)
    this.timer = undefined
  }

  private beat(): void {
    this.now = performance.now()
    // The sweep before may still be under way: it comes round to everybody.
    if (this.rest >= 0) return
    this.rest = this.members.length - 1
    this.sweep()
  }

  private sweep(): void {
    const { members, now } = this
    const start = performance.now()
    for (let count = 1; this.rest >= 0; count++) {
      const watched = members[this.rest--]
      // So many have left since.
      if (watched === undefined) continue
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
