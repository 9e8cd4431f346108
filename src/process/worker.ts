/**
 * A worker's own view: it does what the arbiter tells it, says how it is, and ends in order when the arbiter is gone. What it
 * serves is the program's business. Messages are taken one after the other.
 */
import type { Drain, FromWorker, Json, Task, Terms, ToWorker } from './messages.ts'
import type { BlockedWatch } from './blocked-watch.ts'

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

export type Move = (connection: unknown) => Promise<void>

/** Asks to be replaced. */
export type Wear = (reason: string) => void

/** What a worker runs; given by `app/`. */
export interface WorkerProgram {
  /** Loads the application. A rejection ends the worker: it cannot start. */
  load(task: Task, id: number, wear: Wear): Promise<Loaded>
  /** Listens; `accepted` is to be called with how many connections are open whenever one was accepted. */
  serve(sockets: readonly ReceivedSocket[], accepted: (open: number) => void): Promise<void>
  /** Listens no more, until serve() is called again. */
  pause(): void
  /** Goes on with a connection of a worker before. */
  take(connection: unknown): void
  /** `move` gives a connection to whoever comes after; it resolves when it may be closed here. */
  drain(how: Drain, move: Move): Promise<void>
  /** The last thing before the process ends. */
  ended(): Promise<void>
  figures(): Figures
  /** Requests that are being handled, for people. */
  underWay(): readonly string[]
  othersHave(connections: number | null): void
  reopenLogs(): void
  /** What it has counted so far; null where nobody wants to know. */
  report(): Json
  /** What the arbiter asks. A rejection counts as no answer. */
  answer(question: Json): Promise<Json>
  /** Those of before are not good any more. */
  sessionKeys(keys: Buffer): void
  /** How the process ends for an error, and what is said of it. */
  describe(error: unknown): { readonly status: number, readonly text: string }
}

const ALIVE = 1000
/** So many new connections are worth a report, but not more often than every so many milliseconds. */
const STEP = 4
const PAUSE = 2
/** What is finished when the arbiter has gone away, if nothing is known yet; seconds. */
const SHORT_SILENCE = 0.25

/** Runs in a process that an arbiter has started, until it ends. */
export function runWorker(program: WorkerProgram): void {
  new Worker(program).listen()
}

class Worker {
  private readonly program: WorkerProgram
  private readonly sockets: ReceivedSocket[] = []
  private reported = 0
  private reportedAt = 0
  private queue: Promise<void> = Promise.resolve()
  private terms: Terms | null = null
  private serving = false
  private draining: Promise<void> | undefined
  private alive: NodeJS.Timeout | undefined
  private watching: Promise<typeof import('./blocked-watch.ts')> | undefined
  private watch: BlockedWatch | undefined

  constructor(program: WorkerProgram) {
    this.program = program
  }

  listen(): void {
    process.on('message', (message: ToWorker, handle: unknown) => {
      // A drain may shorten one that is going on; sockets belong to the message that they came with.
      if (message.type === 'drain') this.drain(message)
      else if (message.type === 'socket') this.sockets.push({ address: message.address, handle })
      else if (message.type === 'connection') this.program.take(handle)
      else if (message.type === 'ask') void this.answer(message.ticket, message.question)
      // src/process/publish-channel.ts hears those.
      else if (message.type === 'publish' || message.type === 'unheard' || message.type === 'flushed') return
      else this.queue = this.queue.then(() => this.take(message)).catch((error: unknown) => this.fail(error))
    })
    process.once('disconnect', () => this.orphaned())
    process.on('SIGTERM', () => this.say({ type: 'worn', reason: 'it got SIGTERM' }))
    process.on('SIGUSR1', () => this.program.reopenLogs())
  }

  private async take(message: Exclude<ToWorker, { type: 'drain' | 'socket' | 'connection' | 'ask' | 'publish' | 'unheard' | 'flushed' }>): Promise<void> {
    switch (message.type) {
      case 'begin': {
        const loaded = await this.program.load(message.task, message.id, (reason) => this.say({ type: 'worn', reason }))
        this.terms = loaded.terms
        this.say({ type: 'loaded', ...loaded })
        // While the sockets are on their way.
        if (loaded.terms !== null && (loaded.terms.timeout > 0 || loaded.terms.observed)) this.watching = import('./blocked-watch.ts')
        break
      }
      case 'serve': {
        await this.program.serve(this.sockets.splice(0), (open) => this.accepted(open))
        if (this.serving) break
        const watching = await this.watching
        this.serving = true
        this.say({ type: 'ready' })
        this.beat()
        // Behind the word to the arbiter, and before the first connection is accepted.
        if (this.draining === undefined) this.watch = watching?.BlockedWatch.start(this.terms?.timeout ?? 0, () => this.program.underWay())
        break
      }
      case 'pause':
        this.program.pause()
        break
      case 'others':
        this.program.othersHave(message.connections)
        break
      case 'reopenLogs':
        this.program.reopenLogs()
        break
      case 'sessionKeys':
        this.program.sessionKeys(Buffer.from(message.keys, 'base64'))
        break
    }
  }

  private beat(): void {
    this.alive = setInterval(() => this.report(this.program.report()), ALIVE)
  }

  private report(counted: Json): void {
    const { connections, requests } = this.program.figures()
    this.reported = connections
    this.reportedAt = performance.now()
    this.say({ type: 'alive', connections, requests, memory: process.memoryUsage.rss(), report: counted })
  }

  /** Between two beats the arbiter is told of many new connections only: it balances them. */
  private accepted(open: number): void {
    if (open - this.reported >= Math.max(STEP, this.reported / 8) && performance.now() - this.reportedAt > PAUSE) this.report(null)
  }

  private drain(how: Drain): void {
    const { program } = this
    const move: Move = (connection) => this.move(connection)
    this.say({ type: 'draining', connections: program.figures().connections })
    if (this.draining !== undefined) {
      void program.drain(how, move)
      return
    }
    this.draining = program.drain(how, move).then(() => program.ended()).then(() => this.leave()).then(() => this.exit(0), (error: unknown) => this.fail(error))
  }

  /** The arbiter is gone without a word: nobody will replace what ends here, so what runs is finished. */
  private orphaned(): void {
    if (!this.serving) this.exit(0)
    else if (this.draining === undefined) {
      this.drain({ grace: this.terms?.gracefulTimeout ?? 0, silence: SHORT_SILENCE, backlog: 'accept', silent: 'stay' })
    }
  }

  /** Where the arbiter has just gone the connection ends with this process: nobody would go on with it. */
  private move(connection: unknown): Promise<void> {
    return new Promise((resolve) => {
      if (!process.connected) return resolve()
      process.send?.({ type: 'moved' } satisfies FromWorker, connection as never, {}, () => resolve())
    })
  }

  private async answer(ticket: number, question: Json): Promise<void> {
    try {
      this.say({ type: 'told', ticket, answer: await this.program.answer(question) })
    } catch {
      // Whoever asked hears that there is no answer by waiting in vain.
    }
  }

  /** What was counted since the last beat is not lost. */
  private leave(): Promise<void> {
    const report = this.program.report()
    if (report === null || !process.connected) return Promise.resolve()
    return new Promise((resolve) => process.send?.({ type: 'last', report } satisfies FromWorker, () => resolve()))
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
