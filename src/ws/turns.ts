/** What happens on one connection, one after the other, however long each takes. */

/** What is read from. */
export interface TurnsSource {
  /** Nothing more is to be read, but what was read already may still come. */
  pause(): void
  resume(): void
}

export interface TurnsOwner {
  failed(error: unknown): void
}

export class Turns {
  readonly #source: TurnsSource
  readonly #owner: TurnsOwner
  #waiting: (() => unknown)[] | undefined
  #busy = false
  #unpaused = false

  constructor(source: TurnsSource, owner: TurnsOwner) {
    this.#source = source
    this.#owner = owner
  }

  get busy(): boolean {
    return this.#busy
  }

  add(call: () => unknown): void {
    if (this.#busy) (this.#waiting ??= []).push(call)
    else this.#run(call)
  }

  /** Reads from now on, whatever is waited for. */
  listen(): void {
    this.#unpaused = true
    this.#source.resume()
  }

  /** For something that has begun. */
  wait(result: PromiseLike<unknown>): void {
    this.#busy = true
    if (!this.#unpaused) this.#source.pause()
    void this.#finish(result)
  }

  /** What ends at once costs no promise. */
  #run(call: () => unknown): void {
    try {
      const result = call()
      if (isThenable(result)) this.wait(result)
    } catch (error) {
      this.#owner.failed(error)
    }
  }

  async #finish(first: PromiseLike<unknown>): Promise<void> {
    await this.#settled(() => first)
    for (let call = this.#waiting?.shift(); call !== undefined; call = this.#waiting?.shift()) await this.#settled(call)
    this.#busy = false
    this.#source.resume()
  }

  async #settled(call: () => unknown): Promise<void> {
    try {
      await call()
    } catch (error) {
      this.#owner.failed(error)
    }
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
