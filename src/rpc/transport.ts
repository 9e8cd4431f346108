/** How a client's requests get to a server and the answers back. */

export interface SendOptions {
  /** Ends the wait; what the server does with the request it does. */
  readonly signal: AbortSignal | undefined
  /** For HTTP. */
  readonly headers: Readonly<Record<string, string>>
}

/** What came back, before anybody has looked at it. */
export type RawAnswer = Readonly<Record<string, unknown>>

export interface Transport {
  /**
   * Sends a request or a batch.
   * @param ids of the requests that are to be answered; none for notifications alone
   * @returns the answers in any order; one with the id null is for all
   * @throws {RpcTransportError} (a rejection), or the signal's reason
   */
  send(text: string, ids: readonly number[], options: SendOptions): Promise<readonly RawAnswer[]>
  close(): void
}

/** The answer did not come, or was none: the server may have done what it was asked for or not. */
export class RpcTransportError extends Error {
  override readonly name: string = 'RpcTransportError'
  /** Status of HTTP, where there was an answer. */
  readonly status: number | undefined

  constructor(message: string, options: { readonly status?: number, readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.status = options.status
  }
}

/** The answers in a message: one, or those to a batch. */
export function answersIn(message: unknown): readonly RawAnswer[] | undefined {
  const list: readonly unknown[] = Array.isArray(message) ? message : [message]
  const valid = list.every((one) => typeof one === 'object' && one !== null && (one as RawAnswer).jsonrpc === '2.0' && 'id' in one)
  return valid && list.length > 0 ? list as readonly RawAnswer[] : undefined
}
