/** The body of a request: pieces are put in as they arrive and pulled by the application, with a bound on what waits between. */
import type { CauseName } from './causes.ts'
import { ExchangeClosed } from './exchange-closed.ts'

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
  pull(size?: number): Uint8Array | null | Promise<Uint8Array | null>
}

const NO_TRAILERS: readonly string[] = []

/** Of a request without one. */
export const NO_BODY: RequestBody = { length: 0, trailers: [], pull: () => null }

/** A body that came whole with its head. */
export class WholeBody implements RequestBody {
  readonly length: number
  readonly trailers: readonly string[] = NO_TRAILERS
  private bytes: Buffer
  private from = 0

  /** @param bytes the body's to keep */
  constructor(bytes: Buffer) {
    this.length = bytes.length
    this.bytes = bytes
  }

  pull(size: number = 0): Buffer | null {
    const { bytes, from } = this
    if (from === bytes.length) return null
    this.from = size === 0 ? bytes.length : Math.min(bytes.length, from + size)
    return from === 0 && this.from === bytes.length ? bytes : bytes.subarray(from, this.from)
  }
}

export class IncomingBody implements RequestBody {
  readonly length: number | null
  trailers: readonly string[] = []
  /** Somebody has asked for the body: it may be expected to be read to its end. */
  pulled = false
  /** Bytes that have arrived. */
  received = 0
  /** What was asked for last; 0 for whatever comes. */
  size = 0

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

  pull(size: number = 0): Buffer | null | Promise<Buffer | null> {
    this.pulled = true
    this.size = size
    const first = this.pieces[0]
    if (first !== undefined && (size === 0 || first.length >= size)) return this.take(first, size)
    if (first === undefined) return this.complete ? null : this.wait(size, undefined, 0)
    const target = Buffer.allocUnsafe(size)
    let filled = 0
    while (filled < size && this.pieces[0] !== undefined) filled += this.take(this.pieces[0], size - filled).copy(target, filled)
    return filled === size || this.complete ? trimmed(target, filled) : this.wait(size, target, filled)
  }

  /**
   * Bytes have arrived. Those of a `reused` buffer are copied, as its owner goes on using it.
   * @returns true where part of the buffer is kept
   */
  push(bytes: Buffer, from: number, to: number, buffer: 'reused' | 'given'): boolean {
    this.received += to - from
    let rest = from
    let kept = false
    if (this.reader !== undefined) {
      const { reader } = this
      const left = reader.size === 0 ? to - from : reader.size - reader.filled
      if (reader.filled === 0 && to - from >= left) {
        this.reader = undefined
        rest = from + left
        // Little of a large buffer is better copied than kept: a slow client would fill the memory with what it has not sent.
        kept = buffer === 'given' && left * 2 >= bytes.length
        reader.resolve(kept ? bytes.subarray(from, rest) : copyOf(bytes, from, rest))
      } else {
        reader.target ??= Buffer.allocUnsafe(reader.size)
        const count = bytes.copy(reader.target, reader.filled, from, Math.min(to, from + left))
        reader.filled += count
        rest += count
        if (count === left) {
          this.reader = undefined
          reader.resolve(reader.target)
        }
      }
    }
    if (rest === to) return kept
    const keep = buffer === 'given' && (to - rest) * 2 >= bytes.length
    const piece = keep ? bytes.subarray(rest, to) : copyOf(bytes, rest, to)
    this.pieces.push(piece)
    this.waiting += piece.length + PIECE
    if (!this.full && this.waiting > HIGH_WATER) {
      this.full = true
      this.owner.bodyFull()
    }
    return kept || keep
  }

  end(trailers: readonly string[]): void {
    this.trailers = trailers
    this.complete = true
    const { reader } = this
    this.reader = undefined
    reader?.resolve(reader.target === undefined ? null : trimmed(reader.target, reader.filled))
  }

  /** What has not been pulled is dropped. */
  fail(cause: CauseName, detail: string): void {
    if (this.complete || this.failure !== undefined) return
    this.failure = new ExchangeClosed(cause, detail)
    this.pieces = []
    this.reader?.reject(this.failure)
    this.reader = undefined
  }

  /** True while a promise waits for bytes. */
  get wanted(): boolean {
    return this.reader !== undefined
  }

  private wait(size: number, target: Buffer | undefined, filled: number): Promise<Buffer | null> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    if (this.reader !== undefined) return Promise.reject(new Error('the body is being read already: one pull at a time'))
    return new Promise((resolve, reject) => {
      this.reader = { size, target, filled, resolve, reject }
      this.owner.bodyWanted()
    })
  }

  /** Up to `size` bytes of the first piece, all of it for 0. */
  private take(piece: Buffer, size: number): Buffer {
    const whole = size === 0 || piece.length <= size
    if (whole) this.pieces.shift()
    else this.pieces[0] = piece.subarray(size)
    this.waiting -= whole ? piece.length + PIECE : size
    if (this.full && this.waiting <= HIGH_WATER / 2) {
      this.full = false
      this.owner.bodyDrained()
    }
    return whole ? piece : piece.subarray(0, size)
  }
}

/** Who waits for bytes. */
interface Reader {
  /** 0: for any. */
  readonly size: number
  target: Buffer | undefined
  filled: number
  readonly resolve: (bytes: Buffer | null) => void
  readonly reject: (error: ExchangeClosed) => void
}

/** The end of a body must not hold on to a buffer that is mostly empty. */
function trimmed(target: Buffer, filled: number): Buffer | null {
  if (filled === 0) return null
  return filled * 2 < target.length ? copyOf(target, 0, filled) : target.subarray(0, filled)
}

export function copyOf(bytes: Buffer, from: number, to: number): Buffer {
  const copy = Buffer.allocUnsafe(to - from)
  bytes.copy(copy, 0, from, to)
  return copy
}
