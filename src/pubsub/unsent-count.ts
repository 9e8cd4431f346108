/** Counts messages that did not leave, and tells of them together: an outage is one line a second in the log, not one a message. */
import type { DriverHost } from './driver.ts'

const PERIOD = 1000

export class UnsentCount {
  private readonly host: DriverHost
  private messages = 0
  private reason = ''
  private timer: NodeJS.Timeout | undefined

  constructor(host: DriverHost) {
    this.host = host
  }

  add(reason: string): void {
    this.messages++
    this.reason = reason
    this.timer ??= setTimeout(() => this.tell(), PERIOD).unref()
  }

  /** Tells now what is left to tell. */
  tell(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    const { messages } = this
    if (messages === 0) return
    this.messages = 0
    this.host.lost({ kind: 'unsent', messages, reason: this.reason })
  }
}
