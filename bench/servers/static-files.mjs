/** The files of bench/static.mjs, and where they are: made when they are missing. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { benchDirectory } from '../harness/paths.mjs'

export const directory = join(benchDirectory, 'results', 'static')
export const short = { path: '/short.txt', content: Buffer.alloc(1024, '0123456789abcdef') }
export const long = { path: '/long.bin', content: Buffer.alloc(1 << 20, 'pulsar ') }
/** More than is kept in memory: read from the disk for each answer. */
export const streamed = { path: '/streamed.bin', content: Buffer.alloc(8 << 20, 'pulsar ') }

export function makeFiles() {
  mkdirSync(directory, { recursive: true })
  for (const { path, content } of [short, long, streamed]) {
    const file = join(directory, path)
    writeFileSync(file, content)
    // Not young: entity tags are final.
    utimesSync(file, 1_700_000_000, 1_700_000_000)
  }
}
