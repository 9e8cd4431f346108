/** The arguments of a converter: `int(min=1, max=10)`, `any(black, 'off white')`. */
import type { Argument, ConverterArguments } from './converter.ts'
import { RuleError } from './rule-error.ts'

/** arg = [ name "=" ] ( quoted / number / word ), and what ends it. Each alternative begins otherwise: no backtracking. */
const ARGUMENT = /\s*(?:([A-Za-z_]\w*)\s*=\s*)?(?:"([^"]*)"|'([^']*)'|([^\s,"'=()]+))\s*(,|$)/y
const NUMBER = /^-?\d+(?:\.\d+)?$/
const WORDS: ReadonlyMap<string, boolean | null> = new Map([['None', null], ['null', null], ['True', true], ['true', true], ['False', false], ['false', false]])

/**
 * @param text what stands between the brackets
 * @throws {RuleError} where it is no list of arguments
 */
export function readArguments(text: string): Argument[] {
  const found: Argument[] = []
  if (text.trim() === '') return found
  ARGUMENT.lastIndex = 0
  for (let more = true; more;) {
    const match = ARGUMENT.exec(text)
    if (match === null) throw new RuleError(`'${text}' are no arguments of a converter: expected words, numbers or quoted text with commas between`)
    const [, name, double, single, word, end] = match
    found.push({ name, text: double ?? single ?? word ?? '', value: double ?? single ?? valueOf(word ?? '') })
    more = end === ','
  }
  return found
}

function valueOf(word: string): Argument['value'] {
  const known = WORDS.get(word)
  if (known !== undefined) return known
  return NUMBER.test(word) ? Number(word) : word
}

/** Gives the arguments out, and knows at the end which of them nobody asked for. */
export class GivenArguments implements ConverterArguments {
  readonly #converter: string
  readonly #all: readonly Argument[]
  readonly #taken = new Set<Argument>()

  constructor(converter: string, text: string) {
    this.#converter = converter
    this.#all = readArguments(text)
  }

  items(from: number = 0): readonly Argument[] {
    const items = this.#all.filter(({ name }) => name === undefined).slice(from)
    for (const item of items) this.#taken.add(item)
    return items
  }

  number(place: number, ...names: string[]): number | undefined {
    const given = this.#all.filter(({ name }, index) => (name === undefined ? index === place : names.includes(name)))
    if (given.length > 1) throw new RuleError(`${this.#converter}: ${names[0] ?? place} is there twice`)
    const [argument] = given
    if (argument === undefined) return undefined
    this.#taken.add(argument)
    if (argument.value === null) return undefined
    if (typeof argument.value !== 'number') throw new RuleError(`${this.#converter}: ${names[0] ?? place} is '${argument.text}', not a number`)
    return argument.value
  }

  /** @throws {RuleError} for an argument that the converter does not have */
  finish(): void {
    const over = this.#all.find((argument) => !this.#taken.has(argument))
    if (over !== undefined) throw new RuleError(`${this.#converter} has no argument ${over.name ?? `'${over.text}'`}`)
  }
}
