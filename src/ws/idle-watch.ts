/** Pings who is silent, and gives up who does not answer: one timer for all connections of an endpoint. */

export interface Watched {
  /** Of what came from the other side: changes when anything does. */
  readonly heard: number
  /** False while nothing is read from it. */
  readonly listening: boolean
  probe(): void
  silent(): void
}

export class IdleWatch {
  readonly #interval: number
  /** With what had been heard of each at the last look. */
  readonly #watched = new Map<Watched, number>()
  /** Have not been heard of since. */
  readonly #pinged = new Set<Watched>()
  #timer: NodeJS.Timeout | undefined

  /** @param seconds 0: nobody is watched */
  constructor(seconds: number) {
    this.#interval = seconds * 1000
  }

  add(connection: Watched): void {
    if (this.#interval === 0) return
    this.#watched.set(connection, -1)
    this.#timer ??= setInterval(() => this.#look(), this.#interval).unref()
  }

  remove(connection: Watched): void {
    this.#pinged.delete(connection)
    if (!this.#watched.delete(connection) || this.#watched.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    for (const [connection, before] of this.#watched) {
      const { heard } = connection
      if (heard !== before || !connection.listening) {
        this.#watched.set(connection, heard)
        this.#pinged.delete(connection)
      } else if (this.#pinged.has(connection)) {
        connection.silent()
      } else {
        this.#pinged.add(connection)
        connection.probe()
      }
    }
  }
}
