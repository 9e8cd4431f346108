/** Where the threads of a Python worker are: it writes that to a file of its own on a signal, whatever it does. */
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

/** As python/pulsar_worker/stacks.py has it. */
const SIGNAL = 'SIGUSR2'
/** Between two looks, in milliseconds. What is written is whole when it did not grow between two. */
const LOOK = 25

/**
 * Null where it cannot be had.
 * @param patience milliseconds
 */
export async function threadStacks(pid: number, path: string, patience: number): Promise<string | null> {
  const end = performance.now() + patience
  try {
    const before = (await readFile(path)).length
    process.kill(pid, SIGNAL)
    for (let seen = before; performance.now() < end;) {
      await wait(LOOK)
      const bytes = await readFile(path)
      if (bytes.length > before && bytes.length === seen) return bytes.subarray(before).toString().trimEnd()
      seen = bytes.length
    }
    return null
  } catch {
    // It has ended just now, belongs to another user, or has no such file: there is nothing to be told.
    return null
  }
}
