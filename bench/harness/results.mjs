/** Keeps every run's figures as JSON in bench/results/, which git ignores. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { resultsDirectory, rootDirectory } from './paths.mjs'

/** Writes a file there and returns its path relative to the root of the repository. */
export function keep(name, text) {
  mkdirSync(resultsDirectory, { recursive: true })
  const path = join(resultsDirectory, name)
  writeFileSync(path, text)
  return relative(rootDirectory, path)
}

export function keepFigures(name, figures) {
  return keep(`${name}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`, `${JSON.stringify(figures, null, 2)}\n`)
}
