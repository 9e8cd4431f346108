/** The world around a connection that has no socket: what the server writes is kept, and no clock runs. */
import { duplexPair, type Duplex } from 'node:stream'
import { errorAnswer } from '../gateway/error-answer.ts'
import type { Gateway } from '../gateway/exchange.ts'
import { newRequestId } from '../gateway/request-id.ts'
import type { CauseName } from '../http/causes.ts'
import type { ErrorAnswer, H1Exchange } from '../http/h1/exchange.ts'
import type { H1Host } from '../http/h1/host.ts'
import type { Peer } from '../http/peer.ts'
import type { RequestHead } from '../http/request-head.ts'

export class InjectHost implements H1Host {
  readonly peer: Peer
  /** The client's end of a connection that was handed over. */
  stream: Duplex | undefined = undefined
  cause: CauseName | undefined = undefined
  /** The connection was cut, not ended. */
  wasReset = false
  /** Nothing more will be written. */
  over = false
  paused = false

  private readonly gateway: Gateway
  private readonly chunks: Buffer[] = []
  private readonly changed: () => void

  /** @param changed called when the answer may be there, or more of the request may be sent */
  constructor(peer: Peer, gateway: Gateway, changed: () => void) {
    this.peer = peer
    this.gateway = gateway
    this.changed = changed
  }

  get written(): Buffer {
    return Buffer.concat(this.chunks)
  }

  request(exchange: H1Exchange): void {
    exchange.onClose(({ cause }) => {
      this.cause ??= cause ?? undefined
      this.finish()
    })
    this.gateway(exchange)
  }

  write(data: string | Uint8Array): boolean {
    // Bytes of the application's may change when it has them back.
    this.chunks.push(typeof data === 'string' ? Buffer.from(data, 'latin1') : Buffer.from(data))
    return true
  }

  refused(cause: CauseName): void {
    this.cause ??= cause
  }

  requestId(): string {
    return newRequestId()
  }

  errorAnswer(cause: CauseName, head: RequestHead | null): ErrorAnswer {
    return errorAnswer(cause, head)
  }

  detach(leftover: Buffer | null): Duplex {
    const [server, client] = duplexPair()
    if (leftover !== null) server.unshift(leftover)
    this.stream = client
    return server
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    this.changed()
  }

  end(): void {
    this.finish()
  }

  close(): void {
    this.finish()
  }

  reset(): void {
    this.wasReset = true
    this.finish()
  }

  wait(): void {}

  private finish(): void {
    this.over = true
    this.changed()
  }
}
