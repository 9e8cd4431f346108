/** What happens on one connection, one after the other, however long each takes. */

export interface TurnsHost {
  /** Nothing more is to be read, but what was read already may still come. */
  pause(): void
  resume(): void
  failed(error: unknown): void
}

export class Turns {
  readonly #host: TurnsHost
  #waiting: (() => unknown)[] = []
  #busy = false
  #unpaused = false

  constructor(host: TurnsHost) {
    this.#host = host
  }

  get busy(): boolean {
    return this.#busy
  }

  add(call: () => unknown): void {
    if (this.#busy) this.#waiting.push(call)
    else this.#run(call)
  }

  /** Reads from now on, whatever is waited for. */
  listen(): void {
    this.#unpaused = true
    this.#host.resume()
  }

  /** What ends at once costs no promise. */
  #run(call: () => unknown): void {
    try {
      const result = call()
      if (!isThenable(result)) return
      this.#busy = true
      if (!this.#unpaused) this.#host.pause()
      void this.#finish(result)
    } catch (error) {
      this.#host.failed(error)
    }
  }

  async #finish(first: PromiseLike<unknown>): Promise<void> {
    await this.#settled(() => first)
    for (let call = this.#waiting.shift(); call !== undefined; call = this.#waiting.shift()) await this.#settled(call)
    this.#busy = false
    this.#host.resume()
  }

  async #settled(call: () => unknown): Promise<void> {
    try {
      await call()
    } catch (error) {
      this.#host.failed(error)
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
