/** One Python worker from its start to its end, as its pool knows it. */
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import type { ProcessStacks, ServiceProcess } from '../gateway/service.ts'
import type { Receive } from '../sockets/accepted-socket.ts'
import type { AnswerHeads } from './answer-heads.ts'
import type { Call } from './call.ts'
import { OutputLines, readLines } from './output-lines.ts'
import { residentMemory } from './resident-memory.ts'
import { SocketChannel } from './socket-channel.ts'
import { threadStacks } from './thread-stacks.ts'
import type { Hello, LoadedApplication, MeasuredValue, PublishedMessage, Raised, Start } from './wire/messages.ts'
import { startFrame } from './wire/messages.ts'
import { WorkerLink } from './worker-link.ts'
import { launchPython, newToken, type LaunchPlan } from './worker-launch.ts'
import type { Template } from './template.ts'
import type { Tunnel } from './tunnel.ts'

/** How a worker's process ended; both null where it could not be started. */
export interface Exit {
  readonly status: number | null
  readonly signal: string | null
}

/** What the pool is told. */
export interface WorkerListener {
  loaded(worker: PythonWorker, application: LoadedApplication): void
  /** The application cannot be loaded. */
  failed(worker: PythonWorker, raised: Raised): void
  freed(worker: PythonWorker): void
  recalled(worker: PythonWorker, calls: readonly Call[]): void
  stack(worker: PythonWorker, call: Call, text: string): void
  published(message: PublishedMessage): void
  measured(value: MeasuredValue): void
  /** It asks to be replaced. */
  leaving(worker: PythonWorker): void
  died(worker: PythonWorker, exit: Exit): void
  printed(worker: PythonWorker, stream: 'stdout' | 'stderr', line: string): void
  warning(text: string): void
}

export interface WorkerOptions {
  readonly number: number
  readonly launch: LaunchPlan
  readonly start: Start
  readonly heads: AnswerHeads
  readonly listener: WorkerListener
  /** Forks it; null: a process of its own. */
  readonly template: Template | null
}

/** From its start to LOADED, in milliseconds. */
const START_LIMIT = 120_000
/** What a process that has ended has sent is read for so long, in milliseconds: others may hold its sockets open. */
const LAST_WORDS = 250

export class PythonWorker {
  readonly number: number
  readonly link: WorkerLink
  state: 'starting' | 'ready' | 'retiring' = 'starting'
  /** It is to be replaced, and serves until it is. */
  worn = false
  /** Requests that it is given beyond those that it can run. */
  ahead = 0
  recalling = false
  /** Requests that it was given. */
  taken = 0
  /** How many requests it takes before it is replaced. */
  limit: number = Infinity
  private readonly startedAt = performance.now()
  /** When it began to serve; milliseconds of performance.now(). */
  readyAt = 0
  /** Why it was killed by us; null where it was not. */
  killed: string | null = null
  pid = 0
  died = false

  private readonly options: WorkerOptions
  private readonly token = newToken()
  private readonly tunnels = new WeakMap<Call, Tunnel>()
  private child: ChildProcess | undefined
  /** Null of one that a template has forked. */
  private channel: SocketChannel | null = null
  private forked = false
  /** On Linux its process is killed by the system when this is closed. */
  private lifeLine: Socket | undefined
  private tooLate: NodeJS.Timeout | undefined
  private exit: Exit | undefined
  /** All that it has sent. */
  private read = false

  constructor(options: WorkerOptions) {
    this.options = options
    this.number = options.number
    const { listener, start, heads } = options
    this.link = new WorkerLink({
      loaded: (application) => this.loaded(application),
      failed: (raised) => listener.failed(this, raised),
      warning: (text) => listener.warning(`Python worker ${this.number}: ${text}`),
      leaving: () => listener.leaving(this),
      published: (message) => listener.published(message),
      measured: (value) => listener.measured(value),
      stack: (call, text) => listener.stack(this, call, text),
      recalled: (calls) => {
        this.recalling = false
        listener.recalled(this, calls)
      },
      lend: (call, handle) => this.channel?.answer(call.id, handle),
      freed: () => listener.freed(this),
      exited: () => this.kill('it sent garbage: it is no template'),
      broken: (why) => this.kill(`it sent garbage: ${why}`),
      ended: (which) => this.disconnected(which),
    }, start.window, heads)
  }

  get connected(): boolean {
    return this.link.connected
  }

  start(): void {
    const { launch, template, number } = this.options
    launch.wire.expect(number, this.token, (hello, socket, rest) => {
      if (hello.role === 'life') return this.hold(socket)
      if (hello.role === 'log') return this.attachLog(socket, rest)
      if (hello.role === 'data' || hello.role === 'control') return this.welcome(hello, hello.role, socket, rest)
      socket.destroy()
      return () => undefined
    })
    this.tooLate = setTimeout(() => this.kill(`it was not ready within ${START_LIMIT / 1000} s`), START_LIMIT)
    if (template !== null) {
      this.forked = true
      template.fork(this, this.token)
      return
    }
    const child = this.child = launchPython(launch, number, this.token, 'worker')
    this.pid = child.pid ?? 0
    this.channel = SocketChannel.of(child)
    child.once('error', (error) => {
      this.options.listener.warning(`Python worker ${number} cannot be started: ${error.message}`)
      this.exited({ status: null, signal: null })
    })
    child.once('exit', (status, signal) => this.exited({ status, signal }))
    if (child.stdout !== null) readLines(child.stdout, (line) => this.options.listener.printed(this, 'stdout', line))
    if (child.stderr !== null) readLines(child.stderr, (line) => this.options.listener.printed(this, 'stderr', line))
  }

