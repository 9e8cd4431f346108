/**
 * Appends lines to a file that other processes append to as well: in batches, each a write of whole lines. Neither a full disk
 * nor a reader that has gone or is slow holds anybody up; what cannot be kept for it is counted, and said.
 */
import { close, constants, fstat, fstatSync, open, openSync, write, writeSync, type Stats } from 'node:fs'

/** Bytes of a batch for a file. */
const BATCH = 131_072
/** For a pipe: what the system writes in one piece, whoever else writes (PIPE_BUF of Linux). */
const PIPE_BATCH = 4096
/** Characters of lines that become bytes together: one by one they cost several times as much. */
const TOGETHER = 8192
/** The longest that a line waits for others, in milliseconds. */
const DELAY = 200
/** Bytes that are kept while nothing can be written. */
const KEPT = 4 * 1024 * 1024
/** Between two tries, in milliseconds: after an error, and where a pipe is full. */
const RETRY = 1000
const FULL_PIPE = 20
/** The longest that close() waits for a write that does not come back, in milliseconds. */
const PATIENCE = 2000

/** Told when lines cannot be written, and when they can again; once each. */
export interface LineFileListener {
  failed(error: Error): void
  /** @param lost lines that were dropped meanwhile */
  recovered(lost: number): void
}

/** A FIFO that nobody reads is an error then, and a full one says so, instead of keeping a thread. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK
const STDOUT = 1
const LF = 0x0a

/** Those that have lines left when the process ends. */
const openFiles = new Set<LineFile>()
let watching = false

export class LineFile {
  private readonly path: string
  private readonly listener: LineFileListener
  private descriptor: number
  private largest: number
  /** Whole lines. */
  private batches: Buffer[] = []
  /** The batch that lines go into, as far as `filled`; it is used again when it has been written. */
  private filling: Buffer
  private filled = 0
  /** Lines that go there next; there is room for them. */
  private text = ''
  private spare: Buffer | undefined
  /** Bytes in `batches`. */
  private kept = 0
  private lost = 0
  private busy = false
  private failing = false
  private reopening = false
  private over = false
  private timer: NodeJS.Timeout | undefined
  private retry: NodeJS.Timeout | undefined
  private emptied: (() => void) | undefined

  /** @param path `-` is standard output. @throws where it cannot be opened */
  constructor(path: string, listener: LineFileListener) {
    this.path = path
    this.listener = listener
    this.descriptor = path === '-' ? standardOutput() : openSync(path, FLAGS)
    this.largest = batchSize(fstatSync(this.descriptor))
    this.filling = Buffer.allocUnsafeSlow(this.largest)
    openFiles.add(this)
    if (!watching) process.on('exit', writeRest)
    watching = true
  }

  /** @param line latin-1 text with a line feed at its end, and no other */
  write(line: string): void {
    const { length } = line
    if (this.filled + this.text.length + length > this.filling.length) this.closeBatch()
    if (this.kept + this.filled + this.text.length + length > KEPT) {
      this.lost++
      if (!this.failing) this.trouble(new Error('what is written is not taken'))
      return
    }
    if (length > this.filling.length) this.keepLong(line)
    else if ((this.text += line).length > TOGETHER) this.fill()
    this.timer ??= setTimeout(() => this.due(), DELAY).unref()
  }

  /** The file was moved away: what comes now goes into a new one. Where that cannot be had, the old one is kept. */
  reopen(): void {
    if (this.path === '-') return
    this.reopening = true
    this.next()
  }

