/**
 * Node's options for a worker. V8 doubles its young generation step by step while a server runs, up to this size: a worker
 * has it from the start, so that its memory does not grow with the requests served, and it collects less often.
 */
import type { ProcessStart } from '../config/process-input.ts'

/** V8's own maximum on 64-bit systems, in MiB. */
const YOUNG = '--min-semi-space-size=16'

/** What the user has said of it counts. */
export function workerNodeOptions(start: ProcessStart): readonly string[] {
  const said = [...start.nodeOptions, start.inheritedOptions].some((option) => /semi[-_]space|young[-_]generation/.test(option))
  return said ? start.nodeOptions : [YOUNG, ...start.nodeOptions]
}
