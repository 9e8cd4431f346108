/** The contract of a fetch handler: `fetch(request, env, context)`, as Cloudflare's workers and Hono have it. */
import type { Duplex } from 'node:stream'
import type { Peer } from '../../http/peer.ts'
import type { Fields } from '../exchange.ts'

/** `env.pulsar`: what HTTP can do and the Fetch Standard has no words for. */
export interface FetchConnection {
  readonly peer: Peer
  /** The path that the application is mounted at, which the URL of its requests is without. */
  readonly scriptName: string
  /** True once the exchange is over: answered, upgraded, or the client has gone. */
  readonly closed: boolean
  /** An interim answer, such as `103 Early Hints` (RFC 8297). */
  informational(status: string, headers: Fields): void
  /**
   * `101 Switching Protocols`, or `200` to a `CONNECT`: the raw stream, the handler's from here on; what it returns is not
   * looked at. The stream emits `retire` when the server stops.
   */
  upgrade(status: string, headers: Fields): Duplex
  /** Called once when the exchange is over. */
  onClose(listener: () => void): void
}

/** The second argument; Hono's `c.env`. */
export interface FetchEnv {
  readonly pulsar: FetchConnection
}

/** The third argument; Hono's `c.executionCtx`. */
export interface FetchContext {
  /** Work that goes on behind the answer: a server that stops gracefully waits for it, a rejection is logged. */
  waitUntil(work: PromiseLike<unknown>): void
  /** Of Cloudflare's contract; there is nothing here to pass on to. */
  passThroughOnException(): void
  readonly props: Readonly<Record<string, unknown>>
}

/** What `fromFetch()` takes: a Hono or h3 application, `{ fetch }`. */
export interface FetchApplication {
  /** `signal` of the request is aborted when the client goes before it has the answer. */
  fetch(request: Request, env: FetchEnv, context: FetchContext): Response | PromiseLike<Response>
}

/** The function alone. */
export type FetchHandler = FetchApplication['fetch']
