import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileFunction } from 'node:vm'
import type { HelperMode, OxcError, TransformOptions, TransformResult } from 'oxc-transform'
import { decoratorSettings } from './tsconfig.ts'

/** The compiler: `transformSync` of oxc-transform, handed in, since only the first TypeScript file needs it loaded. */
export type Transform = (path: string, source: string, options: TransformOptions) => TransformResult

/** JavaScript, and how Node is to take it. */
export interface Compiled {
  readonly format: 'module' | 'commonjs'
  readonly source: string
}

/** The extensions of modules that can be loaded, TypeScript's and JavaScript's. */
export const typeScriptExtensions: readonly string[] = ['.ts', '.mts', '.cts', '.tsx']
export const javaScriptExtensions: readonly string[] = ['.js', '.mjs', '.cjs']

/** What TypeScript writes for `./x.js` in an import may be one of these on the disk. */
const siblings: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'], '.mjs': ['.mts'], '.cjs': ['.cts'], '.jsx': ['.tsx'],
}

/** True for a module that is ours to compile: packages are left alone, they bring JavaScript. */
export function isTypeScriptUrl(url: string): boolean {
  if (!url.startsWith('file:') || url.includes('/node_modules/')) return false
  return typeScriptExtensions.includes(extname(new URL(url).pathname))
}

/** The specifier of the source that `./x.js` means where there is no such JavaScript; undefined where there is none. */
export function typeScriptSibling(specifier: string, parentUrl: string | undefined): string | undefined {
  const parts = /^((?:\.{1,2}\/|\/|file:).*)(\.[mc]?jsx?)$/.exec(specifier)
  if (parts === null || parentUrl === undefined || parentUrl.includes('/node_modules/')) return undefined
  const [, stem, extension] = parts as unknown as [string, string, string]
  // require() gives its parent as a path or a URL, as the Node version has it.
  const base = parentUrl.startsWith('file:') ? parentUrl : undefined
  return siblings[extension]?.map((other) => stem + other)
    .find((candidate) => URL.canParse(candidate, base) && existsSync(fileURLToPath(new URL(candidate, base))))
}

/**
 * Compiles one TypeScript module, with its source map inside. Types are erased, not checked; enums, namespaces, parameter
 * properties and, where tsconfig.json has `experimentalDecorators`, decorators become what tsc makes of them.
 * @throws {SyntaxError} whose stack begins with file, line and column
 */
export function compileTypeScript(url: string, transform: Transform): Compiled {
  const path = fileURLToPath(url)
  const source = readFileSync(path, 'utf8')
  const known = formatByName(path)
  const sourceType = known ?? 'unambiguous'
  const options: TransformOptions = { lang: path.endsWith('x') ? 'tsx' : 'ts', sourceType, sourcemap: true }
  const decorated = /@[\w$(]/.test(source) ? compileDecorators(path, source, transform, options) : undefined
  const { code, map, errors } = decorated ?? transform(path, source, options)
  const wrong = firstError(errors)
  if (wrong !== undefined) throw locatedSyntaxError(path, source, wrong)
  const json = JSON.stringify({ ...map, sources: [url] })
  const comment = `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(json).toString('base64')}\n`
  const format = known ?? formatByContent(code)
  return { format, source: (decorated === undefined ? code : withHelpers(code, format)) + comment }
}

/** Undefined where there are none. */
function compileDecorators(path: string, source: string, transform: Transform, options: TransformOptions): TransformResult | undefined {
  const compile = (emitDecoratorMetadata: boolean): TransformResult => transform(path, source, {
    ...options, decorator: { legacy: true, emitDecoratorMetadata }, helpers: { mode: 'External' as HelperMode },
  })
  const result = compile(true)
  if (result.helpersUsed.decorate === undefined) return undefined
  const { experimentalDecorators, emitDecoratorMetadata } = decoratorSettings(dirname(path))
  if (!experimentalDecorators) {
    throw new SyntaxError(`${path} has decorators, which no version of Node.js knows: with "experimentalDecorators" in tsconfig.json they are compiled, as TypeScript's older ones`)
  }
  return emitDecoratorMetadata ? result : compile(false)
}

/** The compiled code calls helpers by this name; an import is carried out first wherever it stands, so that no line moves. */
function withHelpers(code: string, format: Compiled['format']): string {
  const helpers = new URL('./legacy-decorators.js', import.meta.url)
  return format === 'module'
    ? `${code}\nimport * as babelHelpers from ${JSON.stringify(helpers.href)}`
    : `const babelHelpers = require(${JSON.stringify(fileURLToPath(helpers))}); ${code}`
}

/** The first of the compiler's findings that is more than advice. */
export function firstError(findings: readonly OxcError[]): OxcError | undefined {
  return findings.find(({ severity }) => String(severity) === 'Error')
}

/** An error that begins as Node's own do: where it is, the line, a mark under the place. */
export function locatedSyntaxError(path: string, source: string, error: OxcError): SyntaxError {
  const offset = error.labels[0]?.start ?? 0
  const before = source.slice(0, offset).split('\n')
  const line = before.length
  const column = (before.at(-1) as string).length
  const text = source.split('\n')[line - 1]?.trimEnd() ?? ''
  const mark = `${text.slice(0, column).replaceAll(/[^\t]/g, ' ')}^`
  const result = new SyntaxError(`${error.message} (${path}:${line}:${column + 1})`)
  result.stack = `${path}:${line}\n${text}\n${mark}\n\nSyntaxError: ${result.message}`
  return result
}

/** `.mts` and `.cts` say it, and for others the `type` of the package; undefined where nothing does. */
function formatByName(path: string): 'module' | 'commonjs' | undefined {
  if (path.endsWith('.mts')) return 'module'
  if (path.endsWith('.cts')) return 'commonjs'
  return packageType(dirname(path)) === 'module' ? 'module' : undefined
}

/** What is no valid CommonJS must be a module, and most TypeScript is one, whatever its package says. */
function formatByContent(code: string): 'module' | 'commonjs' {
  try {
    compileFunction(code, ['exports', 'require', 'module', '__filename', '__dirname'])
    return 'commonjs'
  } catch {
    // Either a module, or an error that loading it as one will report.
    return 'module'
  }
}

const packageTypes = new Map<string, unknown>()

/** The `type` of the nearest package.json. */
function packageType(directory: string): unknown {
  if (!packageTypes.has(directory)) packageTypes.set(directory, readPackageType(directory))
  return packageTypes.get(directory)
}

function readPackageType(directory: string): unknown {
  const file = join(directory, 'package.json')
  if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { type?: unknown }).type
  const parent = dirname(directory)
  return parent === directory ? undefined : packageType(parent)
}
