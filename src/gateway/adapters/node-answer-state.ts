/** What an answer of node:http's kind has gathered on its way to an exchange. */
import type { Exchange, Fields, ResponseSink } from '../exchange.ts'

/** Called when a block has been sent, or cannot be. */
export type Callback = (error?: Error | null) => void

/** Bytes of small blocks that are gathered before they are sent, within one tick. */
const GATHERED = 16384
/** A longer body is handed over in a way that tells when the client has taken it. */
const AT_ONCE = 65536

export class AnswerState {
  readonly exchange: Exchange
  /** Code and reason, when the head is settled. */
  status = ''
  fields: [name: string, value: string][] = []
  /** The client is slow: writers wait. */
  blocked = false
  /** Bytes that were written in this tick. */
  tick = 0
  /** The end of the tick is waited for. */
  scheduled = false

  private sink: ResponseSink | null = null
  private blocks: Uint8Array[] = []
  private gathered = 0
  private callbacks: Callback[] = []

  constructor(exchange: Exchange) {
    this.exchange = exchange
  }

  get begun(): boolean {
    return this.sink !== null
  }

  /** @param callback what waits for it; the bytes are the caller's again then */
  add(bytes: Uint8Array, callback: Callback | undefined): void {
    if (callback !== undefined) this.callbacks.push(callback)
    this.tick += bytes.length
    if (bytes.length === 0) return
    // A large block may still be in use by the system when its writer is told: of one that may be used again there is a copy.
    this.blocks.push(callback !== undefined && bytes.length > GATHERED ? Uint8Array.prototype.slice.call(bytes) : bytes)
    this.gathered += bytes.length
  }

  get full(): boolean {
    return this.gathered >= GATHERED
  }

  /** Sends what was gathered, the head alone where there is nothing. False: the client is slow. */
  flush(): boolean {
    this.sink ??= this.exchange.begin(this.status, this.fields)
    const { sink, blocks } = this
    if (blocks.length === 0) {
      sink.flush()
      return true
    }
    this.blocks = []
    let taken = true
    if (this.gathered <= GATHERED) taken = sink.write(blocks.length === 1 ? blocks[0] as Uint8Array : Buffer.concat(blocks))
    else for (const block of blocks) taken = sink.write(block)
    this.gathered = 0
    return taken || this.exchange.closed
  }

  /** All of the answer is there, and may leave at once. */
  get whole(): boolean {
    return this.sink === null && this.gathered <= AT_ONCE
  }

  answer(): void {
    const { blocks } = this
    this.exchange.answer(this.status, this.fields, blocks.length === 1 ? blocks[0] : blocks)
  }

  /** Before the first block of a body that is there to its end. */
  declareLength(): void {
    if (this.sink !== null || this.fields.some(([name]) => name.length === 14 && name.toLowerCase() === 'content-length')) return
    this.fields.push(['Content-Length', String(this.gathered)])
  }

  drained(): Promise<void> {
    return this.sink?.drained() ?? Promise.resolve()
  }

  end(trailers: Fields): void {
    this.sink?.end(trailers)
  }

  /** Tells those who wait for their blocks, in the next tick. */
  settle(error: Error | null = null): void {
    if (this.callbacks.length === 0) return
    for (const callback of this.callbacks.splice(0)) process.nextTick(callback, error)
  }
}
