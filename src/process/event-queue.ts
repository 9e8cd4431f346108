/** What has happened and was not acted upon yet: handlers put in, one loop takes out. */
export class EventQueue<T> {
  private readonly waiting: T[] = []
  private wake: (() => void) | undefined

  post(event: T): void {
    this.waiting.push(event)
    this.wake?.()
  }

  async next(): Promise<T> {
    while (this.waiting.length === 0) await new Promise<void>((resolve) => { this.wake = resolve })
    return this.waiting.shift() as T
  }
}
