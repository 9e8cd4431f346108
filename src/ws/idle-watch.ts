/** Pings who is silent, and gives up who does not answer: one timer for all connections of an endpoint. */

export interface Watched {
  /** Set when anything comes from the other side. */
  seen: boolean
  /** False while nothing is read from it. */
  readonly listening: boolean
  probe(): void
  silent(): void
}

export class IdleWatch {
  readonly #interval: number
  /** With whether they were pinged and have not been heard of since. */
  readonly #watched = new Map<Watched, boolean>()
  #timer: NodeJS.Timeout | undefined

  /** @param seconds 0: nobody is watched */
  constructor(seconds: number) {
    this.#interval = seconds * 1000
  }

  add(connection: Watched): void {
    if (this.#interval === 0) return
    this.#watched.set(connection, false)
    this.#timer ??= setInterval(() => this.#look(), this.#interval).unref()
  }

  remove(connection: Watched): void {
    if (!this.#watched.delete(connection) || this.#watched.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    for (const [connection, pinged] of this.#watched) {
      if (connection.seen || !connection.listening) {
        connection.seen = false
        this.#watched.set(connection, false)
      } else if (pinged) {
        connection.silent()
      } else {
        this.#watched.set(connection, true)
        connection.probe()
      }
    }
  }
}
