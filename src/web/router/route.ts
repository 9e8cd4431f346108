/** A rule that can be matched with a path and made into one (pulsar's Route). */
import type { ParamValue } from './converter.ts'
import { encodePath, nativeText, unicodeText } from './path-text.ts'
import { Pattern } from './pattern.ts'
import { parseRule, type Part, type Segment, type Variable } from './rule.ts'
import { RuleError } from './rule-error.ts'
import type { CheckedRule, RuleParams, UrlParams } from './rule-params.ts'

/** The key under which a directory gives the part of the path that it did not match. */
const REMAINING = '__remaining__'

/** One step of a match: a literal segment as a native string, one with variables, or all of the rest. */
export type Step =
  | { readonly kind: 'literal', readonly text: string }
  | { readonly kind: 'segment' | 'rest', readonly pattern: Pattern }

/** What match() gives: the values, and for a directory, where there is more of the path, that. */
export type RouteMatch<R extends string> = RuleParams<R> & { readonly [REMAINING]?: string }

export class Route<R extends string = string, Optional extends string = never> {
  /** As written, without a leading slash. */
  readonly rule: string
  /** The values that url() takes where none is given. They have no part in matching. */
  readonly defaults: Readonly<Record<string, ParamValue>>
  /** The names of the variables in their order. */
  readonly orderedVariables: readonly string[]
  readonly #segments: readonly Segment[]
  readonly #variables: ReadonlyMap<string, Variable>
  readonly #steps: readonly Step[]

  /**
   * @param rule `'users/<int:id>'`; docs/routing.md has the grammar
   * @throws {RuleError} saying what is wrong with the rule
   */
  constructor(rule: R & CheckedRule<R>, defaults?: Readonly<Partial<Record<Optional, ParamValue>>>) {
    const { text, segments, variables } = parseRule(rule)
    this.rule = text
    this.defaults = { ...defaults } as Readonly<Record<string, ParamValue>>
    this.orderedVariables = variables.map(({ name }) => name)
    this.#segments = segments
    this.#variables = new Map(variables.map((variable) => [variable.name, variable]))
    this.#steps = stepsOf(segments)
  }

  /** With a leading slash. */
  get path(): string {
    return `/${this.rule}`
  }

  /** False for a directory: a rule that is empty or ends with a slash. */
  get isLeaf(): boolean {
    return this.rule !== '' && !this.rule.endsWith('/')
  }

  /** The names of the variables, and of the defaults. */
  get variables(): ReadonlySet<string> {
    return new Set([...this.orderedVariables, ...Object.keys(this.defaults)])
  }

  /** A name made from the rule: letters, digits and underscores. */
  get name(): string {
    return this.rule.replaceAll(/<(?:[^<>]*:)?(\w+)>/g, '$1').replaceAll(/[^\p{L}\p{N}]+/gu, '_').replaceAll(/^_+|_+$/g, '')
  }

  /** The segments as written, without the empty one of a directory. */
  get bits(): readonly string[] {
    return this.#segments.map(({ text }) => text).filter((text) => text !== '')
  }

  get level(): number {
    return this.bits.length
  }

  /** For each segment whether it has variables, and its text. */
  get breadcrumbs(): readonly (readonly [dynamic: boolean, text: string])[] {
    return this.#segments.filter(({ text }) => text !== '').map(({ text, parts }) => [parts.some((part) => typeof part !== 'string'), text])
  }

  /** How it is matched, segment by segment. */
  get steps(): readonly Step[] {
    return this.#steps
  }

  /** What it matches, whatever its variables are called: two routes of the same shape match the same. */
  get shape(): string {
    return this.#steps.map((step) => (step.kind === 'literal' ? step.text : step.pattern.shape)).join('/')
  }

  /**
   * The values of the variables; undefined where the path does not match. A directory matches what begins with it, and gives the
   * remainder as `__remaining__`.
   * @param path a native string as PATH_INFO is one, with or without its leading slash
   */
  match(path: string): RouteMatch<R> | undefined {
    const values: ParamValue[] = []
    const given = path.startsWith('/') ? path.slice(1) : path
    const end = this.#matched(given, values)
    if (end === undefined) return undefined
    const found: Record<string, ParamValue> = {}
    this.orderedVariables.forEach((name, index) => { found[name] = values[index] as ParamValue })
    if (end < given.length) found[REMAINING] = unicodeText(given.slice(end)) ?? given.slice(end)
    return found as RouteMatch<R>
  }

