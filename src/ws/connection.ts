/** One connection, as its handler sees it; and what a handler is. */
import type { Duplex } from 'node:stream'
import { isDirect, isFree, sendDirect, sendingOf } from '../gateway/direct-stream.ts'
import { webSocketCounts, type WebSocketCounts } from '../gateway/web-socket-counts.ts'
import type { Environ } from '../gateway/wsgi.ts'
import type { WsgiRequest } from '../web/request.ts'
import { messageFrame } from './frame.ts'
import type { OwnedSocket, SocketOwner } from './framing.ts'
import type { IdleWatch, Watched } from './idle-watch.ts'
import type { ConnectionLimits } from './options.ts'
import { isThenable, Turns, type TurnsOwner } from './turns.ts'

/** What is written beyond so many bytes has to wait: write() gives a promise. */
const HIGH_WATER = 65536

/**
 * All methods are optional, and may return a promise. Opening, messages and closing of one connection are handled one after the
 * other: while one waits, nothing more is read. Pings and pongs are handled as they come.
 */
export interface WebSocketHandler {
  onOpen?(ws: WebSocketConnection): unknown
  /** Text. */
  onMessage?(ws: WebSocketConnection, message: string): unknown
  onBytes?(ws: WebSocketConnection, message: Buffer): unknown
  /** Without it, and with that of `WS`, a ping is answered by a pong (RFC 6455 section 5.5.2). */
  onPing?(ws: WebSocketConnection, body: Buffer): unknown
  onPong?(ws: WebSocketConnection, body: Buffer): unknown
  /**
   * Once, at the end, if onOpen was called.
   * @param code what the other side has said; 1005 where it said nothing, 1006 where the connection broke (RFC 6455 section 7.1.5)
   */
  onClose?(ws: WebSocketConnection, code: number, reason: string): unknown
}

/** What all connections of an endpoint have in common. */
export interface Endpoint {
  readonly handler: WebSocketHandler
  readonly limits: ConnectionLimits
  readonly idle: IdleWatch
  /** Told of what a handler throws, and on a server of which request. */
  readonly failed: (error: unknown, request: WsgiRequest | null) => void
}

export class WebSocketConnection implements SocketOwner, Watched, TurnsOwner {
  readonly #endpoint: Endpoint
  readonly #socket: OwnedSocket
  readonly #stream: Duplex | null
  readonly #request: WsgiRequest | null
  /** As soon as something has to wait for another. */
  #turns: Turns | undefined
  /** Messages, pings and pongs: not every stream counts what is read from it. */
  #events = 0
  /** A client's connections are not the server's. */
  readonly #counts: WebSocketCounts | undefined
  #drained: Promise<void> | undefined
  #cut: string | undefined
  #data: Record<string, unknown> | undefined

  /**
   * @param stream what the library writes to, where frames may go there ready-made: on a server, without compression
   * @param request that opened it, on a server
   */
  constructor(endpoint: Endpoint, socket: OwnedSocket, stream: Duplex | null = null, request: WsgiRequest | null = null) {
    const { handler, idle } = endpoint
    this.#endpoint = endpoint
    this.#socket = socket
    this.#stream = stream
    this.#request = request
    socket.owner = this
    if (request !== null) this.#count(this.#counts = webSocketCounts())
    idle.add(this)
    if (handler.onOpen !== undefined) this.#inTurn(() => handler.onOpen?.(this))
  }

  /** Whatever the application keeps for the connection. */
  get data(): Record<string, unknown> {
    return this.#data ??= {}
  }

