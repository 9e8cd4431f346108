import { createRequire } from 'node:module'
import { compileTypeScript, isTypeScriptUrl, typeScriptSibling, type Compiled, type Transform } from './typescript-source.ts'

interface ResolveContext {
  readonly parentURL?: string | undefined
}

type NextResolve<R> = (specifier: string, context: ResolveContext) => R
type NextLoad<R> = (url: string, context: unknown) => R

/** The hooks of `module.registerHooks` (Node 22.15 and later): in this thread, for import and require alike. */
export interface Hooks {
  resolve<R>(specifier: string, context: ResolveContext, next: NextResolve<R>): R
  load<R>(url: string, context: unknown, next: NextLoad<R>): R | (Compiled & { readonly shortCircuit: true })
}

/** Hooks that compile TypeScript; the compiler is loaded with the first file that needs it. */
export function typeScriptHooks(): Hooks {
  let transform: Transform | undefined
  return {
    resolve(specifier, context, next) {
      try {
        return next(specifier, context)
      } catch (error) {
        return next(siblingOf(specifier, context, error), context)
      }
    },
    load(url, context, next) {
      if (!isTypeScriptUrl(url)) return next(url, context)
      transform ??= loadCompiler()
      return { ...compileTypeScript(url, transform), shortCircuit: true }
    },
  }
}

/** What to resolve instead of what was not found; throws the error again where there is nothing. */
export function siblingOf(specifier: string, context: ResolveContext, error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
  const sibling = missing ? typeScriptSibling(specifier, context.parentURL) : undefined
  if (sibling === undefined) throw error
  return sibling
}

export function loadCompiler(): Transform {
  const { transformSync } = createRequire(import.meta.url)('oxc-transform') as { transformSync: Transform }
  return transformSync
}
