/**
 * The socket that listeners to a server's `upgrade` and `connect` get. They write the head of the answer themselves: it is read
 * here, and given to the exchange; from a `101` on (or a 2xx to a CONNECT) the stream is that of the connection.
 */
import { Duplex } from 'node:stream'
import type { EventEmitter } from 'node:events'
import type { Exchange, ResponseSink } from '../exchange.ts'
import { fieldsOfLines } from './node-fields.ts'
import { givePeerFacts, type PeerFacts } from './node-peer-facts.ts'

/** The longest head that is waited for, in bytes. */
const HEAD = 65536

type Done = (error?: Error | null) => void

/** What the stream of a connection can beside being one. */
type RawStream = Duplex & { setTimeout?(milliseconds: number, listener?: () => void): unknown, setNoDelay?(noDelay?: boolean): unknown }

export interface UpgradeSocket extends PeerFacts {}

export class UpgradeSocket extends Duplex {
  readonly exchange: Exchange
  readonly server: EventEmitter

  /** Of the answer, as far as it was written. */
  private head: Buffer = Buffer.alloc(0)
  /** The connection's, once it has left HTTP. */
  private raw: RawStream | null = null
  /** Of an answer that refuses. */
  private refusal: ResponseSink | null = null
  private idleLimit = 0

  constructor(exchange: Exchange, server: EventEmitter) {
    super({ allowHalfOpen: true })
    this.exchange = exchange
    this.server = server
    exchange.onClose(({ cause }) => { if (cause !== null) this.destroy() })
  }

  setTimeout(milliseconds: number, listener?: () => void): this {
    this.idleLimit = milliseconds
    this.raw?.setTimeout?.(milliseconds)
    if (listener === undefined) return this
    return milliseconds === 0 ? this.removeListener('timeout', listener) : this.once('timeout', listener)
  }

  setNoDelay(noDelay?: boolean): this {
    this.raw?.setNoDelay?.(noDelay)
    return this
  }

  setKeepAlive(): this { return this }
  ref(): this { return this }
  unref(): this { return this }

  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  override _read(): void {
    this.raw?.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    const { raw, refusal } = this
    if (raw !== null) {
      raw.write(chunk, done)
    } else if (refusal !== null) {
      if (refusal.write(chunk)) done()
      else refusal.drained().then(() => done(), done)
    } else {
      try {
        this.answer(chunk)
        done()
      } catch (error) {
        done(error as Error)
      }
    }
  }

  override _final(done: Done): void {
    if (this.raw !== null) {
      this.raw.end(() => done())
      return
    }
    if (this.refusal !== null) this.refusal.end()
    else if (!this.exchange.closed) this.exchange.fail('application-cut', 'the socket of an upgrade was ended without an answer')
    done()
  }

  override _destroy(error: Error | null, done: Done): void {
    if (this.raw !== null) this.raw.destroy()
    else if (this.refusal !== null) this.refusal.end()
    else if (!this.exchange.closed) this.exchange.fail('application-cut', error === null ? 'the upgrade was not answered' : String(error))
    done(error)
  }

  /** A part of the answer's head, or the end of it and what is behind. */
  private answer(chunk: Buffer): void {
    const head = this.head = Buffer.concat([this.head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) {
      if (head.length > HEAD) throw new Error('the answer to an upgrade has no end of its head')
      return
    }
    const match = /^HTTP\/1\.[01] (\d\d\d)(?: ([^\r\n]*))?(?:\r\n([^]*))?$/.exec(head.toString('latin1', 0, end))
    if (match === null) throw new Error('the answer to an upgrade is not HTTP')
    const [, code, reason = '', lines = ''] = match as unknown as [string, string, string | undefined, string | undefined]
    this.begin(`${code} ${reason}`, lines, head.subarray(end + 4))
  }

  private begin(status: string, lines: string, rest: Buffer): void {
    const { exchange } = this
    const fields = fieldsOfLines(lines)
    this.head = Buffer.alloc(0)
    if (status.startsWith('101') || (exchange.head.method === 'CONNECT' && status.startsWith('2'))) {
      this.join(exchange.upgrade(status, fields))
      if (rest.length > 0) this.raw?.write(rest)
    } else if (status.startsWith('1')) {
      exchange.informational(status, fields)
      if (rest.length > 0) this.answer(rest)
    } else {
      // Who refuses here ends the connection.
      this.refusal = exchange.begin(status, [...fields, ['Connection', 'close']])
      if (rest.length > 0) this.refusal.write(rest)
      else this.refusal.flush()
    }
  }

  private join(raw: RawStream): void {
    this.raw = raw
    raw.on('data', (bytes: Buffer) => { if (!this.push(bytes)) raw.pause() })
    raw.on('end', () => this.push(null))
    raw.on('error', (error) => this.destroy(error))
    raw.on('close', () => this.destroy())
    raw.on('retire', () => this.emit('retire'))
    raw.setTimeout?.(this.idleLimit, () => this.emit('timeout'))
  }
}

givePeerFacts(UpgradeSocket.prototype)
