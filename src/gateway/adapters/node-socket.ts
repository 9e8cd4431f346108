/**
 * `req.socket` and `res.socket` of a request that is served by Pulsar: facts of the connection, its time limit, and the way to
 * cut it. The bytes on the wire are the server's: reading and writing them is only to be had after an upgrade.
 */
import { Socket } from 'node:net'
import { EventEmitter } from 'node:events'
import type { Exchange } from '../exchange.ts'
import { givePeerFacts, type PeerFacts } from './node-peer-facts.ts'

const HIGH_WATER = 65536

/** A `net.Socket` to whoever asks: `instanceof` holds, and what is not below is inherited, where it finds nothing open. */
export interface ExchangeSocket extends EventEmitter, PeerFacts {}

export class ExchangeSocket {
  /** `http.Server` that the application listens with. */
  server: EventEmitter | null
  /** The answer under way, as node:http has it. */
  _httpMessage: EventEmitter | null = null
  destroyed = false
  timeout = 0
  errored: Error | null = null
  parser: null = null

  readonly exchange: Exchange
  private message: ({ complete: boolean } & EventEmitter) | null = null
  private timer: NodeJS.Timeout | undefined

  constructor(exchange: Exchange, server: EventEmitter | null) {
    this.exchange = exchange
    this.server = server
  }

  get readable(): boolean { return !this.destroyed }
  get writable(): boolean { return !this.destroyed }
  get readyState(): string { return this.destroyed ? 'closed' : 'open' }
  get closed(): boolean { return this.destroyed }
  get connecting(): boolean { return false }
  get pending(): boolean { return false }
  get readableEnded(): boolean { return this.destroyed }
  get writableEnded(): boolean { return this.destroyed }
  get writableFinished(): boolean { return this.destroyed }
  get readableFlowing(): boolean { return true }
  get readableLength(): number { return 0 }
  get writableLength(): number { return 0 }
  get writableCorked(): number { return 0 }
  get writableNeedDrain(): boolean { return false }
  get readableHighWaterMark(): number { return HIGH_WATER }
  get writableHighWaterMark(): number { return HIGH_WATER }

  /** Cuts the connection where its answer is not complete. */
  destroy(error?: Error): this {
    if (this.destroyed) return this
    this.errored = error ?? null
    if (!this.exchange.closed) this.exchange.fail('application-cut', error === undefined ? 'destroyed' : String(error))
    this.closing()
    return this
  }

  destroySoon(): void {
    this.destroy()
  }

  resetAndDestroy(): this {
    return this.destroy()
  }

  /** The connection, or its use by this request, is over. */
  closing(): void {
    this.clearTimer()
    if (this.destroyed) return
    this.destroyed = true
    process.nextTick(() => this.emit('close', this.errored !== null))
  }

  /** The request is over, and the connection goes on without it. */
  detach(): void {
    this._httpMessage = null
    this.clearTimer()
  }

  /** Fires when nothing was read or written for so long; without a listener anywhere the connection is cut, as node:http does. */
  setTimeout(milliseconds: number, listener?: () => void): this {
    this.timeout = milliseconds
    this.clearTimer()
    if (milliseconds > 0 && !this.destroyed) this.timer = setTimeout(() => this.timedOut(), milliseconds).unref()
    if (listener === undefined) return this
    if (milliseconds === 0) this.removeListener('timeout', listener)
    else this.once('timeout', listener)
    return this
  }

  /** Something was read or written. */
  active(): void {
    this.timer?.refresh()
  }

  setNoDelay(): this { return this }
  setKeepAlive(): this { return this }
  ref(): this { return this }
  unref(): this { return this }
  cork(): void {}
  uncork(): void {}
  pause(): this { return this }
  resume(): this { return this }
  read(): null { return null }
  end(): this { return this.destroy() }

  write(): boolean {
    throw new Error('the socket of a request is the server\'s: answer by the response, or take the connection over by an upgrade')
  }

  /** Who is told of the time limit before the socket: the request while it comes in. */
  attach(request: { complete: boolean } & EventEmitter, response: EventEmitter): void {
    this.message = request
    this._httpMessage = response
  }

  private timedOut(): void {
    this.emit('timeout')
    const request = this.message !== null && !this.message.complete && this.message.emit('timeout', this)
    const response = this._httpMessage !== null && this._httpMessage.emit('timeout', this)
    const server = this.server !== null && this.server.emit('timeout', this)
    if (!request && !response && !server) this.destroy()
  }

  private clearTimer(): void {
    if (this.timer === undefined) return
    clearTimeout(this.timer)
    this.timer = undefined
  }
}

Object.setPrototypeOf(ExchangeSocket.prototype, Socket.prototype)
// A stream's own on() looks into the state of a stream.
const { on, addListener } = EventEmitter.prototype
Object.assign(ExchangeSocket.prototype, { on, addListener })
givePeerFacts(ExchangeSocket.prototype)
