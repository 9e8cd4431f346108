/** One request on its way through a Python worker, and who waits for its answer. */
import type { FileHandle } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import type { CauseName } from '../http/causes.ts'
import type { Waiting } from '../http/phases.ts'
import type { AnswerHead, WireFile } from './wire/answer.ts'
import type { Linked, LinkedList } from './linked-list.ts'
import type { RequestBodyKind } from './wire/messages.ts'

/** What REQUEST says. */
export interface EncodedRequest {
  /** As marshal() gives it. */
  readonly environ: string
  readonly kind: RequestBodyKind
  /** As marshal() gives it; `N` for none. */
  readonly body: string
}

/** Whoever waits for the answer: an exchange, or a WSGI application in TypeScript. Its methods do not throw. */
export interface Caller {
  /** `GET /path`, for the log. */
  readonly label: string
  /** The client has ended its side: gone, or waiting for the answer on a half-closed connection. */
  readonly clientEnded: boolean
  /** The whole answer at once; the body is its to keep. */
  answer(head: AnswerHead, body: Buffer): void
  /** The answer begins; blocks follow. */
  begin(head: AnswerHead): void
  /** The next blocks. Nothing where they were taken at once, else a promise that resolves when they are; which is never rejected. */
  write(blocks: readonly Buffer[]): void | Promise<void>
  /**
   * The client's connection, for Python to write the rest of the answer to, as Node passes it to a process: nothing is written here
   * until write() or end() is called. Null where it cannot be had. Absent: never, somebody here wants to see the blocks.
   */
  lend?(): object | null
  /** So many bytes of the body were written by Python. False: there are not so many. Where there is a lend(). */
  wrote?(bytes: number): boolean
  /** Bytes that write() was given may still be in use. */
  readonly busy: boolean
  end(): void
  /** A file that has been opened is the body; the handle is the caller's to close. */
  file(head: AnswerHead, handle: FileHandle, file: WireFile): void
  /** The application raised. */
  raised(error: Error): void
  /** The application broke the contract in a way that does not change the answer. */
  noted(message: string): void
  /** The server's own answer. */
  fail(cause: CauseName, detail: string): void
  /** The next bytes of a streamed body, at most so many; null at the end. Rejects where they cannot be had. */
  pull(size: number): Promise<Uint8Array | null>
  /** Python has nothing to do with the request any more; called once. */
  over(): void
}

/** Whoever can also give its connection to the application. */
export interface UpgradingCaller extends Caller {
  /** The client's connection is the application's behind this head. @throws {ExchangeClosed} where the client has gone; what else the wire refuses */
  upgrade(head: AnswerHead): Duplex
  /** The application that has taken the connection over has returned: the request is over for TypeScript too. */
  left(): void
}

/** `queued`: waits for a worker; `sent`: a worker has it; then what has come of the answer, or where it comes from. */
export type CallState = 'queued' | 'sent' | 'answering' | 'lent' | 'file' | 'over'

export class Call implements Waiting, Linked<Call> {
  readonly caller: Caller
  readonly request: EncodedRequest
  list: LinkedList<Call> | undefined = undefined
  before: Call | undefined = undefined
  after: Call | undefined = undefined
  id = 0
  state: CallState = 'queued'
  /** Nobody waits for the answer any more. */
  abandoned = false
  /** The worker knows that the client has ended its side. */
  toldOfEnd = false
  /** It took too long, and its thread is being interrupted. */
  late = false
  lateSince = 0
  /** When it began to wait for a worker; milliseconds of performance.now(). */
  readonly since: number
  /** How long it waited for a worker, in milliseconds. */
  queued = 0

  constructor(caller: Caller, request: EncodedRequest, now: number) {
    this.caller = caller
    this.request = request
    this.since = now
  }

  queueTime(now: number): number {
    return this.state === 'queued' ? now - this.since : this.queued
  }

  over(): void {
    if (this.state === 'over') return
    this.state = 'over'
    this.caller.over()
  }
}

/** What a Python application raised. The stack is Python's traceback. */
export class PythonError extends Error {
  override readonly name: string
  /** As Python prints it. */
  readonly traceback: string

  constructor(message: string, traceback: string) {
    const [, name, text] = /^([\w.]+)(?:: ?([^]*))?$/.exec(message) ?? [undefined, 'PythonError', message]
    super(text ?? '')
    this.name = name as string
    this.traceback = traceback
    Object.defineProperty(this, 'stack', { value: traceback === '' ? message : traceback.trimEnd() })
  }
}
