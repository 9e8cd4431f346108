import { existsSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { javaScriptExtensions, typeScriptExtensions, typeScriptSibling } from './typescript-source.ts'

/** A module of the user's own, outside packages. */
export interface LocalModule {
  readonly path: string
  readonly source: string
  /** It imports what only the run can tell: a computed name, or one that its package.json maps. */
  readonly openEnded: boolean
}

// Found in the text, comments included: at worst a module too many is looked at.
const specifiers = /(?:\bfrom|\bimport|\b(?:import|require)\s*\()\s*(['"])([^'"\n]+)\1/g
const computed = /\b(?:import|require)\s*\(\s*[^'"\s)]/

/** The modules that can be reached from one by imports of files, itself first; each once, read as it is asked for. */
export function* localModules(entry: string): Generator<LocalModule> {
  const waiting = [entry]
  const seen = new Set(waiting)
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const source = readFileSync(path, 'utf8')
    const imported = [...source.matchAll(specifiers)].map((match) => match[2] as string)
    yield { path, source, openEnded: computed.test(source) || imported.some((one) => one.startsWith('#')) }
    for (const next of imported.flatMap((specifier) => fileOf(specifier, pathToFileURL(path).href))) {
      if (!seen.has(next)) waiting.push(next)
      seen.add(next)
    }
  }
}

export function isTypeScript(path: string): boolean {
  return typeScriptExtensions.includes(extname(path))
}

function fileOf(specifier: string, parentUrl: string): readonly string[] {
  if (!/^(\.{1,2}\/|\/|file:)/.test(specifier)) return []
  const direct = new URL(specifier, parentUrl)
  const sibling = existsSync(direct) ? undefined : typeScriptSibling(specifier, parentUrl)
  const path = fileURLToPath(sibling === undefined ? direct : new URL(sibling, parentUrl))
  const readable = [...javaScriptExtensions, ...typeScriptExtensions].includes(extname(path)) && existsSync(path)
  return readable && !path.includes('node_modules') ? [path] : []
}
