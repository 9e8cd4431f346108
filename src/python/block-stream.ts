/** The body of an answer that Python gives block by block, as a WSGI body. */
import type { Bytes } from '../gateway/wsgi.ts'

interface Waiting {
  readonly block: Bytes
  readonly taken: () => void
}

export class BlockStream implements AsyncIterable<Bytes>, AsyncIterator<Bytes, undefined> {
  private readonly closed: () => void
  private readonly blocks: Waiting[] = []
  private over = false
  private failure: Error | undefined
  private wake: (() => void) | undefined

  /** @param closed called when nobody will take more of it, before its end */
  constructor(closed: () => void) {
    this.closed = closed
  }

  /** Resolves when it was taken, or never will be. */
  push(block: Bytes): Promise<void> {
    if (this.over) return Promise.resolve()
    return new Promise((taken) => {
      this.blocks.push({ block, taken })
      this.wake?.()
    })
  }

  end(): void {
    this.over = true
    this.wake?.()
  }

  fail(error: Error): void {
    if (this.over) return
    this.failure = error
    this.end()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Bytes, undefined>> {
    for (;;) {
      const first = this.blocks.shift()
      if (first !== undefined) {
        first.taken()
        return { value: first.block, done: false }
      }
      if (this.failure !== undefined) throw this.failure
      if (this.over) return { value: undefined, done: true }
      await new Promise<void>((resolve) => { this.wake = resolve })
    }
  }

  return(): Promise<IteratorResult<Bytes, undefined>> {
    this.close()
    return Promise.resolve({ value: undefined, done: true })
  }

  close(): void {
    for (const { taken } of this.blocks.splice(0)) taken()
    if (this.over) return
    this.end()
    this.closed()
  }
}