  /** The request that opened the connection; a client has none. */
  get request(): WsgiRequest {
    if (this.#request === null) throw new Error('a client has no request')
    return this.#request
  }

  get environ(): Environ {
    return this.request.environ
  }

  /** The subprotocol that was agreed upon; empty where none was. */
  get protocol(): string {
    return this.#socket.protocol
  }

  /** Messages are compressed. */
  get compressed(): boolean {
    return this.#socket.extensions !== ''
  }

  /** False from when the closing handshake begins, on either side. */
  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  /** Bytes that were written and not yet taken by the system. */
  get bufferedAmount(): number {
    const socket = this.#socket
    const stream = this.#stream
    return stream !== null && isDirect(stream) ? socket.bufferedAmount + sendingOf(stream) : socket.bufferedAmount
  }

  /**
   * Sends a message: a string as text, bytes as binary. On a connection that is closed, or closing, nothing is sent.
   * @returns nothing, or where the other side is slow a promise of when to go on; it is never rejected
   */
  write(message: string | Uint8Array): Promise<void> | undefined {
    if (this.#counts !== undefined) this.#counts.sent++
    if (typeof message !== 'string' && !(message instanceof Uint8Array)) {
      throw new TypeError('a message is a string or bytes: JSON.stringify() makes a string of anything else')
    }
    return this.#stream === null ? this.#send(message) : this.writeFrame(messageFrame(message), message)
  }

  /**
   * Sends a message that was framed for several connections.
   * @param frame as messageFrame() gives it
   */
  writeFrame(frame: Buffer, message: string | Uint8Array): Promise<void> | undefined {
    const stream = this.#stream
    if (stream === null) return this.#send(message)
    const direct = isDirect(stream)
    // Of many who are quick nothing is counted: where nothing waits, there is nothing to be too much.
    if (direct && isFree(stream) ? !this.open : !this.#ready()) return undefined
    const goOn = direct ? sendDirect(stream, frame) : stream.write(frame)
    return goOn || this.bufferedAmount < HIGH_WATER ? undefined : this.#whenDrained(stream)
  }

  /** @param body at most 125 bytes */
  ping(body: string | Uint8Array = ''): void {
    if (this.#ready()) this.#socket.ping(body)
  }

  /** @param body at most 125 bytes */
  pong(body: string | Uint8Array = ''): void {
    if (this.#ready()) this.#socket.pong(body)
  }

  /**
   * Begins the closing handshake, or goes on with it.
   * @param code 1000 by default; 1000-1014 but for 1004 to 1006, or 3000-4999 (RFC 6455 section 7.4)
   * @param reason at most 123 bytes
   * @throws {TypeError} for another code, {RangeError} for a longer reason
   */
  close(code: number = 1000, reason: string = ''): void {
    this.#socket.close(code, reason)
    // Whoever closes does not wait for his own handler before he hears the answer.
    this.#queue().listen()
  }

  /** Ends the connection without a handshake. */
  terminate(): void {
    this.#socket.terminate()
  }

  // For the watch over silent connections -------------------------------------------------------------------------------------------

  /** Not read from while its handler is busy: its silence is ours. */
  get listening(): boolean {
    return this.#turns?.busy !== true
  }

  get heard(): number {
    return this.#socket.bytesRead + this.#events
  }

  probe(): void {
    this.ping()
  }

  silent(): void {
    this.#cutOff('no answer to a ping')
  }

  // ---------------------------------------------------------------------------------------------------------------------------------

  #count(counts: WebSocketCounts): void {
    counts.open++
    counts.opened++
  }

  /** @internal */
  received(data: Buffer, isBinary: boolean): void {
    const { handler } = this.#endpoint
    if (this.#counts !== undefined) this.#counts.received++
    this.#events++
    // What comes after our own close frame is for nobody.
    if (!this.open) return
    if (isBinary) {
      if (handler.onBytes !== undefined) this.#inTurn(() => handler.onBytes?.(this, data))
    } else if (handler.onMessage !== undefined) {
      this.#inTurn(() => handler.onMessage?.(this, data.toString()))
    }
  }

  /** @internal */
  pinged(body: Buffer): void {
    const { handler } = this.#endpoint
    this.#control(() => (handler.onPing === undefined ? this.pong(body) : handler.onPing(this, body)))
  }

  /** @internal */
  ponged(body: Buffer): void {
    this.#control(() => this.#endpoint.handler.onPong?.(this, body))
  }

  /** What the other side does wrong is in the code that it is closed with. @internal */
  broken(error: Error): void {
    this.#cut ??= error.message
  }

  /** @internal */
  closed(code: number, reason: Buffer): void {
    const { handler, idle } = this.#endpoint
    idle.remove(this)
    if (this.#counts !== undefined) this.#counts.open--
    this.#inTurn(() => handler.onClose?.(this, code, reason.length === 0 ? this.#cut ?? '' : reason.toString()))
  }

  // ---------------------------------------------------------------------------------------------------------------------------------

  /** What ends at once, as most of it does, needs no queue. */
  #inTurn(call: () => unknown): void {
    if (this.#turns !== undefined) {
      this.#turns.add(call)
      return
    }
    try {
      const result = call()
      if (isThenable(result)) this.#queue().wait(result)
    } catch (error) {
      this.failed(error)
    }
  }

  #queue(): Turns {
    return this.#turns ??= new Turns(this.#socket, this)
  }

  /** Compression, and the masks of clients, are the library's. */
  #send(message: string | Uint8Array): Promise<void> | undefined {
    if (!this.#ready()) return undefined
    const socket = this.#socket
    if (socket.bufferedAmount < HIGH_WATER) {
      socket.send(message)
      return undefined
    }
    return new Promise((resolve) => socket.send(message, () => resolve()))
  }

  /** Whether anything may be written; who lets too much wait is cut off. */
  #ready(): boolean {
    if (!this.open) return false
    const { maxBuffered } = this.#endpoint.limits
    if (this.bufferedAmount <= maxBuffered) return true
    this.#cutOff(`more than ${maxBuffered} bytes wait for a slow reader`)
    return false
  }

  #cutOff(reason: string): void {
    this.#cut ??= reason
    this.terminate()
  }

  /** One promise for all that wait, resolved also by the end. */
  #whenDrained(stream: Duplex): Promise<void> {
    this.#drained ??= new Promise((resolve) => {
      const done = (): void => {
        stream.off('drain', done)
        stream.off('close', done)
        this.#drained = undefined
        resolve()
      }
      stream.on('drain', done).on('close', done)
    })
    return this.#drained
  }

  /** RFC 6455 section 7.4.1: 1011 for what the server did not expect. @internal */
  failed(error: unknown): void {
    this.#endpoint.failed(error, this.#request)
    this.close(1011)
  }

  #control(call: () => unknown): void {
    this.#events++
    try {
      const result = call()
      if (result instanceof Promise) result.catch((error: unknown) => this.failed(error))
    } catch (error) {
      this.failed(error)
    }
  }
}
