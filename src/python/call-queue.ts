/** Requests that wait for a worker, in order. */
import type { Call } from './call.ts'

export class CallQueue {
  /** Those that a worker has given back were there before all others. */
  private returned = new Set<Call>()
  private readonly waiting = new Set<Call>()

  /** How many wait. */
  get size(): number {
    return this.returned.size + this.waiting.size
  }

  get first(): Call | undefined {
    for (const call of this.returned) return call
    for (const call of this.waiting) return call
    return undefined
  }

  *[Symbol.iterator](): IterableIterator<Call> {
    yield* this.returned
    yield* this.waiting
  }

  add(call: Call): void {
    this.waiting.add(call)
  }

  /** @param calls in order */
  giveBack(calls: readonly Call[]): void {
    this.returned = new Set([...calls, ...this.returned].sort((a, b) => a.since - b.since))
  }

  remove(call: Call): boolean {
    return this.returned.delete(call) || this.waiting.delete(call)
  }
}
