/** A process that has just started asks the others what was said before; so does one that has missed something. */
import type { PubSub, Subscription } from 'pulsar-wsgi'
import type { History } from './history.ts'
import type { Entry } from './web/protocol.ts'

interface Told {
  readonly entries: readonly Entry[]
  readonly complete: boolean
}

/** Milliseconds that whoever wants to join a new process waits for others' histories at most; what comes later is added then. */
const PATIENCE = 500
/** Who was not told anything by then has nobody to be told by. */
const NOBODY = 30_000

const ASK = 'chat.ask'
const EVERYBODY = '*'
const told = (asker: string): string => `chat.told.${asker}`

export interface CatchUpOptions {
  readonly hub: PubSub
  readonly history: History
  /** The name of this process. */
  readonly by: string
  /** Takes an entry of another process, known or not. */
  readonly add: (entry: Entry) => void
}

export class CatchUp {
  /** Resolves when there is a history, or nobody who has told one. */
  readonly ready: Promise<void>
  readonly #options: CatchUpOptions
  #answers: Subscription | undefined
  #asking = false
  #complete = false
  #open: () => void = () => undefined
  #nobody: NodeJS.Timeout | undefined

  constructor(options: CatchUpOptions) {
    this.#options = options
    this.ready = new Promise((resolve) => { this.#open = resolve })
    setTimeout(() => this.#open(), PATIENCE).unref()
    options.hub.subscribe(ASK, (asker) => { if (asker !== options.by) this.#tell(String(asker)) })
    options.hub.subscribe(told(EVERYBODY), (message) => this.#hear(JSON.parse(String(message)) as Told))
    options.hub.onLoss(() => { void this.#askAndTell() })
    void this.#ask()
  }

  /** Nothing is known to be missing. */
  get complete(): boolean {
    return this.#complete
  }

  /** Who comes back first asks when nobody is there yet: so whoever comes back tells as well. */
  async #askAndTell(): Promise<void> {
    if (await this.#ask()) this.#tell(EVERYBODY)
  }

  /** Subscribed for each time: what resolves then is that messages of others come now, the rest of the chat with them. */
  async #ask(): Promise<boolean> {
    const { hub, by } = this.#options
    this.#complete = false
    clearTimeout(this.#nobody)
    this.#nobody = setTimeout(() => { this.#complete = true }, NOBODY).unref()
    if (this.#asking) return false
    this.#asking = true
    this.#answers?.unsubscribe()
    this.#answers = hub.subscribe(told(by), (message) => this.#hear(JSON.parse(String(message)) as Told))
    await this.#answers.ready
    this.#asking = false
    hub.publish(ASK, by)
    return true
  }

  #tell(asker: string): void {
    const { hub, history } = this.#options
    for (const room of history.rooms) hub.publish(told(asker), JSON.stringify({ entries: history.of(room), complete: false } satisfies Told))
    // The last one, which says that there were no others.
    if (asker !== EVERYBODY) hub.publish(told(asker), JSON.stringify({ entries: [], complete: this.#complete } satisfies Told))
  }

  #hear({ entries, complete }: Told): void {
    for (const entry of entries) this.#options.add(entry)
    if (!complete) return
    this.#complete = true
    this.#open()
  }
}
