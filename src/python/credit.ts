/** How much of an answer the client has taken, told to Python in portions that are worth a frame. */

export class Credit {
  private readonly grant: (bytes: number) => void
  private readonly portion: number
  private taken = 0
  private waiting: Promise<void> | undefined

  /** @param window bytes that may be on their way */
  constructor(window: number, grant: (bytes: number) => void) {
    this.portion = Math.floor(window / 2)
    this.grant = grant
  }

  /** Of a block, what write() of the caller gave. */
  passed(bytes: number, taken: void | Promise<void>): void {
    if (taken === undefined && this.waiting === undefined) {
      this.add(bytes)
      return
    }
    // In order: what is written behind a block that waits, waits too.
    const both = Promise.all([this.waiting, taken]).then(() => {
      if (this.waiting === both) this.waiting = undefined
      this.add(bytes)
    })
    this.waiting = both
  }

  private add(bytes: number): void {
    this.taken += bytes
    if (this.taken < this.portion) return
    const granted = this.taken
    this.taken = 0
    this.grant(granted)
  }
}
