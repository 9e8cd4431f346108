/** The hooks of `module.register`, for Node before 22.15: they run in a thread of their own. */
import { transformSync } from 'oxc-transform'
import { siblingOf } from './typescript-hooks.ts'
import { compileTypeScript, isTypeScriptUrl, type Compiled } from './typescript-source.ts'

interface ResolveContext {
  readonly parentURL?: string | undefined
}

export async function resolve<R>(
  specifier: string, context: ResolveContext, next: (specifier: string, context: ResolveContext) => Promise<R>,
): Promise<R> {
  try {
    return await next(specifier, context)
  } catch (error) {
    return await next(siblingOf(specifier, context, error), context)
  }
}

export async function load<R>(
  url: string, context: unknown, next: (url: string, context: unknown) => Promise<R>,
): Promise<R | (Compiled & { readonly shortCircuit: true })> {
  if (!isTypeScriptUrl(url)) return next(url, context)
  return { ...compileTypeScript(url, transformSync), shortCircuit: true }
}
