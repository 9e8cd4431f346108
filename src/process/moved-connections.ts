/**
 * Connections without a worker: silent ones of workers that were retired before others served. They are kept, unread, as those
 * are that wait in the sockets' queues.
 */
import type { Connection } from './worker-handle.ts'

/** Goes on with connections. */
export interface Taker {
  readonly connections: number
  give(connection: Connection): void
}

export class MovedConnections {
  private readonly waiting: Connection[] = []

  add(connection: Connection): void {
    this.waiting.push(connection)
  }

  /** Each goes to whoever of these will have the fewest. Without any they wait on. */
  giveTo(takers: readonly Taker[]): void {
    if (takers.length === 0) return
    const shares = takers.map((taker) => ({ taker, connections: taker.connections }))
    for (const connection of this.waiting.splice(0)) {
      const share = shares.reduce((least, one) => one.connections < least.connections ? one : least)
      share.connections++
      share.taker.give(connection)
    }
  }

  /** Nobody will come. */
  close(): void {
    for (const connection of this.waiting.splice(0)) connection.close()
  }
}
