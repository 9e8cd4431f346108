/** A case of PEP 3333's contract: an application, what a client sends, what must come out. */
import type { RawClient } from '../../support/raw-client.ts'

export interface Answer {
  readonly status: number
  readonly reason?: string
  /** Values by name, in order; an empty list: the field must not be there. */
  readonly fields?: Readonly<Record<string, readonly string[]>>
  /** As latin-1. */
  readonly body?: string
  /** The body is cut short such that the client can tell. */
  readonly cut?: true
}

export interface Conversation {
  readonly client: RawClient
  /** Field lines that a request to the case needs. */
  readonly lines: string
  /** Lets `wait_for_client(environ)` return. */
  go(): void
}

export interface Case {
  /** A sentence; with the way in brackets it is the name of a test. */
  readonly name: string
  /** Python, with `application`; `TEXT`, `note(event)` and `wait_for_client(environ)` are given. */
  readonly application: string
  /** Request line and field lines, without what leads to the case; default `GET / HTTP/1.1`. */
  readonly request?: string
  /** What follows the head, each piece in a write of its own. */
  readonly body?: readonly string[]
  /** In place of request and answer, where the order of what is sent and received matters. */
  readonly talk?: (conversation: Conversation) => Promise<void>
  readonly answer?: Answer
  /** What of the answer is Pulsar's choice, where PEP 3333 leaves one. */
  readonly onPulsar?: Answer
  /** What the application noted, in order. */
  readonly events?: readonly unknown[]
  /** What Pulsar's log must have. */
  readonly log?: RegExp
  /** Why wsgiref.validate, or Pulsar's validator, cannot stand around it: mostly that the rule is about who breaks one. */
  readonly bare?: string
  /** Why gunicorn is not asked. */
  readonly withoutGunicorn?: string
}
