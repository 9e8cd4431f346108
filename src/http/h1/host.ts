/** What an HTTP/1.1 connection needs of the world around it: a transport, a clock's attention, somebody to answer. */
import type { Duplex } from 'node:stream'
import type { CauseName } from '../causes.ts'
import type { Peer } from '../peer.ts'
import type { RequestHead } from '../request-head.ts'
import type { ErrorAnswer, H1Exchange } from './exchange.ts'

/**
 * What the connection waits for, and so which time limit holds:
 * - `new`: the first byte
 * - `idle`: the first byte of another request
 * - `head`: the rest of a head
 * - `body`: bytes of a body that somebody wants
 * - `application`: the application, to begin its answer
 * - `answer`: the application, to go on with its answer
 * - `closing`: the client, to close its side
 * - `upgraded`: nothing; the bytes are the application's
 */
export type Phase = 'new' | 'idle' | 'head' | 'body' | 'application' | 'answer' | 'closing' | 'upgraded'

export interface H1Host {
  readonly peer: Peer
  /** A request has come: give it to an application. Must not throw. */
  request(exchange: H1Exchange): void
  /** Sends latin-1 text or bytes; false: wait until flushed() is called. */
  write(data: string | Uint8Array): boolean
  /** False where all bytes that were written have left the process. Absent: not known. */
  readonly busy?: boolean
  /** The transport, for another process to write to; null where something is still on its way, or it cannot be passed. Absent: never. */
  lend?(): object | null
  /** Latin-1 text and the bytes behind it, in as few writes as the system can; false as for write(). Absent: one write for each. */
  writeBlocks?(text: string, blocks: readonly Uint8Array[]): boolean
  /** Reading stops, or goes on. */
  pause(): void
  resume(): void
  /** Ends this side after all that was written. */
  end(): void
  /** Closes both sides, after what was written has gone out. */
  close(): void
  /** Closes at once, such that the client cannot take it for a regular end. */
  reset(): void
  /** A wait begins. */
  wait(phase: Phase): void
  /** From here on the transport is the application's; `leftover` was read past the head. */
  detach(leftover: Buffer | null): Duplex
  /** The server's own answer for a cause. */
  errorAnswer(cause: CauseName, head: RequestHead | null): ErrorAnswer
  /** What a request is called in logs. */
  requestId(head: RequestHead): string
  /** A request was refused before there was an exchange, or while its body was read. */
  refused(cause: CauseName, detail: string): void
}
