/**
 * The grammar of rules:
 *
 *     rule        = [ "/" ] segment *( "/" segment ) [ "/" ]
 *     segment     = 1*( literal / "<" placeholder ">" )       ; no two placeholders side by side
 *     placeholder = [ converter [ "(" arguments ")" ] ":" ] variable
 *
 * Repeated slashes are one. A rule that ends with a slash, and the empty rule, is a directory; others are leaves.
 */
import type { Converter } from './converter.ts'
import { GivenArguments } from './converter-arguments.ts'
import { converters } from './converters.ts'
import { RuleError } from './rule-error.ts'

export interface Variable {
  readonly name: string
  readonly converter: Converter
  /** As written, without the name: two variables of the same source accept the same. */
  readonly source: string
}

/** A piece of literal text or a variable. */
export type Part = string | Variable

export interface Segment {
  /** As written. */
  readonly text: string
  readonly parts: readonly Part[]
}

export interface Rule {
  /** Without the leading slash, repeated slashes collapsed. */
  readonly text: string
  /** Between the slashes; the last one is empty for a directory. */
  readonly segments: readonly Segment[]
  readonly variables: readonly Variable[]
}

const PLACEHOLDER = /<(?:([A-Za-z_]\w*)(?:\(((?:[^()"']|"[^"]*"|'[^']*')*)\))?:)?([A-Za-z_]\w*)>/y

/** @throws {RuleError} saying what is wrong with the rule */
export function parseRule(rule: string): Rule {
  const segments = splitSegments(readParts(rule)).map((parts) => ({ text: parts.map(partText).join(''), parts }))
  const variables = segments.flatMap(({ parts }) => parts.filter((part) => typeof part !== 'string'))
  const names = new Set<string>()
  for (const { name } of variables) {
    // As a key of an object literal it would be its prototype.
    if (name === '__proto__') throw new RuleError(`rule '${rule}': no variable can be called __proto__`)
    if (names.has(name)) throw new RuleError(`rule '${rule}': the variable ${name} is there twice`)
    names.add(name)
  }
  return { text: segments.map(({ text }) => text).join('/'), segments, variables }
}

/** Literals, slashes in them, and variables, in their order. */
function readParts(rule: string): Part[] {
  const parts: Part[] = []
  for (let at = 0; at < rule.length;) {
    const bracket = rule.slice(at).search(/[<>]/)
    const end = bracket < 0 ? rule.length : at + bracket
    if (end > at) parts.push(rule.slice(at, end))
    if (end === rule.length) break
    PLACEHOLDER.lastIndex = end
    const match = PLACEHOLDER.exec(rule)
    if (match === null) throw new RuleError(`rule '${rule}': expected <variable>, <converter:variable> or <converter(arguments):variable> at '${rule.slice(end)}'`)
    const [text, converter = 'default', given, name = ''] = match
    if (typeof parts.at(-1) === 'object') throw new RuleError(`rule '${rule}': nothing stands between two variables at '${text}'`)
    parts.push({ name, converter: makeConverter(rule, converter, given ?? ''), source: given === undefined ? converter : `${converter}(${given})` })
    at = end + text.length
  }
  return parts
}

function makeConverter(rule: string, name: string, given: string): Converter {
  if (!Object.hasOwn(converters, name)) throw new RuleError(`rule '${rule}': there is no converter ${name}; there are ${Object.keys(converters).join(', ')}`)
  const factory = converters[name as keyof typeof converters]
  try {
    const args = new GivenArguments(name, given)
    const converter = factory(args)
    args.finish()
    return converter
  } catch (error) {
    if (error instanceof RuleError) throw new RuleError(`rule '${rule}': ${error.message}`, { cause: error })
    throw error
  }
}

function splitSegments(parts: readonly Part[]): Part[][] {
  const segments: Part[][] = [[]]
  for (const part of parts) {
    if (typeof part !== 'string') {
      segments.at(-1)?.push(part)
      continue
    }
    const [first = '', ...rest] = part.split('/')
    if (first !== '') segments.at(-1)?.push(first)
    for (const text of rest) segments.push(text === '' ? [] : [text])
  }
  // An empty segment is a slash too many, but the last one of a directory.
  return segments.filter((segment, index) => segment.length > 0 || index === segments.length - 1)
}

function partText(part: Part): string {
  if (typeof part === 'string') return part
  return part.source === 'default' ? `<${part.name}>` : `<${part.source}:${part.name}>`
}
