/**
 * A worker's own view: it does what the arbiter tells it, says how it is, and ends in order when the arbiter is gone. What it
 * serves is the program's business. Messages are taken one after the other.
 */
import type { Drain, FromWorker, Task, Terms, ToWorker } from './messages.ts'
import { BlockedWatch } from './blocked-watch.ts'

/** A socket as it came from the arbiter. */
export interface ReceivedSocket {
  readonly address: string
  readonly handle: unknown
}

export interface Loaded {
  readonly terms: Terms | null
  readonly sources: readonly string[]
  readonly broken: boolean
}

export interface Figures {
  readonly connections: number
  readonly requests: number
}

/** Asks to be replaced. */
export type Wear = (reason: string) => void

/** What a worker runs; given by `app/`. */
export interface WorkerProgram {
  /** Loads the application. A rejection ends the worker: it cannot start. */
  load(task: Task, id: number, wear: Wear): Promise<Loaded>
  serve(sockets: readonly ReceivedSocket[]): Promise<void>
  drain(how: Drain): Promise<void>
  /** The last thing before the process ends. */
  ended(): Promise<void>
  figures(): Figures
  /** Requests that are being handled, for people. */
  underWay(): readonly string[]
  othersHave(connections: number | null): void
  reopenLogs(): void
  /** How the process ends for an error, and what is said of it. */
  describe(error: unknown): { readonly status: number, readonly text: string }
}

const ALIVE = 1000
/** What is finished when the arbiter has gone away, if nothing is known yet; seconds. */
const SHORT_SILENCE = 0.25

/** Runs in a process that an arbiter has started, until it ends. */
export function runWorker(program: WorkerProgram): void {
  new Worker(program).listen()
}

class Worker {
  private readonly program: WorkerProgram
  private readonly sockets: ReceivedSocket[] = []
  private queue: Promise<void> = Promise.resolve()
  private terms: Terms | null = null
  private serving = false
  private draining: Promise<void> | undefined
  private alive: NodeJS.Timeout | undefined
  private watch: BlockedWatch | undefined

  constructor(program: WorkerProgram) {
    this.program = program
  }

  listen(): void {
    process.on('message', (message: ToWorker, handle: unknown) => {
      // A drain may shorten one that is going on; sockets belong to the message that they came with.
      if (message.type === 'drain') this.drain(message)
      else if (message.type === 'socket') this.sockets.push({ address: message.address, handle })
      else this.queue = this.queue.then(() => this.take(message)).catch((error: unknown) => this.fail(error))
    })
    process.once('disconnect', () => this.orphaned())
    this.listenToSignals()
  }

  /** Node would end the process, or open a debugger's port; the arbiter decides instead. */
  private listenToSignals(): void {
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGTTIN', 'SIGTTOU', 'SIGUSR2'] as const) process.on(signal, () => undefined)
    process.on('SIGTERM', () => this.say({ type: 'worn', reason: 'it got SIGTERM' }))
    process.on('SIGUSR1', () => this.program.reopenLogs())
  }

  private async take(message: Exclude<ToWorker, { type: 'drain' | 'socket' }>): Promise<void> {
    switch (message.type) {
      case 'begin': {
        const loaded = await this.program.load(message.task, message.id, (reason) => this.say({ type: 'worn', reason }))
        this.terms = loaded.terms
        this.say({ type: 'loaded', ...loaded })
        break
      }
      case 'serve':
        await this.program.serve(this.sockets)
        this.serving = true
        this.say({ type: 'ready' })
        this.beat()
        break
      case 'others':
        this.program.othersHave(message.connections)
        break
      case 'reopenLogs':
        this.program.reopenLogs()
        break
    }
  }

  private beat(): void {
    const timeout = this.terms?.timeout ?? 0
    this.alive = setInterval(() => {
      const { connections, requests } = this.program.figures()
      this.say({ type: 'alive', connections, requests, memory: process.memoryUsage.rss() })
    }, ALIVE)
    if (timeout > 0) this.watch = BlockedWatch.start(timeout, () => this.program.underWay())
  }

  private drain(how: Drain): void {
    const { program } = this
    this.say({ type: 'draining', connections: program.figures().connections })
    if (this.draining !== undefined) {
      void program.drain(how)
      return
    }
    this.draining = program.drain(how).then(() => program.ended()).then(() => this.exit(0), (error: unknown) => this.fail(error))
  }

  /** The arbiter is gone without a word: nobody will replace what ends here, so what runs is finished. */
  private orphaned(): void {
    if (!this.serving) this.exit(0)
    else if (this.draining === undefined) this.drain({ grace: this.terms?.gracefulTimeout ?? 0, silence: SHORT_SILENCE, backlog: 'accept' })
  }

  private fail(error: unknown): void {
    const { status, text } = this.program.describe(error)
    if (process.connected) process.send?.({ type: 'failed', status, text } satisfies FromWorker, () => this.exit(status))
    else this.exit(status)
  }

  private exit(status: number): void {
    clearInterval(this.alive)
    this.watch?.stop()
    process.exit(status)
  }

  private say(message: FromWorker): void {
    // Without a channel there is nobody to hear it: `disconnect` ends the process.
    if (process.connected) process.send?.(message, () => undefined)
  }
}