  /** How many requests it can take now. */
  room(threads: number): number {
    return this.state === 'ready' ? threads + this.ahead - this.link.calls.size : 0
  }

  /** How it is, for operators. */
  facts(threads: number): ServiceProcess {
    const { number, pid, state, taken, options: { start: { target } } } = this
    return {
      number, pid, what: target, state, busy: this.link.calls.size, threads, taken,
      uptime: (performance.now() - this.startedAt) / 1000, memory: residentMemory(pid),
    }
  }

  /** Where its threads are. @param patience milliseconds */
  async stacks(patience: number): Promise<ProcessStacks> {
    const { number, pid, options: { start, launch } } = this
    // Before it is loaded the signal would end it.
    const text = this.readyAt === 0 || this.died ? null
      : await threadStacks(pid, join(launch.wire.directory, `worker-${number}.stacks`), patience)
    return { number, pid, what: start.target, text }
  }

  /** Gives it a request whose application is offered a socket. */
  openTunnel(call: Call, tunnel: Tunnel): void {
    const token = newToken()
    this.tunnels.set(call, tunnel)
    tunnel.expect(this.options.launch.wire.expectTunnel(token, (socket, rest) => tunnel.attach(socket, rest)))
    this.link.openTunnel(call, token)
  }

  retire(): void {
    if (this.state === 'retiring') return
    this.state = 'retiring'
    this.ahead = 0
    this.link.drain()
    for (const call of this.link.tunnels.values()) this.tunnels.get(call)?.retire()
  }

  /** At once, whatever it does. Its end is told by died(). */
  kill(why: string): void {
    if (this.killed !== null || this.died) return
    this.killed = why
    this.state = 'retiring'
    this.link.close()
    this.lifeLine?.destroy()
    if (this.child !== undefined) this.child.kill('SIGKILL')
    else if (this.pid > 0 && this.options.template?.isParentOf(this.pid) === true) process.kill(this.pid, 'SIGKILL')
  }

  /** Its process has ended: of one that was forked its template tells. */
  exited(exit: Exit): void {
    if (this.exit !== undefined) return
    this.exit = exit
    clearTimeout(this.tooLate)
    if (this.killed !== null || this.read || !this.link.connected) this.over()
    else setTimeout(() => this.over(), LAST_WORDS)
  }

  /** Requests that had not begun when it died, by its own count; where that cannot be had all count as begun. */
  notBegun(): ReadonlySet<Call> {
    const waiting = [...this.link.calls]
    try {
      const counter = readFileSync(join(this.options.launch.wire.directory, `worker-${this.number}.begun`))
      const begun = Number(counter.readBigUInt64LE(0)) - this.link.finished
      return new Set(waiting.filter(({ state }, index) => index >= begun && state === 'sent'))
    } catch {
      return new Set()
    }
  }

  private welcome(hello: Hello, role: 'data' | 'control', socket: Socket, rest: Buffer): Receive {
    if (this.forked) this.pid = hello.pid
    const receive = this.link.attach(role, socket, rest)
    if (role === 'control') this.link.tell(startFrame(this.options.start))
    return receive
  }

  private hold(socket: Socket): Receive {
    this.lifeLine = socket
    return () => {
      this.kill('it sent garbage: nothing is said on the life line')
      return undefined
    }
  }

  private attachLog(socket: Socket, rest: Buffer): Receive {
    const lines = new OutputLines((line) => this.options.listener.printed(this, 'stderr', line))
    lines.take(rest)
    socket.once('close', () => lines.end())
    return (bytes, length) => {
      lines.take(bytes.subarray(0, length))
      return undefined
    }
  }

  private loaded(application: LoadedApplication): void {
    if (this.state !== 'starting') return
    clearTimeout(this.tooLate)
    this.state = 'ready'
    this.readyAt = performance.now()
    this.options.listener.loaded(this, application)
  }

  /** Its process ends with its connections, and they with it; what has come is read first. */
  private disconnected(which: 'one' | 'all'): void {
    if (which === 'all') {
      this.read = true
      if (this.exit !== undefined) this.over()
    }
    if (this.child !== undefined) {
      setTimeout(() => { if (this.exit === undefined) this.kill('its connection ended') }, LAST_WORDS)
    } else {
      // Whoever is not our child, and whose template may be gone too, has ended for us.
      setTimeout(() => this.exited({ status: null, signal: null }), LAST_WORDS)
    }
  }

  private over(): void {
    if (this.died) return
    this.died = true
    this.link.close()
    this.lifeLine?.destroy()
    this.channel?.close()
    this.options.launch.wire.forget(this.number)
    this.options.listener.died(this, this.exit ?? { status: null, signal: null })
  }
}
