/** HTTP/1.1 on a real socket: the sans-IO connection's host, and who watches its time limits. */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { errorAnswer } from '../gateway/error-answer.ts'
import type { CauseName } from '../http/causes.ts'
import { H1Connection } from '../http/h1/connection.ts'
import type { ErrorAnswer, H1Exchange } from '../http/h1/exchange.ts'
import type { H1Host, Phase } from '../http/h1/host.ts'
import type { Peer } from '../http/peer.ts'
import type { RequestHead } from '../http/request-head.ts'
import { handleOf, readAnew, readAsStream, readInto, sendProgress, SHARED, stopReading } from '../sockets/accepted-socket.ts'
import { Http2Connection } from './http2-connection.ts'
import { readPreface } from './http2-preface.ts'
import { peerOf } from './socket-peer.ts'
import { samePeer } from './forwarding.ts'
import { requestName } from './request-name.ts'
import { resetSocket } from './reset-socket.ts'
import { SocketWriter, type Writer } from './socket-writer.ts'
import { StreamWriter } from './stream-writer.ts'
import type { Released, ServerContext, Tracked } from './server-context.ts'
import { UpgradedConnection } from './upgraded-connection.ts'

/** How long the client may take to read a last answer and close, in milliseconds. */
const LINGER = 2000

/** Of a read buffer, in bytes. */
const LARGE = 32768
/** Of one read, in bytes. */
const LITTLE = 16384
const EMPTY = Buffer.alloc(0)

/** What has happened on a connection before HTTP begins on it. */
export interface Prelude {
  readonly peer: Peer
  /** The socket below TLS, where there is TLS. */
  readonly raw?: Socket
  /** What was read of HTTP already. */
  readonly first?: Buffer
}

/** The socket knows its connection, so that all sockets share the same few listeners. */
const CONNECTION = Symbol('connection')
interface ConnectedSocket extends Socket { [CONNECTION]: Http1Connection | UpgradedConnection }
interface HttpSocket extends Socket { [CONNECTION]: Http1Connection }

function onDrain(this: HttpSocket): void { this[CONNECTION].http.flushed() }
function onEnd(this: HttpSocket): void { this[CONNECTION].inputEnded() }
/** What has broken is closed, which is told. */
function onError(): void {}
function onClose(this: ConnectedSocket): void { this[CONNECTION].closed() }

export class Http1Connection implements H1Host, Tracked {
  readonly http: H1Connection
  place = -1
  deadline = 0

  private readonly context: ServerContext
  private readonly socket: Socket
  private readonly writer: Writer
  /** The one below TLS; else the same. */
  private readonly raw: Socket
  private phase: Phase = 'new'
  /** The first bytes, until they tell which protocol it is; null where they have, or only one is spoken. */
  private opening: Buffer | null
  /** Nothing is waited for any more. */
  private stopped = false
  /** Another process goes on with it. */
  private released = false
  private facts: Peer | undefined
  /** Whom the last forwarded request was for. */
  private client: Peer | undefined
  /** Of a client that is slow to take the answer: how far it was, and since when. */
  private progress = 0
  private stuckSince = 0

  constructor(context: ServerContext, accepted: Socket, prelude?: Prelude) {
    this.context = context
    this.facts = prelude?.peer
    const raw = prelude?.raw
    this.opening = context.priorKnowledge && raw === undefined ? EMPTY : null
    this.http = new H1Connection(this, context.limits, prelude?.peer.encrypted === true ? 'https' : 'http', context.writer)
    this.socket = raw === undefined
      ? readInto(accepted, context.listenerOf(accepted), (bytes, length) => this.received(bytes, length))
      : readInto(accepted, null, (bytes, length) => this.receivedOwn(bytes, length), 'events')
    const socket = this.socket as ConnectedSocket
    this.raw = raw ?? socket
    this.writer = raw === undefined ? new SocketWriter(socket, this.http) : new StreamWriter(socket)
    socket[CONNECTION] = this
    socket.on('drain', onDrain).on('end', onEnd).on('error', onError).on('close', onClose)
    this.deadline = context.deadlines.after(context.times.header)
    this.http.retired = context.retired
    context.opened(this)
    if (prelude?.first !== undefined) this.receivedOwn(prelude.first, prelude.first.length)
  }

