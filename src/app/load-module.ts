import { readFileSync, statSync } from 'node:fs'
import * as module from 'node:module'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isTypeScript, localModules } from './local-modules.ts'
import { loadCompiler, typeScriptHooks, type Hooks } from './typescript-hooks.ts'
import { firstError, javaScriptExtensions, locatedSyntaxError, typeScriptExtensions } from './typescript-source.ts'

/** What newer versions of Node have, and its types for the oldest do not. */
interface NewerModule {
  /** Node 22.15. */
  readonly registerHooks?: (hooks: Hooks) => void
  /** Node 22.14. */
  readonly setSourceMapsSupport?: (enabled: boolean, options: { nodeModules: boolean, generatedCode: boolean }) => void
}

const newer: NewerModule = module as NewerModule
let installed: Promise<void> | undefined

/** A path that leads to no module: nothing has been run yet, so that there is no stack worth showing. */
export class ModulePathError extends Error {
  override readonly name: string = 'ModulePathError'
  readonly problem: string

  constructor(path: string, problem: string) {
    super(`cannot load ${path}: ${problem}`)
    this.problem = problem
  }
}

/**
 * Imports a module by its path: JavaScript, or TypeScript without anything to install, the same on every Node. TypeScript is
 * compiled as it is imported, at any depth, packages excepted; `./x.js` finds `x.ts` where there is no `x.js`. Types are not
 * checked, and `paths` of a tsconfig.json are not followed. Stacks show the lines of the source.
 * Where no TypeScript can be reached nothing is installed in the process.
 * @param path absolute, or relative to the working directory
 * @throws what the module throws; a ModulePathError for a path that is none; a SyntaxError that names file, line and column
 */
export async function loadModule(path: string): Promise<Record<string, unknown>> {
  const file = resolve(path)
  checkFile(path, file)
  if (installed !== undefined || needsCompiler(file)) await (installed ??= install(file))
  try {
    return await import(pathToFileURL(file).href) as Record<string, unknown>
  } catch (error) {
    throw located(error, file)
  }
}

function checkFile(path: string, file: string): void {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) throw new ModulePathError(path, 'there is no such file')
  if (!found.isFile()) throw new ModulePathError(path, 'it is not a file')
  const known = [...typeScriptExtensions, ...javaScriptExtensions]
  if (known.includes(extname(file))) return
  throw new ModulePathError(path, `expected a file whose name ends in ${known.join(', ')}`)
}

function needsCompiler(file: string): boolean {
  if (isTypeScript(file)) return true
  for (const { path, openEnded } of localModules(file)) {
    if (openEnded || isTypeScript(path)) return true
  }
  return false
}

/** By its name, as applications import it. */
const OWN = 'pulsar-wsgi'

/** Once per process. Hooks of others, such as tsx's, stay in the chain behind these. */
async function install(file: string): Promise<void> {
  if (newer.registerHooks !== undefined) {
    newer.registerHooks(typeScriptHooks())
  } else {
    // Behind the hooks each module would be asked of another thread, one after the other: this package's need not be.
    if (readFileSync(file, 'utf8').includes(OWN)) await import(OWN)
    module.register('./typescript-hooks-thread.js', import.meta.url)
  }
  if (process.sourceMapsEnabled) return
  if (newer.setSourceMapsSupport !== undefined) newer.setSourceMapsSupport(true, { nodeModules: false, generatedCode: false })
  else process.setSourceMapsEnabled(true)
}

/** V8 tells where a syntax error in an ES module is only to a process that ends of it: the compiler's parser tells us. */
function located(error: unknown, file: string): unknown {
  if (!(error instanceof SyntaxError) || !/^SyntaxError.*\n\s+at compileSourceTextModule /.test(error.stack ?? '')) return error
  const transform = loadCompiler()
  for (const { path, source } of localModules(file)) {
    if (isTypeScript(path)) continue
    const sourceType = path.endsWith('.cjs') ? 'commonjs' : 'unambiguous'
    const wrong = firstError(transform(path, source, { lang: 'js', sourceType }).errors)
    if (wrong !== undefined) return locatedSyntaxError(path, source, wrong)
  }
  return error
}
