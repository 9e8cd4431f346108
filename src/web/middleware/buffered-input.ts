import type { InputStream } from '../../gateway/wsgi.ts'

const LF = 0x0a

/** `wsgi.input` of a body that is in memory: a file that can be read again. */
export class BufferedInput implements InputStream {
  readonly #body: Buffer
  #at = 0

  constructor(body: Buffer) {
    this.#body = body
  }

  /** All of the body, wherever reading stands. */
  get body(): Buffer {
    return this.#body
  }

  async read(size?: number | null): Promise<Buffer> {
    return this.#take(this.#at + checkedSize(size))
  }

  async readline(size?: number | null): Promise<Buffer> {
    return this.#line(checkedSize(size))
  }

  async readlines(hint?: number | null): Promise<Buffer[]> {
    const wanted = checkedSize(hint === 0 ? null : hint)
    const lines: Buffer[] = []
    for (let bytes = 0; bytes < wanted && this.#at < this.#body.length;) {
      const line = this.#line(Infinity)
      lines.push(line)
      bytes += line.length
    }
    return lines
  }

  /** Line by line, as Python's files. */
  async *[Symbol.asyncIterator](): AsyncIterator<Buffer> {
    while (this.#at < this.#body.length) yield this.#line(Infinity)
  }

  /** Where reading stands: bytes from the start. */
  tell(): number {
    return this.#at
  }

  /**
   * Goes elsewhere: 0 bytes from the start is the beginning.
   * @param whence 0 from the start, 1 from where reading stands, 2 from the end, as Python's files
   * @returns where that is
   */
  seek(offset: number, whence: 0 | 1 | 2 = 0): number {
    const from = [0, this.#at, this.#body.length][whence]
    if (from === undefined || !Number.isInteger(offset)) throw new TypeError(`no place in a body: ${offset}, ${whence}`)
    this.#at = Math.max(0, from + offset)
    return this.#at
  }

  #line(size: number): Buffer {
    const lf = this.#body.indexOf(LF, this.#at)
    return this.#take(Math.min(this.#at + size, lf < 0 ? Infinity : lf + 1))
  }

  #take(end: number): Buffer {
    const piece = this.#body.subarray(this.#at, end)
    this.#at += piece.length
    return piece
  }
}

function checkedSize(size: number | null | undefined): number {
  if (size === undefined || size === null) return Infinity
  if (!Number.isInteger(size)) throw new TypeError(`the size to read is ${String(size)}, not an integer`)
  return size < 0 ? Infinity : size
}
