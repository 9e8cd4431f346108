/** Functions of the user's that are called as the server goes on; from the config file or the constructor. */
import type { CauseName } from '../http/causes.ts'
import type { Peer } from '../http/peer.ts'
import type { RequestHead } from '../http/request-head.ts'
import { SettingsError, shown } from './settings-error.ts'

/** A process of the server, as hooks see it. */
export interface ServerProcess {
  /** `server` where there is no arbiter. */
  readonly role: 'arbiter' | 'worker' | 'server'
  readonly pid: number
  /** Counts workers from 1 on; 0 for the others. */
  readonly id: number
}

export interface AnsweredRequest {
  readonly head: RequestHead
  readonly peer: Peer
  /** The status that was sent; 0 where none was. */
  readonly status: number
  /** Bytes of the answer's body. */
  readonly bytes: number
  /** Milliseconds from the head of the request to the end of the answer. */
  readonly duration: number
  /** A row of `docs/errors.md`; null for an answer that the application made and that was sent whole. */
  readonly cause: CauseName | null
}

type Result = void | PromiseLike<void>

/** Each may be asynchronous. One that throws, or whose promise is rejected, is logged and has no other consequence. */
export interface Hooks {
  /** In a new worker, before the application is loaded; waited for. */
  readonly postFork?: ((worker: ServerProcess) => Result) | undefined
  /** In every process, when it serves. */
  readonly whenReady?: ((process: ServerProcess) => Result) | undefined
  /** Where a process asks whether it can do its work: not where it throws, or its promise is rejected. For `/readyz`. */
  readonly health?: ((process: ServerProcess) => Result) | undefined
  /** In every process that ends in order, as the last; waited for. */
  readonly whenExit?: ((process: ServerProcess) => Result) | undefined
  readonly connectionMade?: ((peer: Peer) => Result) | undefined
  readonly connectionLost?: ((peer: Peer) => Result) | undefined
  /** When the head of a request has been read; the application is called when it has ended. */
  readonly preRequest?: ((head: RequestHead, peer: Peer) => Result) | undefined
  /** When the answer has been sent, or never will be. */
  readonly postRequest?: ((request: AnsweredRequest) => Result) | undefined
}

export type HookName = keyof Hooks

/** For people: what each is called with, and when. `docs/settings.md` has it. */
export const hookTexts = {
  postFork: '`(worker)`: in a new worker, before the application is loaded; waited for.',
  whenReady: '`(process)`: in the arbiter and in each worker, when it serves.',
  health: '`(process)`: in each worker, when `/readyz` of the admin server is asked (docs/observability.md): what it throws is why it is not ready.',
  whenExit: '`(process)`: in the arbiter and in each worker that ends in order, as the last; waited for.',
  connectionMade: '`(peer)`: a connection was accepted.',
  connectionLost: '`(peer)`: a connection is closed.',
  preRequest: '`(head, peer)`: the head of a request was read; the application is called when the hook has ended.',
  postRequest: '`({ head, peer, status, bytes, duration, cause })`: the answer was sent, or never will be.',
} as const
hookTexts satisfies Record<HookName, string>

export const hookNames: readonly HookName[] = Object.freeze(Object.keys(hookTexts) as HookName[])

export function isHookName(name: string): name is HookName {
  return Object.hasOwn(hookTexts, name)
}

/** The hooks of a config file or of constructor parameters. @throws {SettingsError} for one that is no function */
export function hooksOf(values: object, source: string): Hooks {
  const hooks: Partial<Record<HookName, unknown>> = {}
  for (const name of hookNames) {
    const value = (values as Record<string, unknown>)[name]
    if (value === undefined || value === null) continue
    if (typeof value !== 'function') throw new SettingsError(name, source, `expected a function; got ${shown(value)}`)
    hooks[name] = value
  }
  return hooks as Hooks
}