  get peer(): Peer {
    return this.facts ??= peerOf(this.socket)
  }

  get underWay(): readonly RequestHead[] {
    const { current } = this.http
    return current === null ? [] : [current.head]
  }

  retire(): void {
    this.http.retired = true
  }

  endSilence(): void {
    if (this.http.idle && !this.released) this.http.expired('stopped', 'silent')
  }

  release(): Released | null {
    // What TLS has settled is in this process.
    const free = this.http.idle && !this.writer.busy && this.raw === this.socket && (this.opening?.length ?? 0) === 0
    const handle = free ? stopReading(this.socket) : null
    if (handle === null) return null
    // Many wait for their turn to be passed on: what limits silence here is over for them.
    this.released = true
    this.deadline = 0
    return { handle, close: () => this.socket.destroy() }
  }

  stop(): void {
    this.http.current?.fail('stopped', 'the server stops')
    this.stopped = true
    this.wait('closing')
    this.socket.destroySoon()
  }

  // From the socket ---------------------------------------------------------------------------------------------------------------

  /** The buffer for the next read: the shared one, except while a large body is read. */
  private received(bytes: Buffer, length: number): Buffer | undefined {
    if (this.opening !== null) {
      this.open(Buffer.concat([this.opening, bytes.subarray(0, length)]))
      return undefined
    }
    const { http } = this
    const shared = bytes === SHARED
    const kept = http.receive(bytes, length, shared ? 'reused' : 'given')
    // Who sends little at a time has it copied: thousands of such clients would have a large buffer each for it, again and again.
    const wanted = length < LITTLE && length < bytes.length ? 0 : http.bufferWanted
    if (wanted === 0) return shared ? undefined : SHARED
    // A large one that nothing was kept of is used again, though it may end elsewhere than the application's reads.
    return shared || kept || bytes.length < LARGE ? Buffer.allocUnsafeSlow(wanted) : undefined
  }

  /** Bytes in a buffer of their own, which nobody uses again. */
  private receivedOwn(bytes: Buffer, length: number): undefined {
    if (this.opening !== null) this.open(Buffer.concat([this.opening, bytes.subarray(0, length)]))
    else this.http.receive(bytes, length, 'given')
  }

  private open(bytes: Buffer): void {
    const protocol = readPreface(bytes)
    this.opening = protocol === 'unclear' ? bytes : null
    if (protocol === 'unclear') this.wait('head')
    else if (protocol === 'other' || !this.goOnWithHttp2(bytes)) this.http.receive(bytes, bytes.length, 'given')
  }

  /** The connection is no longer here, for whoever counts connections it is the same. */
  private goOnWithHttp2(first: Buffer): boolean {
    const { context, peer } = this
    const socket = readAnew(this.socket, first)
    if (socket === null) return false
    this.deadline = 0
    context.track(new Http2Connection(context, socket, peer))
    context.untrack(this)
    return true
  }

  inputEnded(): void {
    if (this.opening !== null && this.opening.length > 0) {
      const { opening } = this
      this.opening = null
      this.http.receive(opening, opening.length, 'given')
    }
    this.http.ended()
  }

  closed(): void {
    this.deadline = 0
    this.http.lost()
    this.context.closed(this)
  }

  // For the sans-IO connection ------------------------------------------------------------------------------------------------------

  request(exchange: H1Exchange): void {
    this.context.requests++
    if (this.http.forwarded && !this.forward(exchange)) return
    this.context.gateway(exchange)
  }

  /** False where it was refused. */
  private forward(exchange: H1Exchange): boolean {
    const forwarded = this.context.forwarding.apply(exchange.head, this.peer)
    if (typeof forwarded === 'string') {
      exchange.fail('bad-forwarded', forwarded)
      return false
    }
    if (forwarded === undefined) return true
    const { peer } = forwarded
    // What is known of a client is kept by its peer: the same one while a proxy speaks for the same.
    if (this.client === undefined || !samePeer(this.client, peer)) this.client = peer
    exchange.forwarded(forwarded.head, this.client)
    return true
  }