  /** Up to where the path is matched; undefined where it is not. */
  #matched(path: string, values: ParamValue[]): number | undefined {
    let at = 0
    for (const [index, step] of this.#steps.entries()) {
      const isLast = index === this.#steps.length - 1
      // A directory ends with an empty segment: whatever comes behind its slash remains.
      if (isLast && step.kind === 'literal' && step.text === '') return at
      const slash = path.indexOf('/', at)
      const end = slash < 0 || step.kind === 'rest' ? path.length : slash
      const segment = path.slice(at, end)
      if (step.kind === 'literal' ? segment !== step.text : !matchNative(step.pattern, segment, values)) return undefined
      if (isLast) return end === path.length ? end : undefined
      if (end === path.length) return undefined
      at = end + 1
    }
    return undefined
  }

  /**
   * The path with values in the place of variables, percent-encoded.
   * @throws {RangeError} where a value is missing, or is one that the rule would not match
   */
  url(...values: Record<never, never> extends UrlParams<R, Optional> ? [values?: UrlParams<R, Optional>] : [values: UrlParams<R, Optional>]): string {
    return this.build((values[0] ?? {}) as Readonly<Record<string, unknown>>)
  }

  /** As url() with values that are not known when compiling. What is no variable of the rule is passed over. */
  build(values: Readonly<Record<string, unknown>>): string {
    return `/${this.#segments.map(({ parts }) => parts.map((part) => this.#written(part, values)).join('')).join('/')}`
  }

  /** As url(); undefined where a value is missing. */
  safeUrl(values: Readonly<Record<string, unknown>> = {}): string | undefined {
    return this.orderedVariables.some((name) => this.#given(name, values) === undefined) ? undefined : this.build(values)
  }

  #written(part: Part, values: Readonly<Record<string, unknown>>): string {
    if (typeof part === 'string') return encodePath(part)
    const value = this.#given(part.name, values)
    if (value === undefined) throw new RangeError(`the URL of '${this.path}' needs a value for ${part.name}`)
    try {
      return encodePath(part.converter.write(value))
    } catch (error) {
      throw new RangeError(`the URL of '${this.path}': ${part.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }

  #given(name: string, values: Readonly<Record<string, unknown>>): unknown {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    return value ?? (Object.hasOwn(this.defaults, name) ? this.defaults[name] : undefined)
  }

  /** The directory above and the last segment; without a segment before the last there is only the directory above. */
  split(): readonly [parent: Route, last: Route | undefined] {
    const { bits } = this
    if (bits.length < 2) return this.isLeaf ? [new Route(''), this.#part(bits.join('/'))] : [this.#part(this.rule), undefined]
    const last = `${bits.at(-1) as string}${this.isLeaf ? '' : '/'}`
    return [this.#part(`${bits.slice(0, -1).join('/')}/`), this.#part(last)]
  }

  /** A rule of this one's variables, with the defaults that belong to them. */
  #part(rule: string): Route {
    const route = new Route(rule)
    return new Route(rule, Object.fromEntries(Object.entries(this.defaults).filter(([name]) => route.orderedVariables.includes(name))))
  }

  /**
   * This rule with another behind it (pulsar: `+`); the other's defaults count before this one's.
   * @throws {RuleError} where both have a variable of the same name
   */
  join<S extends string, Others extends string = never>(other: S | Route<S, Others>): Route<`${R}/${S}`, Optional | Others> {
    const rule = typeof other === 'string' ? other : other.rule
    const defaults = typeof other === 'string' ? this.defaults : { ...this.defaults, ...other.defaults }
    const twice = (typeof other === 'string' ? new Route<string>(other) : other).orderedVariables.find((name) => this.#variables.has(name))
    if (twice !== undefined) throw new RuleError(`'${rule}' behind '${this.rule}': the variable ${twice} is there twice`)
    return new Route<string, string>(`${this.rule}/${rule}`, defaults) as unknown as Route<`${R}/${S}`, Optional | Others>
  }

  equals(other: Route<string, string>): boolean {
    return this.rule === other.rule
  }

  /** For sort(): by the text of the rules. */
  compare(other: Route<string, string>): number {
    return this.rule === other.rule ? 0 : this.rule < other.rule ? -1 : 1
  }

  toString(): string {
    return this.path
  }
}

/** Segments up to the first with a variable that may have slashes; from there on it is one step. */
function stepsOf(segments: readonly Segment[]): Step[] {
  const steps: Step[] = []
  for (const [index, { parts }] of segments.entries()) {
    if (parts.some((part) => typeof part !== 'string' && part.converter.spans)) {
      const rest = segments.slice(index).flatMap((segment, offset) => (offset === 0 ? segment.parts : ['/', ...segment.parts]))
      steps.push({ kind: 'rest', pattern: new Pattern(joinLiterals(rest)) })
      return steps
    }
    if (parts.some((part) => typeof part !== 'string')) steps.push({ kind: 'segment', pattern: new Pattern(parts) })
    else steps.push({ kind: 'literal', text: nativeText(parts.join('')) })
  }
  return steps
}

function joinLiterals(parts: readonly Part[]): Part[] {
  const joined: Part[] = []
  for (const part of parts) {
    const before = joined.at(-1)
    if (typeof part === 'string' && typeof before === 'string') joined[joined.length - 1] = before + part
    else joined.push(part)
  }
  return joined
}

/** A pattern is Unicode: what is no UTF-8 matches none. */
export function matchNative(pattern: Pattern, native: string, values: ParamValue[]): boolean {
  const text = unicodeText(native)
  return text !== undefined && pattern.match(text, values)
}
