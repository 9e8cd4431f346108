/**
 * Workers accept from one shared queue, and whoever wakes first takes all that is there: of 64 connections at once one worker
 * may take each. One that has more connections than the others waits a moment after each that it accepts, in which they can.
 */
const cell = new Int32Array(new SharedArrayBuffer(4))

/** So many more than the others are nothing to wait for. */
const LEEWAY = 3
/** Milliseconds: enough for another process to wake, little for what runs here. */
const MOMENT = 0.3

export class AcceptShare {
  /** Told of each. */
  report: ((open: number) => void) | undefined
  private others: number | null = null

  /** The fewest connections that another worker has, as last heard; null where there is none. */
  othersHave(connections: number | null): void {
    this.others = connections
  }

  /** @param open connections that this worker has now */
  accepted(open: number): void {
    this.report?.(open)
    if (this.others !== null && open > this.others + LEEWAY) Atomics.wait(cell, 0, 0, MOMENT)
  }
}
