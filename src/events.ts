/**
 * What rooms announce. Code publishes, observers subscribe: nothing that serves a request knows a logger or a counter.
 */
import type { CauseName } from './http/causes.ts'
import type { Peer } from './http/peer.ts'
import type { Phases } from './http/phases.ts'
import type { RequestHead } from './http/request-head.ts'

export interface EventMap {
  /** The server serves on an address: `http://127.0.0.1:8060`, `unix:/run/app.sock`. */
  serving: { readonly address: string }
  /** The server no longer accepts; `connections` are still open. */
  draining: { readonly connections: number }
  stopped: Record<string, never>
  /** The server made an answer itself, or cut a connection; `head` and `id` where the request was known. */
  refused: { readonly cause: CauseName; readonly detail: string; readonly peer: Peer; readonly head: RequestHead | null; readonly id: string | null }
  /** What an application threw, or how it broke the contract. */
  applicationError: { readonly error: unknown; readonly peer: Peer; readonly head: RequestHead; readonly id: string }
  /** A request took longer than the setting `slowLog`. */
  slowRequest: {
    readonly head: RequestHead, readonly peer: Peer, readonly id: string, readonly status: number, readonly cause: CauseName | null, readonly phases: Phases
  }
  /** A request had to wait for a Python worker: `queued` milliseconds. */
  requestQueued: { readonly head: RequestHead; readonly peer: Peer; readonly id: string; readonly queued: number }
  /** Something that an operator should know of and that no request failed for. */
  warning: { readonly text: string; readonly error?: unknown }
  /** Something that an operator wants to see and that is well. */
  notice: { readonly text: string }
  /** Something failed, and what it was for is lost. */
  failure: { readonly text: string; readonly error?: unknown; readonly stack?: string; readonly requests?: readonly string[] }
  /** Log files were moved away: whoever writes one opens it anew. */
  reopenLogs: Record<string, never>
  /** The least serious lines that are logged from now on. */
  logLevel: { readonly level: 'debug' | 'info' | 'warning' | 'error' | 'critical' | 'none' }
  /** Text that an application wrote to `wsgi.errors`. */
  errorsWritten: { readonly text: string; readonly id: string }
}

export type EventName = keyof EventMap
type Listener<K extends EventName> = (event: EventMap[K]) => void

export class Events {
  private readonly listeners: { [K in EventName]?: Listener<K>[] } = {}

  /** Gives the function that ends the subscription. A listener must not throw. */
  subscribe<K extends EventName>(name: K, listener: Listener<K>): () => void {
    const listeners: Listener<K>[] = this.listeners[name] ?? []
    this.listeners[name] = [...listeners, listener] as Events['listeners'][K]
    return () => {
      this.listeners[name] = (this.listeners[name] as Listener<K>[]).filter((other) => other !== listener) as Events['listeners'][K]
    }
  }

  publish<K extends EventName>(name: K, event: EventMap[K]): void {
    const listeners: Listener<K>[] | undefined = this.listeners[name]
    if (listeners === undefined) return
    for (const listener of listeners) listener(event)
  }
}
