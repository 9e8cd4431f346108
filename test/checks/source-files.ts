/** Reads TypeScript as a parser does: what a file imports, and which globals it uses. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import { parseSync } from 'oxc-parser'

export interface Import {
  /** As written. */
  readonly specifier: string
  /** Gone after compilation. */
  readonly typeOnly: boolean
}

export interface SourceFile {
  /** Below the directory that was read, with slashes. */
  readonly path: string
  readonly imports: readonly Import[]
  /** Names used that are neither a property nor a key: locals and globals. */
  readonly names: ReadonlySet<string>
  /** Properties read of a plain name, as `process.env`, and `new Date()`. */
  readonly members: ReadonlySet<string>
  /** Kinds of nodes that occur, as `TSAnyKeyword`. */
  readonly kinds: ReadonlySet<string>
}

/** Every file below a directory whose name ends so. Throws for one that is no TypeScript. */
export function readSources(directory: string, ending: string = '.ts'): SourceFile[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => readSource(relative('.', name).split(sep).join('/'), readFileSync(join(directory, name), 'utf8')))
}

export function readSource(path: string, code: string): SourceFile {
  const { program, errors } = parseSync(path, code, { sourceType: 'module' })
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message}`)
  const seen: Seen = { imports: [], names: new Set(), members: new Set(), kinds: new Set() }
  visit(program as unknown as Node, seen)
  return { path, ...seen }
}

/** The path that a relative import means, below the same directory; null for a package or a builtin. */
export function target(file: SourceFile, { specifier }: Import): string | null {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file.path), specifier) : null
}

interface Node { readonly type: string, readonly [key: string]: unknown }
interface Seen { imports: Import[], names: Set<string>, members: Set<string>, kinds: Set<string> }

function visit(node: Node, seen: Seen): void {
  seen.kinds.add(node.type)
  const specifier = imported(node)
  if (specifier !== undefined) seen.imports.push({ specifier, typeOnly: isTypeOnly(node) })
  if (node.type === 'Identifier') seen.names.add(node['name'] as string)
  if (node.type === 'MemberExpression') seen.members.add(memberName(node))
  if (isClock(node)) seen.members.add('new Date()')
  for (const [key, value] of Object.entries(node)) {
    if (isLabel(node, key)) continue
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, seen)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

/** The name behind a dot, or of a property, is no use of a variable. */
function isLabel(node: Node, key: string): boolean {
  if (node['computed'] === true) return false
  return (node.type === 'MemberExpression' && key === 'property') || (key === 'key' && node['shorthand'] !== true)
}

/** A date without arguments is now. */
function isClock(node: Node): boolean {
  if (node.type !== 'NewExpression') return false
  return (node['callee'] as Node)['name'] === 'Date' && (node['arguments'] as Node[]).length === 0
}

function memberName(node: Node): string {
  const { object, property } = node as unknown as { object: Node, property: Node }
  return `${String(object['name'] ?? '')}.${String(property['name'] ?? property['value'] ?? '')}`
}

const importing: ReadonlySet<string> = new Set([
  'ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression', 'TSImportType',
])

function imported(node: Node): string | undefined {
  if (!importing.has(node.type)) return undefined
  const source = (node['source'] ?? node['argument']) as Node | null | undefined
  if (source === null || source === undefined) return undefined // an export of the file's own
  const literal = (source.type === 'TSLiteralType' ? source['literal'] : source) as Node
  return typeof literal['value'] === 'string' ? literal['value'] : undefined // a name that is computed
}

function isTypeOnly(node: Node): boolean {
  return node.type === 'TSImportType' || node['importKind'] === 'type' || node['exportKind'] === 'type'
}
