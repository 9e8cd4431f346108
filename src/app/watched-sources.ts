/** The files that a process has loaded of the user's. */
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { localModules } from './local-modules.ts'

/** What is reached from these by imports, and what was loaded by require(); absolute, without packages. */
export function sourcesFrom(entries: readonly string[]): readonly string[] {
  const required = Object.keys(createRequire(import.meta.url).cache).filter((path) => !path.includes('node_modules'))
  return [...new Set([...entries.flatMap((entry) => [resolve(entry), ...reachable(resolve(entry))]), ...required])]
}

function reachable(entry: string): readonly string[] {
  const found: string[] = []
  try {
    for (const { path } of localModules(entry)) found.push(path)
  } catch {
    // One of them cannot be read just now; those that were found are watched.
  }
  return found
}
