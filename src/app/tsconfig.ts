/** What the user's tsconfig.json says of decorators: it decides what they mean, so nothing is guessed. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'

export interface DecoratorSettings {
  readonly experimentalDecorators: boolean
  readonly emitDecoratorMetadata: boolean
}

type Options = { readonly [K in keyof DecoratorSettings]?: unknown }

const found = new Map<string, Options>()

/** Of the nearest tsconfig.json above a directory, and those that it extends. @throws {SyntaxError} for one that is no JSON */
export function decoratorSettings(directory: string): DecoratorSettings {
  const { experimentalDecorators, emitDecoratorMetadata } = nearest(directory)
  return { experimentalDecorators: experimentalDecorators === true, emitDecoratorMetadata: emitDecoratorMetadata === true }
}

function nearest(directory: string): Options {
  let options = found.get(directory)
  if (options === undefined) {
    const file = join(directory, 'tsconfig.json')
    const parent = dirname(directory)
    options = existsSync(file) ? read(file, []) : parent === directory ? {} : nearest(parent)
    found.set(directory, options)
  }
  return options
}

function read(file: string, above: readonly string[]): Options {
  if (above.includes(file)) throw new SyntaxError(`${file} extends itself`)
  const { extends: bases = [], compilerOptions = {} } = parse(file)
  const inherited = [bases].flat().map((base) => read(locate(base, file), [...above, file]))
  return Object.assign({}, ...inherited, compilerOptions) as Options
}

function locate(base: string, file: string): string {
  if (!base.startsWith('.') && !base.startsWith('/')) {
    const require = createRequire(file)
    try {
      return require.resolve(base)
    } catch {
      return require.resolve(base.endsWith('.json') ? base : `${base}/tsconfig.json`)
    }
  }
  const path = resolve(dirname(file), base)
  return existsSync(path) || path.endsWith('.json') ? path : `${path}.json`
}

const COMMENTS = /("(?:\\.|[^"\\])*")|\/\*[^]*?\*\/|\/\/[^\n]*/g
const TRAILING_COMMAS = /("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g

/** JSON with comments and commas at ends, as tsc reads it. */
function parse(file: string): { extends?: string | string[], compilerOptions?: Options } {
  const bare = readFileSync(file, 'utf8').replace(/^\ufeff/, '').replace(COMMENTS, '$1').replace(TRAILING_COMMAS, '$1')
  try {
    return JSON.parse(bare) as ReturnType<typeof parse>
  } catch (error) {
    throw new SyntaxError(`${file}: ${(error as Error).message}`)
  }
}
