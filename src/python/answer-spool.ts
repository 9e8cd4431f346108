/**
 * The body of an answer on its way to a client that may be slow. While nobody waits for a Python worker a slow client makes the
 * application wait, as far as there is no credit. When others wait, what it gives goes to a temporary file, so that its thread is
 * free for them, and from there to the client.
 */
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Exchange, ResponseSink } from '../gateway/exchange.ts'

/** What the spools of a server's process share. */
export interface SpoolStore {
  readonly directory: string
  /** The most that may be in files at a time, in bytes. */
  readonly limit: number
  used: number
  /** Others wait for a Python worker. */
  crowded(): boolean
  /** Called whenever one begins to wait. */
  readonly whenCrowded: Set<() => void>
  /** A file cannot be written. */
  failed(error: unknown): void
}

interface Held {
  readonly block: Buffer
  readonly taken: () => void
}

const PORTION = 65_536
let files = 0

export class AnswerSpool {
  private readonly sink: ResponseSink
  private readonly exchange: Pick<Exchange, 'closed' | 'fail'>
  private readonly store: SpoolStore
  /** What is given goes to the file. */
  private spooling = false
  private ended = false
  private handle: FileHandle | undefined
  private written = 0
  private broken = false
  /** Blocks are put one behind another. */
  private putting: Promise<void> = Promise.resolve()
  private puts = 0
  /** What had no room in the file: taken behind all that is in it. */
  private held: Held[] = []

  constructor(sink: ResponseSink, exchange: Pick<Exchange, 'closed' | 'fail'>, store: SpoolStore) {
    this.sink = sink
    this.exchange = exchange
    this.store = store
  }

  /** Bytes that write() was given may still be in use. */
  get busy(): boolean {
    return this.puts > 0 || this.held.length > 0 || (this.sink.busy ?? true)
  }

  /** Nothing where the blocks were taken at once, else a promise that resolves when they are, or nobody wants them; never rejected. */
  write(blocks: readonly Buffer[]): void | Promise<void> {
    if (this.spooling) return Promise.all(blocks.map((block) => this.put(block))).then(() => undefined)
    if (this.give(blocks)) return undefined
    if (!this.store.crowded()) return this.takenOrCrowded()
    this.begin()
    return undefined
  }

  end(): void {
    this.ended = true
    if (!this.spooling) this.sink.end()
  }

  private give(blocks: readonly Buffer[]): boolean {
    const { sink } = this
    if (sink.writeBlocks !== undefined) return sink.writeBlocks(blocks)
    let goesOn = true
    for (const block of blocks) goesOn = sink.write(block)
    return goesOn
  }

  private takenOrCrowded(): Promise<void> {
    return new Promise((resolve) => {
      const { whenCrowded } = this.store
      const crowded = (): void => {
        whenCrowded.delete(crowded)
        this.begin()
        resolve()
      }
      whenCrowded.add(crowded)
      // Gone while it was slow: the worker is told by the exchange's end.
      void this.drained().then(() => {
        whenCrowded.delete(crowded)
        resolve()
      })
    })
  }

  private drained(): Promise<void> {
    return this.sink.drained().catch(() => undefined)
  }

  private begin(): void {
    if (this.spooling || this.store.limit === 0) return
    this.spooling = true
    this.pump().catch((error: unknown) => {
      this.store.failed(error)
      this.exchange.fail('application-error', 'what was kept of the answer cannot be read')
      return this.leave()
    })
  }

  private put(block: Buffer): Promise<void> {
    this.puts++
    return new Promise((taken) => {
      this.putting = this.putting.then(() => this.keep(block, taken)).finally(() => { this.puts-- })
    })
  }

  /** Into the file; else it waits until all before it has been taken. */
  private async keep(block: Buffer, taken: () => void): Promise<void> {
    const { store } = this
    if (!this.broken && this.held.length === 0 && store.used + block.length <= store.limit && !this.exchange.closed) {
      store.used += block.length
      this.written += block.length
      try {
        await this.append(block, this.written - block.length)
        taken()
        return
      } catch (error) {
        store.used -= block.length
        this.written -= block.length
        this.broken = true
        store.failed(error)
      }
    }
    this.held.push({ block, taken })
  }

  private async append(block: Buffer, position: number): Promise<void> {
    this.handle ??= await openUnnamed(join(this.store.directory, `answer-${++files}`))
    for (let at = 0; at < block.length;) at += (await this.handle.write(block, at, block.length - at, position + at)).bytesWritten
  }

  /** Gives the client what was put away, in order, until there is nothing of it any more. */
  private async pump(): Promise<void> {
    await this.drained()
    for (let read = 0; !this.exchange.closed;) {
      await this.putting
      if (read < this.written) read += await this.giveFromFile(read)
      else if (this.held.length > 0) await this.giveHeld()
      else if (this.puts === 0) break
    }
    await this.leave()
  }

  private async giveFromFile(read: number): Promise<number> {
    const block = Buffer.allocUnsafe(Math.min(PORTION, this.written - read))
    const { bytesRead } = await (this.handle as FileHandle).read(block, 0, block.length, read)
    if (bytesRead === 0) throw new Error('a temporary file was cut')
    if (!this.sink.write(block.subarray(0, bytesRead))) await this.drained()
    return bytesRead
  }

  private async giveHeld(): Promise<void> {
    const { block, taken } = this.held[0] as Held
    if (!this.sink.write(block)) await this.drained()
    this.held.shift()
    taken()
  }

  /** Blocks go to the client again, or nobody wants them. What is still being put then is let go. */
  private async leave(): Promise<void> {
    while (this.puts > 0) await this.putting
    // Nothing is awaited between here and the end of spooling: a block that comes meanwhile would be lost.
    const { handle, written, held } = this
    this.handle = undefined
    this.written = 0
    this.held = []
    this.spooling = false
    this.store.used -= written
    for (const { taken } of held) taken()
    if (this.ended && !this.exchange.closed) this.sink.end()
    await handle?.close()
  }
}

/** A file without a name: it is gone with its handle, however that ends. */
async function openUnnamed(path: string): Promise<FileHandle> {
  const handle = await open(path, 'wx+', 0o600)
  await unlink(path)
  return handle
}
