/**
 * A WebSocket of a plain Python application: a connected socket that Python reads and writes, and the client's connection,
 * with nothing in between but the head of the answer, which the application writes and the server sends.
 */
import type { FileHandle } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import type { CauseName } from '../http/causes.ts'
import { webSocketCounts } from '../gateway/web-socket-counts.ts'
import { ExchangeClosed } from '../http/exchange-closed.ts'
import type { Receive } from '../sockets/accepted-socket.ts'
import type { Caller, UpgradingCaller } from './call.ts'
import type { AnswerHead, WireFile } from './wire/answer.ts'
import { FrameBoundary, goingAwayFrame } from './wire/frame-boundary.ts'
import { LONGEST_HEAD, parseSocketHead, socketHeadEnd } from './wire/socket-head.ts'

/** How long a client may take to end its side when the application has, in milliseconds. */
const LINGER = 2000
/** How long the socket of an application that has ended may take to come, which has a way of its own, in milliseconds. */
const LATE = 2000
/** How long what the application has left running may be silent on the socket before that is closed, in milliseconds. */
const REST = 250

/** Only of one connection (RFC 9110 section 7.6.1), and how the body is framed: the server's to say. */
const OWN: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/** What becomes of an answer as WSGI has it: of one who left its socket alone, and of one who did not. */
interface Reply {
  readonly unused: () => void
  readonly used: () => void
}

export class Tunnel implements Caller {
  /**
   * What the application does with its socket: `untouched`, until it has written a head; `open` behind a 101; `answered`
   * behind another; `unused`, where it answers as WSGI says.
   */
  private state: 'untouched' | 'open' | 'answered' | 'unused' | 'over' = 'untouched'
  private readonly caller: UpgradingCaller
  private readonly grace: number
  private readonly gone: () => void
  private forget: () => void = () => undefined
  /** Python's. */
  private socket: Socket | undefined
  /** The client's, behind a 101. */
  private stream: Duplex | undefined
  private head: Buffer = Buffer.alloc(0)
  /** What the application has answered while it was not known yet whether that counts. */
  private later: Reply[] = []
  /** Of what the client sends, and of what the application does. */
  private readonly boundary = new FrameBoundary()
  private readonly answers = new FrameBoundary()
  private retiring: 'no' | 'at the next boundary' | 'told' = 'no'
  private cut: NodeJS.Timeout | undefined
  /** The application has returned: no frame comes any more. */
  private returned = false
  /** Its socket has ended. */
  private complete = false

  /**
   * @param caller who gets the answer where the application does not use its socket
   * @param grace how long the application may take to end when it is asked to, in milliseconds
   * @param gone called when the client has gone
   */
  constructor(caller: UpgradingCaller, grace: number, gone: () => void) {
    this.caller = caller
    this.grace = grace
    this.gone = gone
  }

  /** @param forget called where the socket has not come and is waited for no longer */
  expect(forget: () => void): void {
    this.forget = forget
  }

  // The socket ----------------------------------------------------------------------------------------------------------------------

  /** @param rest what Python has written already */
  attach(socket: Socket, rest: Buffer): Receive {
    if (this.state === 'over') socket.destroy()
    this.socket = socket
    socket.on('error', () => undefined)
    socket.on('drain', () => this.stream?.resume())
    socket.on('end', () => this.ended())
    socket.on('close', () => this.ended())
    if (rest.length > 0) this.take(Buffer.from(rest))
    if (this.later.length > 0) this.decideSoon()
    if (this.returned) this.release(socket)
    return (bytes, length) => {
      this.take(Buffer.from(bytes.subarray(0, length)))
      return undefined
    }
  }

  /** The application is asked to come to an end: its WebSocket gets a Close with 1001, as if from the client. */
  retire(): void {
    if ((this.state !== 'open' && this.state !== 'untouched') || this.retiring !== 'no') return
    this.retiring = 'at the next boundary'
    this.cut = setTimeout(() => this.socket?.destroy(), this.grace).unref()
    if (this.state === 'open' && this.boundary.reached) this.sayGoingAway()
  }

