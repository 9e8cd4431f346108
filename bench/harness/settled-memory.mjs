import { setTimeout as sleep } from 'node:timers/promises'
import { memoryKiB } from './process-tree.mjs'
import { median } from './statistics.mjs'

/** Memory of a process tree in KiB once it has come to rest: after 2 s, the median of five readings 200 ms apart. */
export async function settledMemory(pid) {
  await sleep(2000)
  const readings = []
  for (let i = 0; i < 5; i += 1) {
    readings.push(memoryKiB(pid))
    await sleep(200)
  }
  return median(readings)
}
