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
  pullInto(target: Buffer, offset: number): number | Promise<number>
}

/** Of a request without one. */
export const NO_BODY: RequestBody = { length: 0, trailers: [], pull: () => null, pullInto: () => 0 }

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
  private reader: Reader | undefined

  constructor(length: number | null, owner: BodyOwner) {
    this.length = length
    this.owner = owner
  }

  pull(): Buffer | null | Promise<Buffer | null> {
    this.pulled = true
    const piece = this.pieces.shift()
    if (piece !== undefined) {
      this.taken(piece.length + PIECE)
      return piece
    }
    if (this.complete) return null
    return this.wait((resolve) => ({
      take: (bytes, from, to) => {
        resolve(copyOf(bytes, from, to))
        return to
      },
      end: () => resolve(null),
    }))
  }

  pullInto(target: Buffer, offset: number): number | Promise<number> {
    this.pulled = true
    const piece = this.pieces[0]
    if (piece !== undefined) {
      const count = piece.copy(target, offset)
      if (count < piece.length) {
        this.pieces[0] = piece.subarray(count)
        this.taken(count)
      } else {
        this.pieces.shift()
        this.taken(count + PIECE)
      }
      return count
    }
    if (this.complete) return 0
    return this.wait((resolve) => ({
      take: (bytes, from, to) => {
        const count = bytes.copy(target, offset, from, to)
        resolve(count)
        return from + count
      },
      end: () => resolve(0),
    }))
  }

  /** The bytes are copied: the caller reuses its buffer. */
  push(bytes: Buffer, from: number, to: number): void {
    const { reader } = this
    let rest = from
    if (reader !== undefined) {
      this.reader = undefined
      rest = reader.take(bytes, from, to)
      if (rest === to) return
    }
    const piece = copyOf(bytes, rest, to)
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
    this.reader?.end()
    this.reader = undefined
  }

  /** What has not been pulled is dropped. */
  fail(cause: CauseName, detail: string): void {
    if (this.complete || this.failure !== undefined) return
    this.failure = new ExchangeClosed(cause, detail)
    this.pieces = []
    this.reader?.fail(this.failure)
    this.reader = undefined
  }

  /** True while a promise waits for bytes. */
  get wanted(): boolean {
    return this.reader !== undefined
  }

  private wait<T>(reader: (resolve: (value: T) => void) => Omit<Reader, 'fail'>): Promise<T> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    if (this.reader !== undefined) return Promise.reject(new Error('the body is being read already: one pull at a time'))
    return new Promise((resolve, reject) => {
      this.reader = { ...reader(resolve), fail: reject }
      this.owner.bodyWanted()
    })
  }

  private taken(count: number): void {
    this.waiting -= count
    if (!this.full || this.waiting > HIGH_WATER / 2) return
    this.full = false
    this.owner.bodyDrained()
  }
}

/** Who waits for bytes. */
interface Reader {
  /** Uses up bytes from `from`, at most up to `to`: where it stopped. */
  take(bytes: Buffer, from: number, to: number): number
  end(): void
  fail(error: ExchangeClosed): void
}

function copyOf(bytes: Buffer, from: number, to: number): Buffer {
  const copy = Buffer.allocUnsafe(to - from)
  bytes.copy(copy, 0, from, to)
  return copy
}
