/** How this process is: its event loop, its memory. */
import { monitorEventLoopDelay, performance, type EventLoopUtilization, type IntervalHistogram } from 'node:perf_hooks'

/** Times in seconds, memory in bytes. */
export type ProcessFigures = {
  /** How late timers came since the last look: the 99th percentile, and the worst. */
  readonly loopDelay: number
  readonly loopDelayMax: number
  /** The part of the time in which the event loop was busy, since the last look: 0 to 1. */
  readonly utilisation: number
  readonly memory: number
  readonly heap: number
  readonly uptime: number
}

/** Between two looks of the monitor, in milliseconds: what it measures includes them. */
const RESOLUTION = 20

/** Who asks sooner than this after another gets the same, in milliseconds. */
const SHORTEST = 500

export class ProcessGauges {
  private readonly delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION })
  private before: EventLoopUtilization = performance.eventLoopUtilization()

  private known: ProcessFigures | undefined
  private knownAt = 0

  constructor() {
    this.delay.enable()
  }

  figures(): ProcessFigures {
    if (this.known === undefined || performance.now() - this.knownAt >= SHORTEST) {
      this.known = this.look()
      this.knownAt = performance.now()
    }
    return this.known
  }

  close(): void {
    this.delay.disable()
  }

  private look(): ProcessFigures {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.before)
    this.before = now
    const { rss, heapUsed } = process.memoryUsage()
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION / 1000)
    const figures = {
      loopDelay: late(this.delay.percentile(99)), loopDelayMax: late(this.delay.max), utilisation: utilization,
      memory: rss, heap: heapUsed, uptime: process.uptime(),
    }
    this.delay.reset()
    return figures
  }
}
