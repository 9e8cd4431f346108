import { readFileSync } from 'node:fs'

/** Of a process, in bytes; 0 where the system does not tell. */
export function residentMemory(pid: number): number {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
    return kibibytes === undefined ? 0 : Number(kibibytes) * 1024
  } catch {
    return 0 // it has ended just now, or there is no /proc
  }
}
