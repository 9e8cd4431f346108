/**
 * Workers accept from one shared queue. Of two that are idle the system tends to wake the same one for each connection, so one
 * that is well ahead stops accepting until the others have caught up. Pure.
 */

export interface Balanced {
  readonly connections: number
  readonly paused: boolean
  /** It was heard of lately: one that is busy, or hangs, is not waited for. */
  readonly fresh: boolean
}

/** So many connections more than another, and a quarter, are no imbalance. */
const LEEWAY = 6
const FACTOR = 1.25
/** An imbalance is over when so many more are left. */
const REST = 3

/** What to do with a worker, given the others that serve. */
export function balance(worker: Balanced, others: readonly Balanced[]): 'pause' | 'resume' | 'stay' {
  const open = others.filter(({ paused, fresh }) => !paused && fresh)
  // Somebody must accept: the others may be paused themselves, or silent.
  if (open.length === 0) return worker.paused ? 'resume' : 'stay'
  const least = Math.min(...open.map(({ connections }) => connections))
  if (worker.paused) return worker.connections <= least + REST ? 'resume' : 'stay'
  return worker.connections > least * FACTOR + LEEWAY ? 'pause' : 'stay'
}
