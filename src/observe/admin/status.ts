/** What the admin server tells, as JSON. Times in seconds, memory in bytes. */
import type { ProcessStacks, ServiceProcess } from '../../gateway/service.ts'
import type { ProcessFigures } from '../metrics/process-gauges.ts'
import type { PastRequest, RunningRequest } from '../metrics/request-watch.ts'

export type ServerState = 'starting' | 'serving' | 'reloading' | 'stopping'

export type WorkerStatus = {
  /** 0 for a server without workers. */
  readonly id: number
  readonly pid: number
  readonly generation: number
  /** `silent`: it serves, and has not been heard of for a while: its event loop is blocked. */
  readonly state: 'starting' | 'ready' | 'silent' | 'retiring'
  readonly uptime: number
  readonly connections: number
  readonly requests: number
  readonly inFlight: number
  /** Null until it has told for the first time. */
  readonly process: ProcessFigures | null
  readonly webSockets: number
  /** Requests that wait for a Python worker. */
  readonly queue: number
  readonly python: readonly ServiceProcess[]
}

/** A worker that ended out of order, or was killed. */
export type Death = {
  readonly worker: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** As the log has it. */
  readonly how: string
}

export type Status = {
  readonly version: string
  readonly node: string
  readonly pid: number
  readonly state: ServerState
  readonly uptime: number
  readonly addresses: readonly string[]
  readonly generation: number
  /** 0: it serves itself, without workers. */
  readonly wanted: number
  readonly reloads: number
  readonly failedReloads: number
  readonly workersDied: number
  /** Of the last ten minutes, the latest first. */
  readonly deaths: readonly Death[]
  readonly workers: readonly WorkerStatus[]
}

/** What is under way, and what was worth a look of late. */
export type Requests = {
  readonly running: readonly (RunningRequest & { readonly worker: number })[]
  readonly slowest: readonly (PastRequest & { readonly worker: number })[]
  readonly failed: readonly (PastRequest & { readonly worker: number })[]
  /** Workers that did not answer. */
  readonly silent: readonly number[]
}

export type WorkerStacks = {
  readonly id: number
  readonly pid: number
  /** `free`: its event loop waits for events; `blocked`: it is in JavaScript, at `stack`; `outside`: it is not in JavaScript. */
  readonly loop: 'free' | 'blocked' | 'outside' | 'unknown'
  readonly stack: string | null
  readonly python: readonly ProcessStacks[]
}

export type Check = { readonly name: string, readonly ok: boolean, readonly detail: string }

export type Health = { readonly ready: boolean, readonly checks: readonly Check[] }

export type SettingRow = {
  readonly name: string
  /** As on the command line, without what is secret; null where nothing is set. */
  readonly value: string | null
  readonly source: string
  readonly default: string | null
}

/** A second of the server's life, for charts. */
export type Sample = {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly requests: number
  /** Seconds below which a part of the requests took: half of them, 95 and 99 percent; 0 where there were none. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly inFlight: number
  readonly queue: number
  /** Answers that the server made itself, by cause, and with `answered 500` and the like those of the application. */
  readonly causes: Readonly<Record<string, number>>
  /** Answers with a status of 500 or above. */
  readonly errors: number
}
