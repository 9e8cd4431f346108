/** The two connections to one Python worker: requests go out, what comes in is handed to whoever waits for it. */
import { open } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { constants } from 'node:fs'
import { SHARED, type Receive } from '../sockets/accepted-socket.ts'
import { lengthOf } from '../http/body-blocks.ts'
import { AnswerHeads } from './answer-heads.ts'
import { PythonError, type Call } from './call.ts'
import { CallList } from './call-list.ts'
import { Credit } from './credit.ts'
import { headEnd, headText, readFile } from './wire/answer.ts'
import { FrameReader } from './wire/frame-reader.ts'
import { ToServer, ToWorker, WireError } from './wire/frames.ts'
import {
  bodyFailedFrame, bodyFrame, creditFrame, frame, readForkExit, readIds, readLoaded, readNote, readPull, readRaised, readText,
  readMeasured, readPublished, readWritten, requestFrame, tunnelFrame, type ForkExit, type LoadedApplication, type MeasuredValue, type PublishedMessage, type Raised,
} from './wire/messages.ts'

/** What the link tells of. */
export interface LinkListener {
  loaded(application: LoadedApplication): void
  failed(raised: Raised): void
  warning(text: string): void
  leaving(): void
  published(message: PublishedMessage): void
  measured(value: MeasuredValue): void
  stack(call: Call, text: string): void
  /** Requests were given back, in order; nothing of them was begun. */
  recalled(calls: readonly Call[]): void
  /** The worker waits for the socket of a request's client; null: it gets none. */
  lend(call: Call, handle: object | null): void
  /** Places have become free: called once for all that came in one read. */
  freed(): void
  exited(exit: ForkExit): void
  /** It does not keep to the wire; or a connection has ended, which needs not be a fault. */
  broken(why: string): void
  /** One of its connections, or all. */
  ended(which: 'one' | 'all'): void
}

/** What is read of the data socket at a time, in bytes, into a buffer that is used again: large bodies come through it. */
const READ = 262_144

export class WorkerLink {
  /** Requests that are not over, in the order sent. */
  readonly calls: CallList = new CallList()
  /** Those with a tunnel, which hold no place of the others. */
  readonly tunnels: Map<number, Call> = new Map()
  /** Those that are over, of what was sent: with the worker's own count of those begun it tells which of the rest are. */
  finished = 0
  /** When the last answer came, or the first request after none; milliseconds. */
  progressAt = 0
  /** Of all that came in the read that is being worked off. */
  private freed = 0
  /** Part of the buffer at hand is still in use. */
  private kept = false
  /** Blocks that have come in the read that is being worked off, and not been passed on: all of one answer. */
  private blocks: Buffer[] = []
  private blocksOf: Call | undefined
  private readonly listener: LinkListener
  private readonly window: number
  private readonly heads: AnswerHeads
  private readonly credits = new Map<number, Credit>()
  private readonly readers: FrameReader[] = []
  private data: Socket | undefined
  private control: Socket | undefined
  private outgoing = ''
  private lastId = 0
  private closed = false
  private open = 0

  constructor(listener: LinkListener, window: number, heads: AnswerHeads) {
    this.listener = listener
    this.window = window
    this.heads = heads
  }

  get connected(): boolean {
    return this.data !== undefined && this.control !== undefined
  }

  /**
   * @param rest what was read behind HELLO
   * @returns what is to get all that is read from then on
   */
  attach(role: 'data' | 'control', socket: Socket, rest: Buffer): Receive {
    this[role] = socket
    this.open++
    const reader = new FrameReader(role, (type, id, payload) => this.take(type, id, payload))
    this.readers.push(reader)
    socket.on('error', () => undefined)
    socket.on('close', () => this.lost())
    if (rest.length > 0) this.read(reader, rest)
    let own: Buffer | undefined
    return (bytes, length) => {
      this.kept = false
      // Before the first answer it is the buffer of all sockets, and blocks of a body may be kept.
      this.read(reader, bytes === SHARED ? Buffer.from(bytes.subarray(0, length)) : bytes.subarray(0, length))
      if (role === 'control' || (own === bytes && !this.kept)) return undefined
      return own = Buffer.allocUnsafeSlow(READ)
    }
  }

  /** Nothing is read or sent any more. */
  close(): void {
    this.closed = true
    for (const reader of this.readers) reader.end()
    this.data?.destroy()
    this.control?.destroy()
  }

