/** What came back of a request that was sent without a socket. */
import type { Duplex } from 'node:stream'
import type { Fields } from '../gateway/exchange.ts'
import type { CauseName } from '../http/causes.ts'
import type { AnswerHead, ReadAnswer } from './answer-reader.ts'

export interface InjectedFacts extends ReadAnswer {
  readonly cause: CauseName | undefined
  readonly errors: readonly unknown[]
  readonly log: string
  readonly stream: Duplex | undefined
}

export class InjectedResponse {
  readonly status: number
  readonly reason: string
  /** Every line, in the order sent: `Set-Cookie` more than once. */
  readonly fields: Fields
  /** The same, by name. */
  readonly headers: Headers
  /** Interim answers that came before this one, such as 103. */
  readonly interim: readonly AnswerHead[]
  readonly body: Buffer
  readonly trailers: Fields
  /** False where the answer was cut before its end. */
  readonly complete: boolean
  /** Why, where the server made the answer itself or cut it; see docs/errors.md. */
  readonly cause: CauseName | undefined
  /** What the application threw. */
  readonly errors: readonly unknown[]
  /** What it wrote to `wsgi.errors`. */
  readonly log: string
  /** The client's end of a connection that the application took over with `upgrade()`. */
  readonly stream: Duplex | undefined

  constructor(facts: InjectedFacts) {
    this.status = facts.status
    this.reason = facts.reason
    this.fields = facts.fields
    this.headers = new Headers(facts.fields.map(([name, value]) => [name, value]))
    this.interim = facts.interim
    this.body = facts.body
    this.trailers = facts.trailers
    this.complete = facts.complete
    this.cause = facts.cause
    this.errors = facts.errors
    this.log = facts.log
    this.stream = facts.stream
  }

  /** The body as UTF-8. */
  text(): string {
    return this.body.toString()
  }

  /** The body as JSON. @throws {SyntaxError} where it is none */
  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T
  }
}
