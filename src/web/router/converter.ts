/** What a converter of a rule is: `int`, `string` ... */

/** The value of a variable. */
export type ParamValue = string | number

/** Reads the text of one variable and writes it. Text is Unicode, without percent-encoding. */
export interface Converter {
  /** The fewest characters of a value. */
  readonly minimum: number
  /** The most; Infinity where there is no limit, and then any text of the run with the fewest characters is a value. */
  readonly maximum: number
  /** A value may have slashes: it goes beyond its segment. */
  readonly spans: boolean
  /** Where the longest text from `start` on ends that a value can be, other limits apart. */
  run(text: string, start: number): number
  /** Undefined for what is no value: the rule does not match. */
  read(text: string): ParamValue | undefined
  /**
   * The text of a value.
   * @throws {RangeError} for a value that read() would not give back
   */
  write(value: unknown): string
}

/** A converter that may be named in rules is made from the arguments in its brackets. */
export type ConverterFactory = (given: ConverterArguments) => Converter

/** One argument of a converter, `min=1` or `'a word'`. */
export interface Argument {
  readonly name: string | undefined
  /** As written, without quotes. */
  readonly text: string
  readonly value: string | number | boolean | null
}

/** The arguments of a converter, taken one by one. */
export interface ConverterArguments {
  /** The items without a name, those from `from` on. */
  items(from?: number): readonly Argument[]
  /**
   * A number by its place or one of its names; undefined where it was left out or is None.
   * @throws {RuleError} where it is none
   */
  number(place: number, ...names: string[]): number | undefined
}
