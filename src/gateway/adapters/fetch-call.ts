/** One request to a fetch handler: its second and third argument. */
import type { Duplex } from 'node:stream'
import type { Peer } from '../../http/peer.ts'
import type { Fields } from '../exchange.ts'
import type { BackgroundWork } from './background-work.ts'
import type { FetchConnection, FetchContext } from './fetch-handler.ts'
import type { RequestSource } from './request-source.ts'

/** What calls of one application share. */
export interface CallHost {
  readonly background: BackgroundWork
  /** The path that the application is mounted at. */
  readonly scriptName: string
  /** Told of what goes wrong behind an answer. */
  report(source: RequestSource, error: unknown): void
}

const NO_PROPS: Readonly<Record<string, unknown>> = Object.freeze({})

export class FetchCall implements FetchConnection, FetchContext {
  readonly #source: RequestSource
  readonly #host: CallHost

  constructor(source: RequestSource, host: CallHost) {
    this.#source = source
    this.#host = host
  }

  get peer(): Peer {
    return this.#source.peer
  }

  get scriptName(): string {
    return this.#host.scriptName
  }

  get closed(): boolean {
    return this.#source.closed
  }

  informational(status: string, headers: Fields): void {
    this.#source.informational(status, headers)
  }

  upgrade(status: string, headers: Fields): Duplex {
    return this.#source.upgrade(status, headers)
  }

  onClose(listener: () => void): void {
    this.#source.onClose(() => listener())
  }

  waitUntil(work: PromiseLike<unknown>): void {
    this.#host.background.add(work, (error) => this.#host.report(this.#source, error))
  }

  passThroughOnException(): void {}

  get props(): Readonly<Record<string, unknown>> {
    return NO_PROPS
  }
}
