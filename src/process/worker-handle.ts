/** A worker as the arbiter sees it: facts and messages. It lives in the arbiter's process and decides nothing. */
import { spawn, type ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { BlockedReport, Drain, FromWorker, Json, Published, StackReport, Task, ToWorker } from './messages.ts'
import { Questions } from './questions.ts'
import { PublishBacklog } from './publish-backlog.ts'

/** `loaded`: waits for the sockets. `retiring`: was told to drain. */
export type WorkerState = 'starting' | 'loaded' | 'opening' | 'ready' | 'retiring'

/** What it takes to start a worker's process. */
export interface WorkerLaunch {
  readonly program: string
  /** Node's options, then the entry. */
  readonly arguments: readonly string[]
  readonly task: Task
}

export interface WorkerExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A socket to serve on, in the form in which Node passes it to another process. */
export interface SharedSocket {
  readonly address: string
  readonly handle: unknown
}

/** A connection that nobody reads from, in the form in which Node passes it to another process. */
export interface Connection {
  close(): void
}

/** What is not an answer, nor for others. */
export type HeardMessage = Exclude<FromWorker, Published | { type: 'told' }>

export interface WorkerListener {
  message(worker: WorkerHandle, message: HeardMessage): void
  /** For every other worker; it changes nothing here. */
  published(worker: WorkerHandle, message: Published): void
  /** A silent connection, as the system's handle. */
  moved(connection: Connection): void
  blocked(worker: WorkerHandle, report: BlockedReport): void
  exited(worker: WorkerHandle, exit: WorkerExit): void
}

export class WorkerHandle {
  readonly id: number
  readonly generation: number
  readonly child: ChildProcess
  readonly startedAt: number = performance.now()
  state: WorkerState = 'starting'
  readyAt: number | null = null
  lastAlive = 0
  connections = 0
  requests = 0
  /** Resident, in bytes. */
  memory = 0
  /** It has many connections and accepts none for the moment. */
  paused = false
  /** It asked to be replaced. */
  worn = false
  /** When it is killed if it still runs; 0 for never. */
  deadline = 0
  /** Why the arbiter killed it. */
  killedFor: string | null = null
  /** What it said when it could not start. */
  failure: { readonly status: number, readonly text: string } | null = null
  private readonly asked = new Questions<Json>()
  private readonly stacksAsked = new Questions<string | null>()
  private readonly backlog = new PublishBacklog((message, sent) => this.send(message, undefined, sent))

  constructor(id: number, generation: number, launch: WorkerLaunch, listener: WorkerListener) {
    this.id = id
    this.generation = generation
    this.child = spawn(launch.program, [...launch.arguments], {
      // 0 to 2, the channel for messages, and the pipe of the thread that watches the event loop.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
    })
    let over = false
    const exited = (exit: WorkerExit): void => {
      if (over) return
      over = true
      this.asked.giveUp()
      this.stacksAsked.giveUp()
      listener.exited(this, exit)
    }
    this.child.on('message', (message: FromWorker, handle: unknown) => {
      if (message.type === 'publish') listener.published(this, message)
      // Behind what the other workers' pipes hold by now.
      else if (message.type === 'flush') setImmediate(() => this.send({ type: 'flushed' }))
      else if (message.type === 'told') this.asked.answer(message.ticket, message.answer)
      else if (message.type !== 'moved') listener.message(this, message)
      // A handle is missing where the client was gone before it could be passed.
      else if (handle !== undefined) listener.moved(handle as Connection)
    })
    this.child.once('exit', (code, signal) => {
      // What it said last, such as why it could not start, may still be on its way.
      if (this.child.connected) this.child.once('disconnect', () => exited({ code, signal }))
      else exited({ code, signal })
    })
    this.child.on('error', (error) => {
      // Raised by a failed send or kill too, of a process that is ending: its exit follows.
      if (this.child.pid !== undefined) return
      this.failure = { status: 1, text: `cannot start ${launch.program}: ${error.message}` }
      exited({ code: 1, signal: null })
    })
    readReports(this.reports, (report) => {
      if ('ticket' in report) this.stacksAsked.answer(report.ticket, report.stack)
      else listener.blocked(this, report)
    })
    this.send({ type: 'begin', id, task: launch.task })
  }

  get pid(): number {
    return this.child.pid ?? 0
  }

  get serving(): boolean {
    return this.state === 'ready'
  }

  /**
   * Asks its program. Undefined where it does not answer in time.
   * @param patience milliseconds
   */
  ask(question: Json, patience: number): Promise<Json | undefined> {
    return this.asked.ask(patience, (ticket) => this.send({ type: 'ask', ticket, question }))
  }

  /**
   * Where its event loop is, as its thread sees it; null where it is not in JavaScript, undefined where nobody answers.
   * @param patience milliseconds
   */
  stack(patience: number): Promise<string | null | undefined> {
    return this.stacksAsked.ask(patience, (ticket) => { this.reports?.write(`${ticket}\n`) })
  }

  private get reports(): Duplex | null {
    return this.child.stdio[4] as Duplex | null
  }

  open(sockets: readonly SharedSocket[]): void {
    if (this.state === 'loaded') this.state = 'opening'
    this.paused = false
    for (const { address, handle } of sockets) this.send({ type: 'socket', address }, handle)
    this.send({ type: 'serve' })
  }

  /** Passes a connection on. */
  give(connection: Connection): void {
    if (!this.child.connected) connection.close()
    else this.child.send({ type: 'connection' } satisfies ToWorker, connection as never, {}, () => connection.close())
  }

  pause(): void {
    this.paused = true
    this.send({ type: 'pause' })
  }

  /** @param now the arbiter's clock */
  drain(how: Drain, now: number): void {
    this.state = 'retiring'
    this.deadline = now + how.grace * 1000 + 5000
    this.send({ type: 'drain', ...how })
  }

  /** What another worker has published. */
  pass(message: Published): void {
    this.backlog.pass(message)
  }

  send(message: ToWorker, handle?: unknown, sent: () => void = () => undefined): void {
    // A process that has ended, or is about to, cannot be told anything; its exit is on the way.
    if (!this.child.connected) return
    this.child.send(message, handle as never, { keepOpen: true }, sent)
  }

  kill(reason: string): void {
    this.killedFor = reason
    this.child.kill('SIGKILL')
  }
}

function readReports(pipe: Duplex | null, report: (report: BlockedReport | StackReport) => void): void {
  if (pipe === null) return
  let text = ''
  pipe.setEncoding('utf8')
  pipe.on('error', () => undefined) // the pipe of a killed process
  pipe.on('data', (piece: string) => {
    const lines = (text + piece).split('\n')
    text = lines.pop() as string
    for (const line of lines) report(JSON.parse(line) as BlockedReport | StackReport)
  })
}
