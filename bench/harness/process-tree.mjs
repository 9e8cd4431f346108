/** CPU time and memory of a process and all its descendants, from /proc. */
import { readdirSync, readFileSync } from 'node:fs'

/** A process may end between being listed and being read: then it has nothing to tell. */
function read(path) {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return null
    throw error
  }
}

function threads(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return []
    throw error
  }
}

/** The process and its descendants, as ids. */
export function processTree(pid) {
  const tree = [pid]
  for (const member of tree) {
    for (const thread of threads(member)) {
      const children = read(`/proc/${member}/task/${thread}/children`)
      if (children !== null) tree.push(...children.split(' ').filter(Boolean).map(Number))
    }
  }
  return tree
}

/**
 * Seconds of CPU, user and system. Threads that run are read from schedstat, which counts in nanoseconds; children that
 * have ended from their parent's stat (fields 16 and 17, in hundredths of a second).
 */
export function cpuSeconds(pid) {
  let seconds = 0
  for (const member of processTree(pid)) {
    for (const thread of threads(member)) {
      const schedstat = read(`/proc/${member}/task/${thread}/schedstat`)
      if (schedstat !== null) seconds += Number(schedstat.split(' ')[0]) / 1e9
    }
    const stat = read(`/proc/${member}/stat`)
    if (stat === null) continue
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    seconds += (Number(fields[13]) + Number(fields[14])) / 100
  }
  return seconds
}

/** Memory in KiB: the proportional set size, so that what processes share is counted once. */
export function memoryKiB(pid) {
  let total = 0
  for (const member of processTree(pid)) {
    const rollup = read(`/proc/${member}/smaps_rollup`)
    if (rollup !== null) total += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0)
  }
  return total
}
