/** With `preload`: a Python process that has loaded the application and forks the workers, which share its memory. */
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Receive } from '../sockets/accepted-socket.ts'
import { readLines } from './output-lines.ts'
import { FrameReader } from './wire/frame-reader.ts'
import { ToServer, ToWorker, WireError } from './wire/frames.ts'
import {
  forkFrame, frame, readForkExit, readLoaded, readRaised, readText, startFrame, type Raised, type Start,
} from './wire/messages.ts'
import { launchPython, newToken, type LaunchPlan } from './worker-launch.ts'

/** A worker as its template knows it. */
export interface Forked {
  readonly number: number
  /** It has connections of its own, and goes on without its template. */
  readonly connected: boolean
  exited(exit: { readonly status: number | null, readonly signal: string | null }): void
}

export interface TemplateListener {
  failed(raised: Raised): void
  printed(stream: 'stdout' | 'stderr', line: string): void
  warning(text: string): void
  /** No worker comes from it any more; those that it has forked go on. */
  died(how: string): void
}

export class Template {
  private readonly listener: TemplateListener
  private readonly launch: LaunchPlan
  private readonly number: number
  private readonly child: ChildProcess
  private readonly waiting: string[] = []
  private readonly forked = new Map<number, Forked>()
  private control: Socket | undefined
  private ready = false
  private ended = false

  constructor(launch: LaunchPlan, number: number, start: Start, listener: TemplateListener) {
    this.listener = listener
    this.launch = launch
    this.number = number
    const token = newToken()
    launch.wire.expect(number, token, (hello, socket, rest) => {
      if (hello.role === 'template') return this.attach(socket, start, rest)
      // On Linux the template is killed by the system when the other is closed; it closes that itself when it has loaded.
      if (hello.role !== 'life') socket.destroy()
      return () => undefined
    })
    this.child = launchPython(launch, number, token, 'template')
    this.child.once('error', (error) => this.over(error.message))
    this.child.once('exit', (status, signal) => this.over(signal ?? `status ${status}`))
    if (this.child.stdout !== null) readLines(this.child.stdout, (line) => listener.printed('stdout', line))
    if (this.child.stderr !== null) readLines(this.child.stderr, (line) => listener.printed('stderr', line))
  }

  /** Asks for a worker, when the application has been loaded. */
  fork(worker: Forked, token: string): void {
    this.forked.set(worker.number, worker)
    const text = forkFrame(worker.number, token)
    if (this.ready) this.control?.write(text, 'latin1')
    else this.waiting.push(text)
  }

  /** What a worker says of its own id is believed only so far. Where the system does not tell, nothing is known. */
  isParentOf(pid: number): boolean {
    try {
      const [, parent] = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ')
      return Number(parent) === this.child.pid
    } catch {
      return false
    }
  }

  /** It ends when all that it forked have. */
  drain(): void {
    this.control?.write(frame(ToWorker.DRAIN, 0), 'latin1')
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }

  private attach(socket: Socket, start: Start, rest: Buffer): Receive {
    this.control = socket
    const reader = new FrameReader('control', (type, _id, payload) => this.take(type, payload))
    const read = (bytes: Buffer): void => {
      try {
        reader.push(bytes)
      } catch (error) {
        if (!(error instanceof WireError)) throw error
        this.listener.warning(`the Python template is killed: it sent garbage: ${error.message}`)
        reader.end()
        this.kill()
      }
    }
    socket.on('error', () => undefined)
    socket.write(startFrame(start), 'latin1')
    if (rest.length > 0) read(rest)
    return (bytes, length) => {
      read(bytes.subarray(0, length))
      return undefined
    }
  }

  private take(type: number, payload: Buffer): void {
    switch (type) {
      case ToServer.LOADED:
        readLoaded(payload)
        this.ready = true
        for (const text of this.waiting.splice(0)) this.control?.write(text, 'latin1')
        break
      case ToServer.FAILED:
        this.listener.failed(readRaised(payload))
        break
      case ToServer.EXITED: {
        const { worker, status, signal } = readForkExit(payload)
        const forked = this.forked.get(worker)
        if (forked === undefined) throw new WireError(`worker ${worker} has exited, which it never forked`)
        this.forked.delete(worker)
        forked.exited({ status, signal })
        break
      }
      case ToServer.WARNING:
        this.listener.warning(`Python template: ${readText(payload)}`)
        break
      case ToServer.LEAVING:
        break
      default:
        throw new WireError(`a frame of type ${type} from a template`)
    }
  }

  private over(how: string): void {
    if (this.ended) return
    this.ended = true
    this.control?.destroy()
    this.launch.wire.forget(this.number)
    for (const worker of this.forked.values()) if (!worker.connected) worker.exited({ status: null, signal: null })
    this.listener.died(how)
  }
}
