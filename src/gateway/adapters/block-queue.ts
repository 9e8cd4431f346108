/** The body of an answer between who writes it and who iterates over it, with a bound on what waits. */
import type { Bytes } from '../wsgi.ts'

/** More than this waits, in bytes: the writer should. */
const HIGH_WATER = 65536

export class BlockQueue implements AsyncIterable<Bytes> {
  private blocks: Uint8Array[] = []
  private waiting = 0
  private ended = false
  private failure: { readonly error: unknown } | undefined
  private wake: (() => void) | undefined
  private drains: { resolve: () => void, reject: (error: unknown) => void }[] = []
  private readonly abandoned: () => void

  /** @param abandoned called when nobody takes blocks any more although the end has not come */
  constructor(abandoned: () => void) {
    this.abandoned = abandoned
  }

  /** False: wait for drained(). */
  put(block: Uint8Array): boolean {
    this.blocks.push(block)
    this.waiting += block.length
    this.wake?.()
    return this.waiting < HIGH_WATER
  }

  end(): void {
    this.ended = true
    this.wake?.()
  }

  /** Who takes blocks gets the error after those that wait. */
  fail(error: unknown): void {
    if (this.ended) return
    this.failure ??= { error }
    this.wake?.()
    for (const { reject } of this.drains.splice(0)) reject(error)
  }

  drained(): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure.error)
    if (this.waiting < HIGH_WATER) return Promise.resolve()
    return new Promise((resolve, reject) => { this.drains.push({ resolve, reject }) })
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Bytes, void, undefined> {
    try {
      for (;;) {
        const block = this.blocks.shift()
        if (block !== undefined) {
          this.taken(block.length)
          yield block
        } else if (this.failure !== undefined) {
          throw this.failure.error
        } else if (this.ended) {
          return
        } else {
          await new Promise<void>((resolve) => { this.wake = resolve })
          this.wake = undefined
        }
      }
    } finally {
      if (!this.ended) this.abandoned()
    }
  }

  private taken(bytes: number): void {
    this.waiting -= bytes
    if (this.waiting >= HIGH_WATER) return
    for (const { resolve } of this.drains.splice(0)) resolve()
  }
}
