import { linesOf } from '../../gateway/input-stream.ts'
import type { InputStream } from '../../gateway/wsgi.ts'
import { refuseTooLong } from '../body-reader.ts'
import { ContentTooLarge } from '../http-error.ts'
import type { Preparing } from './wait-for-body.ts'

/**
 * Middleware that answers 413 where a body is longer: before it is read where its length is known, else (chunked) as soon as
 * too much was.
 * @param options `limit` in bytes
 */
export function bodyLimitMiddleware(options: { readonly limit: number }): Preparing {
  const { limit } = options
  if (!Number.isSafeInteger(limit) || limit < 0) throw new RangeError(`a limit is a number of bytes: ${limit}`)
  return (environ) => {
    refuseTooLong(environ, limit)
    // A body of known length has no more than that.
    if (environ.CONTENT_LENGTH === undefined) environ['wsgi.input'] = new LimitedInput(environ['wsgi.input'], limit)
    return undefined
  }
}

/** An input that fails when more was read than may be. */
class LimitedInput implements InputStream {
  readonly #input: InputStream
  readonly #limit: number
  #read = 0

  constructor(input: InputStream, limit: number) {
    this.#input = input
    this.#limit = limit
  }

  async read(size?: number): Promise<Buffer> {
    // All of it would be held before it was counted.
    return this.#counted(await this.#input.read(this.#most(size)))
  }

  async readline(size?: number): Promise<Buffer> {
    return this.#counted(await this.#input.readline(this.#most(size)))
  }

  async readlines(hint?: number): Promise<Buffer[]> {
    const lines = await this.#input.readlines(this.#most(hint === 0 ? undefined : hint))
    for (const line of lines) this.#counted(line)
    return lines
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return linesOf(this)
  }

  /** One byte more than may be, to see that there is one. */
  #most(size: number | undefined): number {
    const left = this.#limit - this.#read + 1
    return size === undefined || size < 0 ? left : Math.min(size, left)
  }

  #counted(bytes: Buffer): Buffer {
    this.#read += bytes.length
    if (this.#read > this.#limit) throw new ContentTooLarge(`the body is longer than ${this.#limit} bytes`)
    return bytes
  }
}
