/** What the server, the load and everybody else used of the two cores. */
import { busySeconds } from './cores.mjs'
import { cpuSeconds } from './process-tree.mjs'

/** Above this part of a core, the server's or the load's, other processes disturb the figures. */
export const disturbed = 0.05

/** The clocks at one moment. The load is this process with wrk, which is the whole tree but for the server. */
export function readClocks(server, cores) {
  const cpu = cpuSeconds(server.pid)
  return {
    at: performance.now() / 1000,
    cpu,
    load: cpuSeconds(process.pid) - cpu,
    serverCore: busySeconds(cores.server),
    loadCore: busySeconds(cores.load),
  }
}

/** What passed between two moments. `others` is the greater part of one of the two cores that neither server nor load used. */
export function between(before, after) {
  const passed = (key) => after[key] - before[key]
  const elapsed = passed('at')
  const others = Math.max(0, passed('serverCore') - passed('cpu'), passed('loadCore') - passed('load'))
  return { cpu: passed('cpu'), core: passed('cpu') / elapsed, others: others / elapsed }
}
