/** A web stream as the body of a request. */
import { ExchangeClosed } from '../../http/exchange-closed.ts'
import type { FieldLines } from '../../http/request-head.ts'
import type { BodySource } from '../exchange.ts'

const NO_TRAILERS: FieldLines = []

export class StreamBody implements BodySource {
  readonly length: number | null
  readonly trailers: FieldLines = NO_TRAILERS
  private readonly stream: ReadableStream<Uint8Array> | null
  private reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  /** What came beyond what was asked for. */
  private rest: Uint8Array | undefined

  /** @param announced the length that the request says it has; null where it says nothing */
  constructor(stream: ReadableStream<Uint8Array> | null, announced: number | null) {
    this.stream = stream
    this.length = stream === null ? 0 : announced
  }

  async pull(size: number = 0): Promise<Uint8Array | null> {
    const first = await this.next()
    if (first === null || size === 0) return first
    const pieces = [first]
    let length = first.length
    while (length < size) {
      const piece = await this.next()
      if (piece === null) break
      pieces.push(piece)
      length += piece.length
    }
    const all = pieces.length === 1 ? first : Buffer.concat(pieces)
    if (length > size) this.rest = all.subarray(size)
    return length > size ? all.subarray(0, size) : all
  }

  /** Nobody wants the rest. */
  async drop(): Promise<void> {
    if (this.stream === null || (this.reader === undefined && this.stream.locked)) return
    this.reader ??= this.stream.getReader()
    await this.reader.cancel()
  }

  private async next(): Promise<Uint8Array | null> {
    const { rest, stream } = this
    this.rest = undefined
    if (rest !== undefined) return rest
    if (stream === null) return null
    try {
      this.reader ??= stream.getReader()
      for (;;) {
        const { done, value } = await this.reader.read()
        if (done) return null
        if (value.length > 0) return value
      }
    } catch (error) {
      throw new ExchangeClosed('client-gone', `the body of the request cannot be read: ${String(error)}`)
    }
  }
}
