/** What the arbiter and a worker say to each other, over Node's channel between parent and child. */

/** A setting's value, or anything else, that survives JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** How a worker gets its application: whatever `app/` wants its own worker entry to know. */
export type Task = { readonly [key: string]: Json }

/** How to come to an end: what runs is finished. Seconds. */
export interface Drain {
  /** After so long what still runs is cut. */
  readonly grace: number
  /** After so long connections that are silent are closed; before, they are told with their next answer. */
  readonly silence: number
  /** Whether who has connected and was not accepted yet is accepted, or left to the other workers. */
  readonly backlog: 'accept' | 'leave'
  /** Silent connections stay here, or go to the arbiter at once, which gives them to workers that come after. */
  readonly silent: 'stay' | 'move'
}

export type ToWorker =
  | { readonly type: 'begin', readonly id: number, readonly task: Task }
  /** Comes with the socket's handle. */
  | { readonly type: 'socket', readonly address: string }
  /** Comes with the handle of a silent connection, to go on with. */
  | { readonly type: 'connection' }
  /** Listen on the sockets that came since the last time. */
  | { readonly type: 'serve' }
  /** Accept nothing until the next `serve`; connections stay. */
  | { readonly type: 'pause' }
  | ({ readonly type: 'drain' } & Drain)
  /** The fewest connections that any other worker has; null where there is no other. */
  | { readonly type: 'others', readonly connections: number | null }
  | { readonly type: 'reopenLogs' }
  /** Asks what only `app/` understands; `told` answers it. */
  | { readonly type: 'ask', readonly ticket: number, readonly question: Json }
  /** What sessions that any worker began are resumed with by the others; base64. */
  | { readonly type: 'sessionKeys', readonly keys: string }
  | Published
  /** So many published messages were not passed on, because this worker did not take those before. */
  | { readonly type: 'unheard', readonly messages: number }
  /** The answer to `flush`, behind all that was published before it. */
  | { readonly type: 'flushed' }

/** A message of publish and subscribe: a worker says it, and the arbiter passes it to every other worker. */
export type Published =
  | { readonly type: 'publish', readonly channel: string, readonly text: string }
  | { readonly type: 'publish', readonly channel: string, readonly base64: string }

/** What the arbiter must know of the settings that a worker has read. Seconds, MiB. */
export interface Terms {
  readonly workers: number
  /** Addresses to listen on, as `formatAddress()` writes them. */
  readonly addresses: readonly string[]
  readonly timeout: number
  readonly gracefulTimeout: number
  /** The arbiter may want to know where its event loop is: its thread runs whatever `timeout` says. */
  readonly observed: boolean
  /** Connections are secured: workers have keys in common. */
  readonly encrypted: boolean
}

/** Said each second, and when many connections have come. Memory in bytes. */
export interface Alive {
  readonly type: 'alive'
  readonly connections: number
  readonly requests: number
  readonly memory: number
  /** What it has counted, for `app/`; null where nobody wants to know, and between two beats. */
  readonly report: Json
}

export type FromWorker =
  /** The application is loaded, and answers as it should; `sources` are the files that it came from, where they are watched.
   * Without terms those of before hold: the settings could not be read. */
  | { readonly type: 'loaded', readonly terms: Terms | null, readonly sources: readonly string[], readonly broken: boolean }
  | { readonly type: 'ready' }
  /** It cannot start; it ends with `status`. */
  | { readonly type: 'failed', readonly status: number, readonly text: string }
  | Alive
  /** The answer to `ask`. */
  | { readonly type: 'told', readonly ticket: number, readonly answer: Json }
  /** What it has counted, when it ends in order. */
  | { readonly type: 'last', readonly report: Json }
  /** It wants to be replaced, and goes on serving until it is. */
  | { readonly type: 'worn', readonly reason: string }
  | { readonly type: 'draining', readonly connections: number }
  /** Comes with the handle of a silent connection, of which nothing is read here any more. */
  | { readonly type: 'moved' }
  | Published
  /** Asks for `flushed`: what others published has come when it does. */
  | { readonly type: 'flush' }

/** A blocked worker's helper thread writes this, a line of JSON, to a pipe of its own: the channel belongs to the blocked thread. */
export interface BlockedReport {
  /** Seconds. */
  readonly blocked: number
  /** Null where the loop is not in JavaScript. */
  readonly stack: string | null
  readonly requests: readonly string[]
}

/** What the thread of a worker answers through the same pipe to a line that has a ticket's number. */
export interface StackReport {
  readonly ticket: number
  /** Null where the loop is not in JavaScript. */
  readonly stack: string | null
}

/** Between a command and the daemon, or an arbiter and the successor, that it started. */
export type FromSuccessor =
  | { readonly type: 'serving' }
  | { readonly type: 'failed', readonly status: number, readonly text: string }