  /** Puts a request among those that the next flush() sends. */
  push(call: Call): void {
    const id = this.nextId(call)
    this.calls.add(call)
    this.outgoing += requestFrame(id, call.request.environ, call.request.kind, call.request.body)
  }

  /** Offers a request's application a socket; who says the token gets it. */
  openTunnel(call: Call, token: string): void {
    const id = this.nextId(call)
    this.tunnels.set(id, call)
    this.tell(tunnelFrame(id, call.request.environ, token))
  }

  /** The request of that id, if it is not over. */
  find(id: number): Call | undefined {
    return this.calls.find(id) ?? this.tunnels.get(id)
  }

  flush(): void {
    if (this.outgoing === '') return
    const text = this.outgoing
    this.outgoing = ''
    this.data?.write(text, 'latin1')
  }

  /** A control frame. What is about a request must not overtake it. */
  tell(text: string | Buffer): void {
    if (this.closed) return
    this.flush()
    if (typeof text === 'string') this.control?.write(text, 'latin1')
    else this.control?.write(text)
  }

  cancel(call: Call): void {
    this.tell(frame(ToWorker.CANCEL, call.id))
  }

  clientEnded(call: Call): void {
    this.tell(frame(ToWorker.CLIENT_ENDED, call.id))
  }

  interrupt(call: Call): void {
    this.tell(frame(ToWorker.TIMEOUT, call.id))
  }

  recall(): void {
    this.tell(frame(ToWorker.RECALL, 0))
  }

  drain(): void {
    this.tell(frame(ToWorker.DRAIN, 0))
  }

  private nextId(call: Call): number {
    const id = this.lastId = this.lastId === 0xffff_ffff ? 1 : this.lastId + 1
    call.id = id
    call.state = 'sent'
    return id
  }

  private lost(): void {
    this.open--
    if (!this.closed) this.listener.ended(this.open > 0 ? 'one' : 'all')
  }

  private read(reader: FrameReader, bytes: Buffer): void {
    this.freed = 0
    try {
      reader.push(bytes)
      this.passBlocks()
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.listener.broken(error.message)
      return
    }
    if (this.freed > 0) this.listener.freed()
  }

  private take(type: number, id: number, payload: Buffer): void {
    if (this.blocksOf !== undefined && (type !== ToServer.DATA || id !== this.blocksOf.id)) this.passBlocks()
    if (id === 0) {
      this.takeOwn(type, payload)
      return
    }
    const call = this.find(id)
    if (call !== undefined) this.takeOf(call, type, payload)
    else if (id > this.lastId) throw new WireError(`frame of type ${type} for request ${id}, which it never got`)
  }

  private takeOwn(type: number, payload: Buffer): void {
    switch (type) {
      case ToServer.LOADED: return this.listener.loaded(readLoaded(payload))
      case ToServer.FAILED: return this.listener.failed(readRaised(payload))
      case ToServer.WARNING: return this.listener.warning(readText(payload))
      case ToServer.PUBLISH: return this.listener.published(readPublished(payload))
      case ToServer.METRIC: return this.listener.measured(readMeasured(payload))
      case ToServer.LEAVING: return this.listener.leaving()
      case ToServer.EXITED: return this.listener.exited(readForkExit(payload))
      case ToServer.RECALLED: return this.recalled(readIds(payload))
      default: throw new WireError(`a frame of type ${type} behind HELLO`)
    }
  }

  private takeOf(call: Call, type: number, payload: Buffer): void {
    switch (type) {
      case ToServer.ANSWER: return this.answer(call, payload)
      case ToServer.HEAD: return this.begin(call, payload)
      case ToServer.DATA: return this.block(call, payload)
      case ToServer.BORROW: return this.lend(call, payload)
      case ToServer.WROTE: return this.wrote(call, readWritten(payload))
      case ToServer.END: return this.end(call)
      case ToServer.FILE: return this.file(call, payload)
      case ToServer.ERROR: return this.error(call, readRaised(payload))
      case ToServer.NOTE: return call.caller.noted(readNote(payload))
      case ToServer.STACK: return this.listener.stack(call, readText(payload))
      case ToServer.PULL: void this.feed(call, readPull(payload)); return
      default: throw new WireError(`a frame of type ${type} for a request`)
    }
  }

  private answer(call: Call, payload: Buffer): void {
    expectState(call, 'sent', 'ANSWER')
    const end = headEnd(payload)
    const head = this.heads.read(headText(payload, end))
    this.over(call)
    if (!call.abandoned) call.caller.answer(head, Buffer.from(payload.subarray(end)))
  }

