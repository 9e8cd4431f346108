/** `wsgi.input` over the body of a request (PEP 3333, "Input and Error Streams"). */
import type { BodySource } from './exchange.ts'
import type { InputStream } from './wsgi.ts'

const EMPTY = Buffer.alloc(0)
const LF = 0x0a
/** The most that is made room for before it has arrived: what a client announces is only its word. */
const ROOM = 1048576

export class WsgiInput implements InputStream {
  private readonly body: BodySource
  /** What was pulled and not yet read. */
  private pending: Buffer = EMPTY
  /** Bytes that came out of the body so far. */
  private pulled = 0
  private ended = false
  /** Calls wait for one another: each goes on where the one before it stopped. */
  private last: Promise<unknown> | undefined

  constructor(body: BodySource) {
    this.body = body
  }

  read(size?: number | null): Promise<Buffer> {
    const bytes = this.readNow(size)
    return bytes instanceof Promise ? bytes : Promise.resolve(bytes)
  }

  /** As read(), and what is there already at once: for whoever can go on without a wait. */
  readNow(size?: number | null): Buffer | Promise<Buffer> {
    checkSize(size)
    if (this.last !== undefined) return this.inTurn(() => this.readUpTo(size))
    const bytes = this.readUpTo(size)
    return bytes instanceof Promise ? this.awaited(bytes) : bytes
  }

  readline(size?: number | null): Promise<Buffer> {
    checkSize(size)
    return this.inTurn(() => this.readLine(size === undefined || size === null || size < 0 ? Number.POSITIVE_INFINITY : size))
  }

  readlines(hint?: number | null): Promise<Buffer[]> {
    checkSize(hint)
    return this.inTurn(async () => {
      const lines: Buffer[] = []
      const limit = hint === undefined || hint === null || hint <= 0 ? Number.POSITIVE_INFINITY : hint
      for (let bytes = 0; bytes < limit;) {
        const line = await this.readLine(Number.POSITIVE_INFINITY)
        if (line.length === 0) break
        lines.push(line)
        bytes += line.length
      }
      return lines
    })
  }

  /** What is there, as soon as there is something: for who passes it on. Empty at the end. */
  some(): Promise<Buffer> {
    return this.inTurn(() => (this.pending.length > 0 ? this.take(this.pending.length) : this.pull()))
  }

  /** Line by line, as Python's files. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return linesOf(this)
  }

  /** At once where nobody is before and what is asked for is there: without a wait, and without the cost of one. */
  private inTurn<T>(action: () => T | Promise<T>): Promise<T> {
    const outcome = this.last === undefined ? action() : this.last.then(action, action)
    return outcome instanceof Promise ? this.awaited(outcome) : Promise.resolve(outcome)
  }

  /** Who comes next has to wait for it. */
  private awaited<T>(outcome: Promise<T>): Promise<T> {
    const settled = (): void => {
      if (this.last === outcome) this.last = undefined
    }
    this.last = outcome
    outcome.then(settled, settled)
    return outcome
  }

  /** @param size just as many bytes, fewer at the end */
  private pull(size?: number): Buffer | Promise<Buffer> {
    if (this.ended) return EMPTY
    const next = this.body.pull(size)
    return next instanceof Promise ? next.then((piece) => this.taken(piece)) : this.taken(next)
  }

  private taken(piece: Uint8Array | null): Buffer {
    if (piece === null) {
      this.ended = true
      return EMPTY
    }
    this.pulled += piece.length
    return Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.length)
  }

  private readUpTo(size: number | null | undefined): Buffer | Promise<Buffer> {
    return size === undefined || size === null || size < 0 ? this.readAll() : this.readSome(size)
  }

  private readAll(): Buffer | Promise<Buffer> {
    const left = this.left()
    return left <= ROOM ? this.readSome(left) : this.gather(left)
  }

  private readSome(size: number): Buffer | Promise<Buffer> {
    const wanted = Math.min(size, this.left())
    if (wanted > ROOM) return this.gather(wanted)
    if (wanted <= this.pending.length) return this.take(wanted)
    if (this.pending.length === 0) return this.pull(wanted)
    const first = this.take(this.pending.length)
    const rest = this.pull(wanted - first.length)
    return rest instanceof Promise ? rest.then((bytes) => Buffer.concat([first, bytes])) : Buffer.concat([first, rest])
  }

  /** More than is made room for at once. */
  private async gather(size: number): Promise<Buffer> {
    const pieces: Buffer[] = []
    for (let left = size; left > 0;) {
      const piece = this.pending.length > 0 ? this.take(Math.min(left, this.pending.length)) : await this.pull(left === Number.POSITIVE_INFINITY ? undefined : Math.min(left, ROOM))
      if (piece.length === 0) break
      left -= piece.length
      pieces.push(piece)
    }
    return joined(pieces)
  }

  /** Bytes that are still to be read, as far as the request tells. */
  private left(): number {
    const { length } = this.body
    return length === null ? Number.POSITIVE_INFINITY : length - this.pulled + this.pending.length
  }

  private async readLine(size: number): Promise<Buffer> {
    const pieces: Buffer[] = []
    let left = size
    while (left > 0) {
      if (this.pending.length === 0) this.pending = await this.pull()
      if (this.pending.length === 0) break
      const lf = this.pending.indexOf(LF)
      const piece = this.take(Math.min(left, lf < 0 ? this.pending.length : lf + 1))
      left -= piece.length
      pieces.push(piece)
      if (piece[piece.length - 1] === LF) break
    }
    return joined(pieces)
  }

  private take(length: number): Buffer {
    const piece = this.pending.subarray(0, length)
    this.pending = length === this.pending.length ? EMPTY : this.pending.subarray(length)
    return piece
  }
}

/** What iterating over `wsgi.input` gives: its lines, to the end. */
export async function* linesOf(input: Pick<InputStream, 'readline'>): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const line = await input.readline()
    if (line.length === 0) return
    yield line
  }
}

function checkSize(size: number | null | undefined): void {
  if (size !== undefined && size !== null && !Number.isInteger(size)) throw new TypeError(`the size to read is ${String(size)}, not an integer`)
}

const joined = (pieces: readonly Buffer[]): Buffer => (pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces))
