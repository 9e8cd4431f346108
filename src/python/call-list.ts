/** Requests in order: those that wait for a worker, or those that one has. */
import type { Call } from './call.ts'
import { LinkedList } from './linked-list.ts'

export class CallList extends LinkedList<Call> {
  /** They are few, and answered in about the order in which they were sent. */
  find(id: number): Call | undefined {
    for (let call = this.first; call !== undefined; call = call.after) if (call.id === id) return call
    return undefined
  }

  /** Those that a worker has given back wait since before those that came later. @param calls in order */
  giveBack(calls: readonly Call[]): void {
    let later = this.first
    for (const call of calls) {
      while (later !== undefined && later.since < call.since) later = later.after
      this.insert(call, later)
    }
  }
}
