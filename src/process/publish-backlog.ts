/** Published messages on their way to one worker: a worker that takes none must not fill the arbiter's memory. */
import type { Published, ToWorker } from './messages.ts'

/** Of messages that wait to be written: characters, which are bytes for most. A blocked worker is replaced after `timeout`. */
const LIMIT = 16 * 1024 ** 2

export class PublishBacklog {
  private readonly send: (message: ToWorker, sent: () => void) => void
  private waiting = 0
  private unheard = 0

  constructor(send: (message: ToWorker, sent: () => void) => void) {
    this.send = send
  }

  pass(message: Published): void {
    const size = message.channel.length + ('text' in message ? message.text : message.base64).length
    // What comes after a gap is told after it.
    if (this.waiting + size > LIMIT || this.unheard > 0) {
      this.unheard++
      return
    }
    this.waiting += size
    this.send(message, () => {
      this.waiting -= size
      if (this.unheard > 0 && this.waiting === 0) this.tell()
    })
  }

  private tell(): void {
    const messages = this.unheard
    this.unheard = 0
    this.send({ type: 'unheard', messages }, () => undefined)
  }
}
