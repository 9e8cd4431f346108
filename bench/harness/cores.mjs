/**
 * Which core does what: the server gets the first core that this process may use, the load the last one, so that neither
 * takes time from the other.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Trouble } from './trouble.mjs'

function allowedCores() {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]
  return list.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

/** Puts this process, and so the load that it starts, on its core; returns the cores of both. */
export function takeCores() {
  if (process.platform !== 'linux') throw new Trouble('The benchmarks need Linux: CPU time and memory are read from /proc.')
  const allowed = allowedCores()
  const cores = { server: allowed[0], load: allowed.at(-1) }
  const pinned = spawnSync('taskset', ['-acp', String(cores.load), String(process.pid)])
  if (pinned.error !== undefined) throw new Trouble('taskset is missing: install util-linux.')
  if (cores.server === cores.load) console.error('One core only: the load takes time from the server, the figures are rough.')
  return cores
}

/**
 * Seconds that a core was not idle since the machine started, 10 ms apart. Interrupts are in: the time of a process, as
 * schedstat has it, has those that came while it ran, and on loopback they carry the packets.
 */
export function busySeconds(core) {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'latin1'))[1]
  const [user, nice, system, , , interrupts, softInterrupts, steal] = line.split(' ').map(Number)
  return (user + nice + system + interrupts + softInterrupts + steal) / 100
}
