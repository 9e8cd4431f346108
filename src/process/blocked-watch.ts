/** Notices that this process's event loop is blocked: from a thread of its own, since the loop cannot. */
import inspector from 'node:inspector'
import { Worker } from 'node:worker_threads'

/** Where the thread finds the function that tells which requests are under way, on the main thread's global object. */
export const UNDER_WAY = 'pulsar-wsgi.under-way'

export interface WatchData {
  readonly beats: SharedArrayBuffer
  /** Seconds. */
  readonly limit: number
}

export class BlockedWatch {
  private readonly thread: Worker
  private readonly timer: NodeJS.Timeout

  private constructor(limit: number) {
    const beats = new SharedArrayBuffer(4)
    const counter = new Int32Array(beats)
    this.timer = setInterval(() => Atomics.add(counter, 0, 1), Math.min(500, (limit * 1000) / 8))
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
   * @param limit seconds that the loop may be blocked
   * @param underWay tells which requests are being handled
   * @returns undefined where a debugger is attached: who stands at a breakpoint is not blocked
   */
  static start(limit: number, underWay: () => readonly string[]): BlockedWatch | undefined {
    if (inspector.url() !== undefined) return undefined
    Object.defineProperty(globalThis, Symbol.for(UNDER_WAY), { value: underWay, configurable: true })
    return new BlockedWatch(limit)
  }

  stop(): void {
    clearInterval(this.timer)
    void this.thread.terminate()
  }
}
