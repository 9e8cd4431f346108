/** The body of a request: pieces are put in as they arrive and pulled by the application, with a bound on what waits between. */
import type { CauseName } from '../causes.ts'
import { ExchangeClosed } from '../exchange-closed.ts'

/** Above this the client is not read from; below half of it, it is again. */
const HIGH_WATER = 65536
/** What a piece costs besides its bytes: a client that sends one byte a chunk must not fill the memory with objects. */
const PIECE = 128

/** What the body tells the connection it belongs to. */
export interface BodyOwner {
  /** Somebody waits for bytes. */
  bodyWanted(): void
  /** Too much waits, or no longer. */
  bodyFull(): void
  bodyDrained(): void
}

export interface RequestBody {
  readonly length: number | null
  readonly trailers: readonly string[]
  pull(): Uint8Array | null | Promise<Uint8Array | null>
}

/** Of a request without one. */
export const NO_BODY: RequestBody = { length: 0, trailers: [], pull: () => null }

export class IncomingBody implements RequestBody {
  readonly length: number | null
  trailers: readonly string[] = []
  /** Somebody has asked for the body: it may be expected to be read to its end. */
  pulled = false

  private readonly owner: BodyOwner
  private pieces: Buffer[] = []
  private waiting = 0
  private full = false
  private complete = false
  private failure: ExchangeClosed | undefined
  private resolve: ((piece: Buffer | null) => void) | undefined
  private reject: ((error: ExchangeClosed) => void) | undefined

  constructor(length: number | null, owner: BodyOwner) {
    this.length = length
    this.owner = owner
  }

  pull(): Buffer | null | Promise<Buffer | null> {
    this.pulled = true
    const piece = this.pieces.shift()
    if (piece !== undefined) {
      this.waiting -= piece.length + PIECE
      if (this.full && this.waiting <= HIGH_WATER / 2) {
        this.full = false
        this.owner.bodyDrained()
      }
      return piece
    }
    if (this.complete) return null
    if (this.failure !== undefined) return Promise.reject(this.failure)
    if (this.resolve !== undefined) return Promise.reject(new Error('the body is being read already: one pull at a time'))
    return new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
      this.owner.bodyWanted()
    })
  }

  /** The bytes are copied: the caller reuses its buffer. */
  push(bytes: Buffer, from: number, to: number): void {
    const piece = Buffer.allocUnsafe(to - from)
    bytes.copy(piece, 0, from, to)
    const { resolve } = this
    if (resolve !== undefined) {
      this.resolve = undefined
      resolve(piece)
      return
    }
    this.pieces.push(piece)
    this.waiting += piece.length + PIECE
    if (!this.full && this.waiting > HIGH_WATER) {
      this.full = true
      this.owner.bodyFull()
    }
  }

  end(trailers: readonly string[]): void {
    this.trailers = trailers
    this.complete = true
    this.resolve?.(null)
    this.resolve = undefined
  }

  /** What has not been pulled is dropped. */
  fail(cause: CauseName, detail: string): void {
    if (this.complete) return
    this.failure = new ExchangeClosed(cause, detail)
    this.pieces = []
    if (this.resolve === undefined) return
    this.resolve = undefined
    this.reject?.(this.failure)
  }

  /** True while pull() has given a promise that bytes will settle. */
  get wanted(): boolean {
    return this.resolve !== undefined
  }
}
