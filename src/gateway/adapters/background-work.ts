/** What handlers go on with when they have answered (`waitUntil`): a server that stops waits for it, but not for ever. */
import type { Events } from '../../events.ts'
import type { Service, ServiceContext } from '../service.ts'

export class BackgroundWork implements Service {
  private readonly pending = new Set<Promise<void>>()
  private context: ServiceContext | undefined

  start(context: ServiceContext): Promise<void> {
    this.context = context
    return Promise.resolve()
  }

  /** @param failed told of a rejection */
  add(work: PromiseLike<unknown>, failed: (error: unknown) => void): void {
    const settled = Promise.resolve(work).then(() => undefined, failed).finally(() => this.pending.delete(settled))
    this.pending.add(settled)
  }

  /** Waits for `gracefulTimeout` at most. */
  async stop(): Promise<void> {
    const { context } = this
    if (this.pending.size === 0 || context === undefined) return
    const { gracefulTimeout } = context.settings
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.given(context.events)
        resolve()
      }, gracefulTimeout * 1000)
    })
    await Promise.race([this.done(), late])
    clearTimeout(timer)
  }

  /** Also what is added meanwhile. */
  private async done(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending)
  }

  private given(events: Events): void {
    events.publish('warning', { text: `${this.pending.size} promises given to waitUntil() were not settled within gracefulTimeout` })
  }
}
