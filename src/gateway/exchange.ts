/**
 * The seam: one request in, one answer out, whatever the wire and whatever the kind of application.
 * Below it nobody knows about applications; above it nobody knows about wires.
 */
import type { Duplex } from 'node:stream'
import type { CauseName } from '../http/causes.ts'
import type { Peer } from '../http/peer.ts'
import type { Phases, PhaseTimes } from '../http/phases.ts'
import type { ExchangeClosed } from '../http/exchange-closed.ts'
import type { FieldLines, RequestHead } from '../http/request-head.ts'

/** Response fields as PEP 3333 has them: pairs of name and value, latin-1 text. */
export type Fields = readonly (readonly [name: string, value: string])[]

/** The body of a request, pulled by whoever wants it. */
export interface BodySource {
  /** In bytes; 0 where there is none, null where only the end will tell (chunked). */
  readonly length: number | null
  /**
   * The next bytes, null at the end; at once where they are there already, else a promise of them. They are the caller's to
   * keep. The first pull sends `100 Continue` where the client waits for one (RFC 9110 section 10.1.1).
   * Rejects with an {@link ExchangeClosed} when the body cannot be read to its end. One pull at a time.
   * @param size just as many bytes, fewer only at the end; without it as many as come
   */
  pull(size?: number): Uint8Array | null | Promise<Uint8Array | null>
  /** Field lines of the trailer section, known once pull() gave null; never merged with the head's (RFC 9110 section 6.5.1). */
  readonly trailers: FieldLines
}

/** The body of an answer that is sent in pieces. */
export interface ResponseSink {
  /** Sends at once. False: the client is slow, wait for drained(). What is written after the client has gone is dropped. */
  write(bytes: Uint8Array): boolean
  /** Several blocks, none of them empty, that are there at once. Absent: write() does as well. */
  writeBlocks?(blocks: readonly Uint8Array[]): boolean
  /** False where all that was written has left the process, so that its bytes may be used for something else. Absent: not known. */
  readonly busy?: boolean
  /**
   * Sends the head, and lends the client's connection to another process, as Node passes it: that one may write the rest of a body
   * of known length, while nothing is written here. Null where something is on its way, or the bytes on the wire are not those of the
   * body. Absent: never.
   */
  lend?(): object | null
  /** So many bytes were written by whom the connection is lent to. False: the body does not have so many more. */
  wrote?(bytes: number): boolean
  /** Sends the head although there is no block yet. */
  flush(): void
  /** Resolves when the client has taken enough to go on; rejects with an {@link ExchangeClosed} when it never will. */
  drained(): Promise<void>
  /** Trailers are sent where the wire can (RFC 9110 section 6.5). */
  end(trailers?: Fields): void
}

/** Why and how an exchange ended. */
export interface Closing {
  /** Null for an answer that was sent whole and made by the application. */
  readonly cause: CauseName | null
  /** The status that went out; 0 if none did. */
  readonly status: number
  /** Bytes of the answer's body that were handed to the wire, without framing. */
  readonly bytes: number
  /** Fields of the answer as they were given; without those that the wire adds. */
  readonly fields: Fields
  /** How long it took; null where nobody had asked for it with {@link Exchange.times}. */
  readonly phases: Phases | null
}

export interface Exchange {
  /** What the request is called in logs: a trusted peer's `X-Request-Id`, else a name of its own. */
  readonly id: string
  readonly head: RequestHead
  readonly peer: Peer
  readonly body: BodySource
  /** False until a final answer has begun. */
  readonly begun: boolean
  /** True once the exchange is over, for whatever reason. */
  readonly closed: boolean
  /** True once the client has ended its side: gone, or (it cannot be told apart) waiting for the answer on a half-closed connection. */
  readonly clientEnded: boolean
  /** Set by whoever wants to know how long the exchange takes, where nobody has yet, before the application has it. */
  times?: PhaseTimes | undefined
  /** What the application calls the route that it has found, such as `/users/<id>`: for metrics and logs. */
  route?: string | undefined
  /** Of the application that was chosen of several, such as `python`: for metrics. */
  kind?: string | undefined
  /**
   * A whole answer at once: the fast path. The server adds `Date`, `Server`, `Content-Length` and what the wire needs.
   * @param status code and reason, `200 OK`
   * @param body whole, or in blocks that are sent one behind the other
   * @throws {TypeError} for a status or field that could not go on the wire, before anything is sent
   */
  answer(status: string, fields: Fields, body?: Uint8Array | readonly Uint8Array[]): void
  /** An answer in pieces. The head leaves with the first write, or with end(). Throws as answer() does. */
  begin(status: string, fields: Fields): ResponseSink
  /** An interim answer such as `103 Early Hints`; nothing where the client's version has none. */
  informational(status: string, fields: Fields): void
  /**
   * `101`, or `200` to a `CONNECT`: the raw stream, which gives first what was read past the head. It emits `retire` when the
   * server stops, and is cut after the grace time.
   */
  upgrade(status: string, fields: Fields): Duplex
  /** The server's own answer for a cause; a cut where the answer has begun. */
  fail(cause: CauseName, detail: string): void
  /**
   * Called once when `clientEnded` becomes true before the exchange is over; at once if it is already. Absent where the wire
   * tells by the end of the exchange alone that a client has gone.
   */
  onClientEnd?(listener: () => void): void
  /** Called once when the exchange is over; at once if it is already. */
  onClose(listener: (closing: Closing) => void): void
}

/** What takes exchanges: an application, wrapped. Never throws. */
export type Gateway = (exchange: Exchange) => void
