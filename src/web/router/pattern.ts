/**
 * Matches text with variables in it, `<name>.<ext>`. A variable takes as much as it can, as with a regular expression, but the
 * time is bounded: no end of a variable is tried twice.
 */
import type { Converter, ParamValue } from './converter.ts'
import type { Part } from './rule.ts'

export class Pattern {
  /** What it accepts, without the names: two patterns of the same shape match the same. */
  readonly shape: string
  readonly #prefix: string
  readonly #converters: readonly Converter[]
  /** What follows each variable. */
  readonly #literals: readonly string[]
  /** The only variable, with nothing before and behind it: the common case. */
  readonly #single: Converter | undefined

  /** @param parts one variable or more, and literals between them */
  constructor(parts: readonly Part[]) {
    const first = parts[0]
    this.#prefix = typeof first === 'string' ? first : ''
    const converters: Converter[] = []
    const literals: string[] = []
    parts.forEach((part, index) => {
      if (typeof part === 'string') return
      const next = parts[index + 1]
      converters.push(part.converter)
      literals.push(typeof next === 'string' ? next : '')
    })
    this.#converters = converters
    this.#literals = literals
    this.#single = parts.length === 1 ? converters[0] : undefined
    this.shape = parts.map((part) => (typeof part === 'string' ? part : `<${part.source}>`)).join('')
  }

  /** Adds the values of all variables to `values`, or nothing and gives false. The text is Unicode. */
  match(text: string, values: ParamValue[]): boolean {
    if (this.#single !== undefined) {
      const value = this.#single.read(text)
      if (value === undefined) return false
      values.push(value)
      return true
    }
    if (!text.startsWith(this.#prefix)) return false
    const found = this.#converters.length === 1 ? this.#last(text, 0, this.#prefix.length) : this.#search(text)
    if (found === undefined) return false
    for (const value of found) values.push(value)
    return true
  }

  #search(text: string): ParamValue[] | undefined {
    return this.#from(text, 0, this.#prefix.length, this.#converters.map(() => ({ run: -1, end: 0 })))
  }

  /** The values of the variables from `index` on, the first of them beginning at `start`. */
  #from(text: string, index: number, start: number, tried: Tried[]): ParamValue[] | undefined {
    const literal = this.#literals[index] as string
    if (index === this.#converters.length - 1) return this.#last(text, index, start)
    const converter = this.#converters[index] as Converter
    const run = converter.run(text, start)
    const least = start + converter.minimum
    const mark = tried[index] as Tried
    // What follows an end does not depend on where the variable began: an unlimited one need not try an end again.
    const known = converter.maximum === Number.POSITIVE_INFINITY && mark.run === run ? mark.end - 1 : run
    let end = Math.min(run, start + converter.maximum, known)
    while (end >= least) {
      end = text.lastIndexOf(literal, end)
      if (end < least) break
      const value = converter.read(text.slice(start, end))
      if (value !== undefined) {
        const rest = this.#from(text, index + 1, end + literal.length, tried)
        if (rest !== undefined) return [value, ...rest]
      }
      end -= 1
    }
    mark.end = mark.run === run ? Math.min(mark.end, least) : least
    mark.run = run
    return undefined
  }

  /** The last variable goes on to the literal that ends the text. */
  #last(text: string, index: number, start: number): ParamValue[] | undefined {
    const literal = this.#literals[index] as string
    const converter = this.#converters[index] as Converter
    const end = text.length - literal.length
    if (end < start + converter.minimum || end > start + converter.maximum || !text.endsWith(literal)) return undefined
    if (end > converter.run(text, start)) return undefined
    const value = converter.read(text.slice(start, end))
    return value === undefined ? undefined : [value]
  }
}

/** Down to which end, in which run, a variable was tried in vain. */
interface Tried {
  run: number
  end: number
}
