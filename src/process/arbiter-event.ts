import type { Launch, Sockets } from './launch.ts'
import type { BlockedReport } from './messages.ts'
import type { Action } from './signals.ts'
import type { Connection, HeardMessage, WorkerExit, WorkerHandle } from './worker-handle.ts'

/** What happens to an arbiter; taken one after the other. */
export type ArbiterEvent =
  | { readonly type: 'action', readonly action: Action, readonly signal: string }
  | { readonly type: 'message', readonly worker: WorkerHandle, readonly message: HeardMessage }
  | { readonly type: 'moved', readonly connection: Connection }
  | { readonly type: 'blocked', readonly worker: WorkerHandle, readonly report: BlockedReport }
  | { readonly type: 'exited', readonly worker: WorkerHandle, readonly exit: WorkerExit }
  /** So many workers are wanted. */
  | { readonly type: 'scale', readonly count: number, readonly by: string }
  | { readonly type: 'close', readonly grace: number | null }
  | { readonly type: 'bound', readonly launch: Launch, readonly sockets: Sockets | Error }
  | { readonly type: 'changed', readonly path: string }
  | { readonly type: 'succeeded', readonly failure: string | null }
  | { readonly type: 'tick' }
