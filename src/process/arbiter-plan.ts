import type { Events } from '../events.ts'
import type { Sockets } from './launch.ts'
import type { Json, Terms } from './messages.ts'
import type { SuccessorLaunch } from './successor.ts'
import type { WorkerLaunch } from './worker-handle.ts'

/** What the arbiter is told by whoever wires it; all that depends on applications and sockets. */
export interface ArbiterPlan {
  readonly events: Events
  /** What is there before the first worker is. @throws where it cannot be had */
  prepare(): Promise<void>
  /** @param broken why the application cannot be loaded: the worker answers with that, whoever asks */
  launchOf(broken: string | null): WorkerLaunch
  /**
   * The sockets to serve on, with those at hand reused.
   * @throws where one cannot be had; then nothing has changed
   */
  socketsFor(terms: Terms): Promise<Sockets>
  /** The sockets that are served on from now on; what else was bound can go. */
  settle(sockets: Sockets): void
  /** No socket is needed any more. `handedOver`: another arbiter goes on with them. */
  release(handedOver: 'handed over' | 'over'): void
  successorLaunch(): SuccessorLaunch
  /** Every worker of the first launch serves. */
  serving(sockets: Sockets): void
  /** Systemd and the like are told. */
  notify(state: 'reloading' | 'ready' | 'stopping'): void
  /** What a worker has counted since it started. */
  reported(worker: number, report: Json): void
  /** A worker has ended: it reports no more. */
  departed(worker: number): void
  /** It ended out of order, or was killed; `how` is what the log has. */
  died(worker: number, how: string): void
  /** Restart on changes of sources. */
  readonly watching: boolean
  /** Signals are ours. A program that owns its process may keep them. */
  readonly handlesSignals: boolean
}
