/** A set of workers that start together: at the first start, or at a reload. They serve when all of them can, or none does. */
import type { Terms } from './messages.ts'
import type { SharedSocket, WorkerHandle } from './worker-handle.ts'

/** Sockets as the arbiter holds them; bound, listening, never accepted from. */
export interface Sockets {
  readonly shared: readonly SharedSocket[]
  /** For people: `http://127.0.0.1:8060`. */
  readonly urls: readonly string[]
}

export class Launch {
  readonly generation: number
  /** Nothing serves yet: a failure ends the arbiter. */
  readonly first: boolean
  readonly workers: Set<WorkerHandle> = new Set()
  /** Said by the first worker that has loaded. */
  terms: Terms | undefined
  sockets: Sockets | undefined
  /** Another reload was asked for meanwhile. */
  again = false

  constructor(generation: number, first: boolean) {
    this.generation = generation
    this.first = first
  }

  every(...states: readonly WorkerHandle['state'][]): boolean {
    return this.workers.size > 0 && [...this.workers].every(({ state }) => states.includes(state))
  }
}