  get busy(): boolean {
    return this.writer.busy
  }

  write(data: string | Uint8Array): boolean {
    return this.writer.write(data)
  }

  /** What TLS has settled is in this process. */
  lend(): object | null {
    return this.raw === this.socket && !this.writer.busy ? handleOf(this.socket) : null
  }

  writeBlocks(text: string, blocks: readonly Uint8Array[]): boolean {
    return this.writer.writeBlocks(text, blocks)
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  end(): void {
    this.socket.end()
  }

  close(): void {
    this.wait('closing')
    this.socket.destroySoon()
  }

  reset(): void {
    resetSocket(this.raw)
  }

  wait(phase: Phase): void {
    const { deadlines, times } = this.context
    const before = this.phase
    this.phase = phase
    switch (phase) {
      case 'new':
      case 'head':
        // One limit for a whole head, however many pieces it comes in.
        if (before !== 'new' && before !== 'head') this.deadline = deadlines.after(times.header)
        break
      case 'idle':
        this.deadline = deadlines.after(times.keepAlive)
        break
      case 'body':
        this.deadline = deadlines.after(times.body)
        break
      case 'application':
        this.deadline = deadlines.after(times.application)
        break
      case 'closing':
        this.deadline = deadlines.after(LINGER)
        break
      default:
        this.deadline = 0
    }
  }

  detach(leftover: Buffer | null): Duplex {
    const { context, socket } = this
    const stream = readAsStream(socket.off('drain', onDrain).off('end', onEnd), leftover)
    const upgraded = new UpgradedConnection(context, socket, stream, this.peer);
    (socket as ConnectedSocket)[CONNECTION] = upgraded
    // For whoever counts connections it is the same.
    context.track(upgraded)
    context.untrack(this)
    return stream
  }

  errorAnswer(cause: CauseName, head: RequestHead | null): ErrorAnswer {
    return errorAnswer(cause, head)
  }

  requestId(head: RequestHead): string {
    return requestName(this.context, this.peer, head)
  }

  refused(cause: CauseName, detail: string): void {
    const { current } = this.http
    this.context.events.publish('refused', { cause, detail, peer: current?.peer ?? this.peer, head: current?.head ?? null, id: current?.id ?? null })
  }

  // Time limits -----------------------------------------------------------------------------------------------------------------------

  due(): void {
    this.deadline = 0
    const { times } = this.context
    switch (this.phase) {
      case 'head':
        this.http.expired('header-timeout', `no whole head within ${times.header / 1000} s`)
        break
      case 'body':
        this.http.expired('body-timeout', `no byte of the body for ${times.body / 1000} s`)
        break
      case 'application':
        this.http.expired('application-timeout', `no answer begun within ${times.application / 1000} s`)
        break
      case 'closing':
        // What is still on its way is the send limit's to end.
        if (this.writer.busy && !this.stopped) this.wait('closing')
        else this.socket.destroy()
        break
      default:
        this.http.expired('header-timeout', 'idle')
    }
  }

  /** RFC 9112 leaves it to servers: who takes nothing of an answer for so long is taken for gone. */
  look(now: number): void {
    if (this.context.times.send === 0) return
    // An ended socket says no more that it is drained.
    const pending = this.phase === 'closing' ? this.writer.busy : !this.http.writable
    if (!pending) {
      this.stuckSince = 0
      return
    }
    const progress = sendProgress(this.raw)
    if (this.stuckSince === 0 || progress !== this.progress) {
      this.progress = progress
      this.stuckSince = now
    } else if (now - this.stuckSince >= this.context.times.send) {
      this.stuckSince = 0
      this.refused('send-timeout', `no byte of the answer taken for ${this.context.times.send / 1000} s`)
      this.http.lost('send-timeout')
      resetSocket(this.raw)
    }
  }
}
