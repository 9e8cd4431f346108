/** A directory of files for a test, removed with it. */
import { mkdtempSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

/** Long ago, so that nothing in it is young: its entity tags are strong. */
export const longAgo: Date = new Date('2024-02-03T04:05:06Z')

export function mediaDirectory(context: TestContext, files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'pulsar-media-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) writeOld(join(directory, path), content)
  return directory
}

export function writeOld(path: string, content: string | Uint8Array, time: Date = longAgo): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  utimesSync(path, time, time)
}