  private begin(call: Call, payload: Buffer): void {
    expectState(call, 'sent', 'HEAD')
    const end = headEnd(payload)
    if (end !== payload.length) throw new WireError('bytes behind a head')
    const head = this.heads.read(headText(payload, end))
    call.state = 'answering'
    this.credits.set(call.id, new Credit(this.window, (bytes) => this.tell(creditFrame(call.id, bytes))))
    if (!call.abandoned) call.caller.begin(head)
  }

  /** An answer begins whose body is long: where the client's socket can be had the worker writes to that, as far as it goes quickly. */
  private lend(call: Call, payload: Buffer): void {
    this.begin(call, payload)
    const handle = call.abandoned ? null : call.caller.lend?.() ?? null
    if (handle !== null) call.state = 'lent'
    this.listener.lend(call, handle)
  }

  private wrote(call: Call, bytes: number): void {
    expectState(call, 'lent', 'WROTE')
    if (!call.abandoned && call.caller.wrote?.(bytes) !== true) throw new WireError(`${bytes} bytes were written, which the answer does not have`)
  }

  private block(call: Call, payload: Buffer): void {
    // From here on the worker writes no more to the client itself.
    if (call.state === 'lent') call.state = 'answering'
    expectState(call, 'answering', 'DATA')
    this.blocksOf = call
    this.blocks.push(payload)
  }

  /** What has come at once leaves at once: one system call for many blocks. */
  private passBlocks(): void {
    const { blocks, blocksOf: call } = this
    if (call === undefined) return
    this.blocks = []
    this.blocksOf = undefined
    if (call.abandoned || call.state === 'over') return
    this.credits.get(call.id)?.passed(lengthOf(blocks), call.caller.write(blocks))
    if (call.caller.busy) this.kept = true
  }

  private end(call: Call): void {
    if (call.state === 'sent' && !call.abandoned) throw new WireError('an END without an answer')
    const { state } = call
    this.over(call)
    if ((state === 'answering' || state === 'lent') && !call.abandoned) call.caller.end()
  }

  private file(call: Call, payload: Buffer): void {
    expectState(call, 'sent', 'FILE')
    const end = headEnd(payload)
    const head = this.heads.read(headText(payload, end))
    const file = readFile(payload, end)
    call.state = 'file'
    // Without O_NONBLOCK the opening of a FIFO would wait for its writer.
    open(file.path, constants.O_RDONLY | constants.O_NONBLOCK).then(async (handle) => {
      if (call.abandoned || call.state !== 'file') {
        await handle.close()
        return
      }
      this.tell(frame(ToWorker.FILE_TAKEN, call.id))
      call.caller.file(head, handle, file)
    }, () => {
      // Not readable for the server's user: the worker, which has it open, sends it.
      if (call.abandoned || call.state !== 'file') return
      call.state = 'answering'
      this.credits.set(call.id, new Credit(this.window, (bytes) => this.tell(creditFrame(call.id, bytes))))
      call.caller.begin(head)
      this.tell(frame(ToWorker.FILE_REFUSED, call.id))
    })
  }

  private error(call: Call, { message, traceback }: Raised): void {
    this.over(call)
    // Of what was interrupted the log has the stack already.
    if (!call.late) call.caller.raised(new PythonError(message, traceback))
  }

  private async feed(call: Call, size: number): Promise<void> {
    try {
      const bytes = await call.caller.pull(size)
      if (call.state !== 'over') this.tell(bodyFrame(call.id, bytes ?? new Uint8Array(0)))
    } catch (error) {
      if (call.state !== 'over') this.tell(bodyFailedFrame(call.id, error instanceof Error ? error.message : String(error)))
    }
  }

  private recalled(ids: readonly number[]): void {
    const calls = ids.flatMap((id) => {
      const call = this.calls.find(id)
      if (call === undefined && id > this.lastId) throw new WireError(`request ${id} is given back, which it never got`)
      if (call === undefined) return []
      if (call.state !== 'sent') throw new WireError(`request ${id} is given back after its answer has begun`)
      this.calls.remove(call)
      return [call]
    })
    this.listener.recalled(calls)
  }

  private over(call: Call): void {
    this.credits.delete(call.id)
    if (!this.tunnels.delete(call.id)) {
      this.calls.remove(call)
      this.finished++
      this.freed++
    }
    call.over()
  }
}

function expectState(call: Call, state: Call['state'], what: string): void {
  // What nobody waits for is not looked at, but it is in order all the same.
  if (call.state !== state) throw new WireError(`${what} where the request is ${call.state}`)
}