  private take(bytes: Buffer): void {
    switch (this.state) {
      case 'untouched': return this.takeHead(bytes)
      case 'open': {
        const { answers } = this
        const before = answers.messages
        answers.pass(bytes, { first: false })
        webSocketCounts().sent += answers.messages - before
        if (this.stream?.write(bytes) === false) this.socket?.pause()
        return
      }
      case 'answered': {
        const written = this.caller.write([bytes])
        if (written === undefined) return
        this.socket?.pause()
        void written.then(() => this.socket?.resume())
      }
    }
  }

  private takeHead(bytes: Buffer): void {
    this.head = Buffer.concat([this.head, bytes])
    const end = socketHeadEnd(this.head)
    try {
      if (end >= 0) this.answerWith(parseSocketHead(this.head.subarray(0, end)), this.head.subarray(end))
      else if (this.head.length > LONGEST_HEAD) throw new TypeError(`the application wrote no answer on its socket, but ${this.head.length} bytes`)
    } catch (error) {
      this.socket?.destroy()
      this.state = 'over'
      this.later = []
      // The client went when the application was about to take it over.
      if (error instanceof ExchangeClosed) this.caller.left()
      else this.caller.raised(error instanceof Error ? error : new Error(String(error)))
    }
  }

  private answerWith(head: AnswerHead, rest: Buffer): void {
    this.head = Buffer.alloc(0)
    if (head.status.startsWith('101')) {
      this.state = 'open'
      this.open(this.caller.upgrade(head))
    } else {
      if (head.fields.some(([name]) => name.toLowerCase() === 'transfer-encoding')) {
        throw new TypeError('the application wrote a Transfer-Encoding on its socket: a body there is as long as it says, or until its end')
      }
      this.state = 'answered'
      this.caller.begin({ status: head.status, fields: head.fields.filter(([name]) => !OWN.has(name.toLowerCase())) })
    }
    this.settle('used')
    if (rest.length > 0) this.take(rest)
  }

  private open(stream: Duplex): void {
    this.stream = stream
    const counts = webSocketCounts()
    counts.open++
    counts.opened++
    stream.on('data', (bytes: Buffer) => this.forward(bytes))
    stream.on('end', () => this.socket?.end())
    stream.on('drain', () => this.socket?.resume())
    stream.on('error', () => undefined)
    stream.on('retire', () => this.retire())
    stream.on('close', () => {
      counts.open--
      clearTimeout(this.cut)
      this.socket?.destroy()
      this.gone()
    })
    if (this.retiring !== 'no') this.sayGoingAway()
  }

  private forward(bytes: Buffer): void {
    const { socket } = this
    // Nobody is there any more, or it was told that the client is not.
    if (socket === undefined || socket.destroyed || this.retiring === 'told') return
    const { boundary } = this
    const before = boundary.messages
    const whole = boundary.pass(bytes, { first: this.retiring !== 'no' })
    webSocketCounts().received += boundary.messages - before
    if (socket.write(bytes.subarray(0, whole)) === false) this.stream?.pause()
    if (this.retiring !== 'no' && this.boundary.reached) this.sayGoingAway()
  }

  private sayGoingAway(): void {
    this.retiring = 'told'
    this.socket?.write(goingAwayFrame())
  }

  /** Python writes no more. */
  private ended(): void {
    const { state, stream } = this
    this.complete = true
    if (state === 'untouched') {
      clearTimeout(this.cut)
      this.state = 'unused'
      this.settle('unused')
    } else if (state === 'answered') {
      this.endAnswer()
    } else if (state === 'open') {
      this.state = 'over'
      this.retiring = 'told'
      stream?.end()
      stream?.resume()
      clearTimeout(this.cut)
      this.cut = setTimeout(() => stream?.destroy(), LINGER).unref()
    }
  }

