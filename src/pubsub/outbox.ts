/** Messages that were handed over and not acknowledged yet: how many, and that they have an end. */

/** Bytes that may wait: beyond it the way is too slow, and what is published meanwhile is lost for others. */
const LIMIT = 16 * 1024 ** 2

export class Outbox {
  private bytes = 0
  private messages = 0
  private readonly emptied: (() => void)[] = []

  /** False where there is no room. */
  add(size: number): boolean {
    if (this.bytes + size > LIMIT && this.messages > 0) return false
    this.bytes += size
    this.messages++
    return true
  }

  remove(size: number): void {
    this.bytes -= size
    if (--this.messages === 0) for (const resolve of this.emptied.splice(0)) resolve()
  }

  /** Resolves when nothing is in it. */
  empty(): Promise<void> {
    return this.messages === 0 ? Promise.resolve() : new Promise((resolve) => { this.emptied.push(resolve) })
  }
}
