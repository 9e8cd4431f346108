/** Notices that this process's event loop is blocked: from a thread of its own, since the loop cannot. */
import inspector from 'node:inspector'
import { findSourceMap } from 'node:module'
import { Worker } from 'node:worker_threads'

/** Where the thread finds {@link Witness}, on the main thread's global object. */
export const WITNESS = 'pulsar-wsgi.witness'

/** A place in what Node runs; counted from 0. */
export interface Place {
  readonly url: string
  readonly line: number
  readonly column: number
}

/** Called by the thread, in the main thread, which stands still: what only that knows. */
export type Witness = (places: readonly Place[]) => { readonly requests: readonly string[], readonly places: readonly Place[] }

export interface WatchData {
  readonly beats: SharedArrayBuffer
  /** Seconds; 0: it only answers where the loop is. */
  readonly limit: number
}

/** Between two looks, in milliseconds. */
export function lookTime(limit: number): number {
  return limit === 0 ? 500 : Math.min(500, (limit * 1000) / 8)
}

export class BlockedWatch {
  private readonly thread: Worker
  private readonly timer: NodeJS.Timeout

  private constructor(limit: number) {
    const beats = new SharedArrayBuffer(4)
    const counter = new Int32Array(beats)
    this.timer = setInterval(() => Atomics.add(counter, 0, 1), lookTime(limit))
    this.timer.unref()
    const workerData: WatchData = { beats, limit }
    // Little memory: it does next to nothing.
    this.thread = new Worker(new URL('./blocked-watch-thread.js', import.meta.url), {
      workerData, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16, codeRangeSizeMb: 4 },
    })
    // Without the thread a blocked loop is still noticed by the arbiter, a little later and without the stack.
    this.thread.on('error', () => undefined)
    this.thread.unref()
  }

  /**
   * @param limit seconds that the loop may be blocked; 0 for any time
   * @param underWay tells which requests are being handled
   * @returns undefined where a debugger is attached: who stands at a breakpoint is not blocked
   */
  static start(limit: number, underWay: () => readonly string[]): BlockedWatch | undefined {
    if (inspector.url() !== undefined) return undefined
    const witness: Witness = (places) => ({ requests: underWay(), places: places.map(sourceOf) })
    Object.defineProperty(globalThis, Symbol.for(WITNESS), { value: witness, configurable: true })
    return new BlockedWatch(limit)
  }

  stop(): void {
    clearInterval(this.timer)
    void this.thread.terminate()
  }
}

/** The place in the source that a compiled one comes from. */
function sourceOf(place: Place): Place {
  const entry = findSourceMap(place.url)?.findEntry(place.line, place.column)
  if (entry === undefined || !('originalSource' in entry)) return place
  return { url: entry.originalSource, line: entry.originalLine, column: entry.originalColumn }
}