  // What the application answers besides ----------------------------------------------------------------------------------------------

  get label(): string {
    return this.caller.label
  }

  get clientEnded(): boolean {
    return this.caller.clientEnded
  }

  answer(head: AnswerHead, body: Buffer): void {
    this.unlessUsed(() => this.caller.answer(head, body), () => this.left())
  }

  begin(head: AnswerHead): void {
    this.unlessUsed(() => this.caller.begin(head))
  }

  write(blocks: readonly Buffer[]): void | Promise<void> {
    if (this.state === 'unused') return this.caller.write(blocks)
    if (this.state !== 'untouched') return undefined
    return new Promise((resolve) => {
      this.wait({ unused: () => resolve(this.caller.write(blocks)), used: resolve })
    })
  }

  get busy(): boolean {
    return this.state === 'unused' ? this.caller.busy : this.state === 'untouched'
  }

  end(): void {
    this.unlessUsed(() => this.caller.end(), () => this.left())
  }

  file(head: AnswerHead, handle: FileHandle, file: WireFile): void {
    this.unlessUsed(() => this.caller.file(head, handle, file), () => {
      handle.close().catch((error: unknown) => this.noted(String(error)))
      this.left()
    })
  }

  raised(error: Error): void {
    this.unlessUsed(() => this.caller.raised(error), () => {
      this.caller.raised(error)
      this.left()
    })
  }

  noted(message: string): void {
    this.caller.noted(message)
  }

  fail(cause: CauseName, detail: string): void {
    this.state = 'over'
    this.socket?.destroy()
    if (this.stream === undefined) this.caller.fail(cause, detail)
    else this.stream.destroy()
  }

  async pull(): Promise<null> {
    return null
  }

  over(): void {
    this.returned = true
    this.caller.over()
    if (this.socket !== undefined) this.release(this.socket)
    else setTimeout(() => this.missed(), LATE).unref()
  }

  /** At once where it is known that the socket is not used, and when that is known. */
  private unlessUsed(unused: () => void, used: () => void = () => undefined): void {
    if (this.state === 'untouched') this.wait({ unused, used })
    else if (this.state === 'unused') unused()
    else used()
  }

  private settle(how: keyof Reply): void {
    const { later } = this
    this.later = []
    for (const reply of later) reply[how]()
  }

  private wait(reply: Reply): void {
    this.later.push(reply)
    if (this.later.length === 1 && this.socket !== undefined) this.decideSoon()
  }

  /**
   * Whether the application has written on its socket. What it wrote before it answered is there to be read when the answer
   * is, though by another way: when the loop has looked at all sockets once more, it has been read.
   */
  private decideSoon(): void {
    setImmediate(() => setImmediate(() => {
      if (this.state !== 'untouched') return
      this.state = 'unused'
      this.settle('unused')
    }))
  }

  /** The application has no use for the socket any more; threads that it has left behind may write a last word. */
  private release(socket: Socket): void {
    socket.end()
    let read = socket.bytesRead
    const look = (): void => {
      if (socket.destroyed) return
      if (socket.bytesRead === read && !socket.isPaused()) {
        socket.destroy()
        return
      }
      read = socket.bytesRead
      setTimeout(look, REST).unref()
    }
    setTimeout(look, REST).unref()
  }

  /** The socket of an application that has returned has not come. */
  private missed(): void {
    if (this.socket !== undefined) return
    this.forget()
    this.ended()
  }

  /** What the application returned is for nobody. */
  private left(): void {
    if (this.stream !== undefined) this.caller.left()
    else this.endAnswer()
  }

  /** Not before both: the end of the socket alone could be that of the process. */
  private endAnswer(): void {
    if (this.state !== 'answered' || !this.returned || !this.complete) return
    this.state = 'over'
    this.caller.end()
  }
}