  /** Resolves when all lines are written, or cannot be. Nothing may be written any more. */
  async close(): Promise<void> {
    clearTimeout(this.retry)
    this.retry = undefined
    this.due()
    if (this.busy || this.batches.length > 0) {
      let patience: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.emptied = resolve
        patience = setTimeout(resolve, PATIENCE)
        this.next()
      })
      clearTimeout(patience)
    }
    openFiles.delete(this)
    this.over = true
    clearTimeout(this.retry)
    this.lost += linesIn(this.batches)
    this.batches = []
    if (this.lost > 0) this.listener.failed(new Error(`${this.lost} lines are lost`))
    // A write that does not come back still has the descriptor.
    if (this.descriptor !== STDOUT && !this.busy) close(this.descriptor, () => undefined)
  }

  /** When the process ends at once. */
  writeRest(): void {
    this.closeBatch()
    try {
      for (const batch of this.batches) writeSync(this.descriptor, batch)
    } catch {
      // There is nobody left to tell.
    }
  }

  private due(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.closeBatch()
    this.next()
  }

  private fill(): void {
    this.filled += this.filling.write(this.text, this.filled, 'latin1')
    this.text = ''
  }

  private closeBatch(): void {
    this.fill()
    const { filling, filled } = this
    if (filled === 0) return
    this.batches.push(filling.subarray(0, filled))
    this.kept += filled
    this.filling = this.spare?.length === this.largest ? this.spare : Buffer.allocUnsafeSlow(this.largest)
    this.filled = 0
    this.spare = undefined
    this.next()
  }

  /** A line that is longer than a batch is one. */
  private keepLong(line: string): void {
    this.batches.push(Buffer.from(line, 'latin1'))
    this.kept += line.length
    this.next()
  }

  /** One thing at a time: batches stay in order. */
  private next(): void {
    if (this.busy || this.over) return
    if (this.reopening) this.openAgain()
    else if (this.batches.length === 0) this.emptied?.()
    else if (this.retry === undefined) this.writeBatch()
  }

  private writeBatch(): void {
    this.busy = true
    const batch = this.batches.shift() as Buffer
    write(this.descriptor, batch, 0, batch.length, null, (error, written) => {
      this.busy = false
      this.kept -= batch.length
      if (error !== null) this.notWritten(batch, error)
      else if (written < batch.length) this.keep(restOf(batch, written))
      else this.written(batch)
      this.next()
    })
  }

  private written(batch: Buffer): void {
    if (batch.buffer.byteLength === this.largest) this.spare = Buffer.from(batch.buffer)
    if (!this.failing || this.batches.length > 0) return
    const { lost } = this
    this.failing = false
    this.lost = 0
    this.listener.recovered(lost)
  }

  private notWritten(batch: Buffer, error: NodeJS.ErrnoException): void {
    this.keep(batch)
    const full = error.code === 'EAGAIN'
    if (!full) this.trouble(error)
    // Who waits for the end does not wait for a better time.
    if (this.emptied !== undefined && !full) {
      this.over = true
      this.emptied()
      return
    }
    this.retry = setTimeout(() => {
      this.retry = undefined
      this.next()
    }, full ? FULL_PIPE : RETRY)
    this.retry.unref()
  }

  private keep(batch: Buffer): void {
    this.batches.unshift(batch)
    this.kept += batch.length
  }

  private trouble(error: Error): void {
    if (this.failing) return
    this.failing = true
    this.listener.failed(error)
  }

  private openAgain(): void {
    this.busy = true
    this.reopening = false
    open(this.path, FLAGS, (error, descriptor) => {
      if (error !== null) this.reopened(error)
      else fstat(descriptor, (failure, stats) => this.reopened(failure, descriptor, stats))
    })
  }

  private reopened(error: Error | null, descriptor?: number, stats?: Stats): void {
    this.busy = false
    if (error !== null || descriptor === undefined || stats === undefined) {
      this.listener.failed(error ?? new Error('it cannot be opened'))
    } else {
      close(this.descriptor, () => undefined)
      this.descriptor = descriptor
      this.largest = batchSize(stats)
    }
    this.next()
  }
}

/** A pipe is opened once more, such that a full one keeps nobody waiting, its other writers included. */
function standardOutput(): number {
  try {
    if (fstatSync(STDOUT).isFIFO()) return openSync(`/proc/self/fd/${STDOUT}`, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    // Not everywhere, and not for every user: then it is used as it is.
  }
  return STDOUT
}

function writeRest(): void {
  for (const file of openFiles) file.writeRest()
}

const batchSize = (stats: Stats): number => (stats.isFile() ? BATCH : PIPE_BATCH)

/** What a write has left. Others may write between: a line that was begun is written once more, whole. */
function restOf(batch: Buffer, written: number): Buffer {
  const start = written === 0 ? 0 : batch.lastIndexOf(LF, written - 1) + 1
  return start === written ? batch.subarray(written) : Buffer.concat([Buffer.from('\n'), batch.subarray(start)])
}

function linesIn(batches: readonly Buffer[]): number {
  let lines = 0
  for (const batch of batches) {
    for (let at = batch.indexOf(LF, batch[0] === LF ? 1 : 0); at >= 0; at = batch.indexOf(LF, at + 1)) lines++
  }
  return lines
}
