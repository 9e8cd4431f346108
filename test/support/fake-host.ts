/** What an HTTP/1.1 connection is given in place of a socket: all that it sends is kept, all that it asks for is noted. */
import type { Duplex } from 'node:stream'
import { causes, type CauseName } from '../../src/http/causes.ts'
import type { ErrorAnswer, H1Exchange } from '../../src/http/h1/exchange.ts'
import type { H1Host, Phase } from '../../src/http/h1/host.ts'
import type { Peer } from '../../src/http/peer.ts'
import { statusLine } from '../../src/http/statuses.ts'

export class FakeHost implements H1Host {
  readonly peer: Peer = {
    remoteAddress: '192.0.2.1',
    remotePort: 4711,
    localAddress: '192.0.2.2',
    localPort: 80,
    encrypted: false,
  }
  readonly refusals: CauseName[] = []
  phase: Phase = 'new'
  paused = false
  /** This side was ended in order. */
  ended = false
  /** Both sides were closed, or reset. */
  closed = false
  readonly #application: (exchange: H1Exchange) => void
  readonly #pieces: Buffer[] = []

  constructor(application: (exchange: H1Exchange) => void) {
    this.#application = application
  }

  sent(): Buffer {
    return Buffer.concat(this.#pieces)
  }

  request(exchange: H1Exchange): void {
    this.#application(exchange)
  }

  write(data: string | Uint8Array): boolean {
    if (this.ended || this.closed) throw new Error('bytes behind the end')
    this.#pieces.push(typeof data === 'string' ? Buffer.from(data, 'latin1') : Buffer.from(data))
    return true
  }

  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
  }
  end(): void {
    this.ended = true
  }
  close(): void {
    this.closed = true
  }
  reset(): void {
    this.closed = true
  }
  wait(phase: Phase): void {
    this.phase = phase
  }

  detach(): Duplex {
    throw new Error('nothing to hand over')
  }

  requestId(): string {
    return 'fake-1'
  }

  errorAnswer(cause: CauseName): ErrorAnswer {
    return { status: statusLine(causes[cause].status), fields: [], body: Buffer.from(cause) }
  }

  refused(cause: CauseName): void {
    this.refusals.push(cause)
  }
}
