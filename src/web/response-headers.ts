/** The header fields of an answer, in the order they were added, by names in any case. */
import type { Fields } from '../gateway/exchange.ts'
import { checkField } from '../http/h1/response-writer.ts'
import type { HeaderInit, ResponseHeaderName } from './header-names.ts'

type Line = readonly [name: string, value: string]

/**
 * Every way in checks name and value: a field that could end its line early, or that is not latin-1 text, is a TypeError
 * (RFC 9110 section 5.5), so no value of a client's can become a field of its own.
 */
export class ResponseHeaders implements Iterable<Line> {
  private lines: Line[] = []

  constructor(init?: HeaderInit) {
    if (init !== undefined) this.update(init)
  }

  /** The values, joined by a comma where there are several (RFC 9110 section 5.3); undefined where the field is absent. */
  get(name: ResponseHeaderName): string | undefined {
    const wanted = name.toLowerCase()
    let value: string | undefined
    for (const line of this.lines) {
      if (isNamed(line, wanted)) value = value === undefined ? line[1] : `${value}, ${line[1]}`
    }
    return value
  }

  /** The value of each line: what `Set-Cookie` needs. */
  getAll(name: ResponseHeaderName): string[] {
    const wanted = name.toLowerCase()
    return this.lines.filter((line) => isNamed(line, wanted)).map(([, value]) => value)
  }

  has(name: ResponseHeaderName): boolean {
    const wanted = name.toLowerCase()
    return this.lines.some((line) => isNamed(line, wanted))
  }

  /** Puts the value in the place of all that the field had. @throws {TypeError} for what could not go on the wire */
  set(name: ResponseHeaderName, value: string | number): this {
    const line = checked(name, value)
    const wanted = name.toLowerCase()
    const at = this.lines.findIndex((candidate) => isNamed(candidate, wanted))
    if (at < 0) {
      this.lines.push(line)
      return this
    }
    this.lines[at] = line
    this.lines = this.lines.filter((candidate, i) => i <= at || !isNamed(candidate, wanted))
    return this
  }

  /** Adds a line. @throws {TypeError} for what could not go on the wire */
  append(name: ResponseHeaderName, value: string | number): this {
    this.lines.push(checked(name, value))
    return this
  }

  /** Sets all that are given; a list of values is a line each. Pairs of the same name are too. */
  update(init: HeaderInit): this {
    const seen = new Set<string>()
    for (const [name, value] of pairsOf(init)) {
      for (const one of Array.isArray(value) ? (value as readonly (string | number)[]) : [value as string | number]) {
        const lower = name.toLowerCase()
        if (seen.has(lower)) this.append(name, one)
        else this.set(name, one)
        seen.add(lower)
      }
    }
    return this
  }

  /** True where there was one. */
  delete(name: ResponseHeaderName): boolean {
    const wanted = name.toLowerCase()
    const { length } = this.lines
    this.lines = this.lines.filter((line) => !isNamed(line, wanted))
    return this.lines.length < length
  }

  /** Adds names to `Vary` that are not in it (RFC 9110 section 12.5.5). */
  vary(...names: readonly string[]): this {
    const present = this.get('vary')?.split(',').map((name) => name.trim()) ?? []
    const known = new Set(present.map((name) => name.toLowerCase()))
    if (known.has('*')) return this
    const added = names.filter((name) => !known.has(name.toLowerCase()))
    return added.length === 0 ? this : this.set('Vary', [...present, ...added].join(', '))
  }

  [Symbol.iterator](): Iterator<Line> {
    return this.lines[Symbol.iterator]()
  }

  /** As startResponse() takes them: a new array, which whoever gets it may change. */
  toFields(): Fields {
    return this.lines.slice()
  }
}

function isNamed([name]: Line, lower: string): boolean {
  return name.length === lower.length && name.toLowerCase() === lower
}

function checked(name: string, value: string | number): Line {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') throw new TypeError(`the value of header ${name} is ${typeof text}, not a string`)
  checkField(name, text)
  return [name, text]
}

function pairsOf(init: HeaderInit): Iterable<readonly [string, unknown]> {
  return Symbol.iterator in init ? init : Object.entries(init).filter(([, value]) => value !== undefined)
}
