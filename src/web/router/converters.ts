/** The converters that rules may name. */
import type { Converter, ConverterFactory } from './converter.ts'
import { RuleError } from './rule-error.ts'

/** What is `.` or `..` between slashes is taken out of a URL before it is sent, encoded or not (RFC 3986 section 5.2.4). */
const DOTS = /(?:^|\/)\.\.?(?:\/|$)/
const DIGITS = /[^0-9]/g
const DECIMALS = /[^0-9.]/g

/** Digits of the greatest number that is exact. */
const SAFE_DIGITS = 16
/** The greatest double has 309 digits before its point; more behind it say nothing. */
const FLOAT_LENGTH = 700

/** The end of the run: where the pattern, which has the flag `g`, is found first. */
function endOf(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start
  return pattern.exec(text)?.index ?? text.length
}

/** One segment, or a part of it: `string(minlength=1, maxlength=None, length=None)`. */
function string(given: Parameters<ConverterFactory>[0]): Converter {
  const shortest = given.number(0, 'minlength', 'minLength')
  const longest = given.number(1, 'maxlength', 'maxLength')
  const exact = given.number(2, 'length')
  const minimum = exact ?? shortest ?? 1
  const maximum = exact ?? longest ?? Number.POSITIVE_INFINITY
  if (minimum < 0 || minimum > maximum) throw new RuleError(`string: no text has at least ${minimum} and at most ${maximum} characters`)
  const fits = (text: string): boolean => text.length >= minimum && text.length <= maximum && text !== '.' && text !== '..'
  return {
    minimum, maximum, spans: false,
    run: (text, start) => {
      const slash = text.indexOf('/', start)
      return slash < 0 ? text.length : slash
    },
    read: (text) => (fits(text) ? text : undefined),
    write: (value) => {
      const text = textOf(value)
      if (!fits(text) || text.includes('/')) throw new RangeError(`'${text}' is no text of ${limits(minimum, maximum)} characters without a slash`)
      return text
    },
  }
}

/** Anything, with slashes, empty too: `path`. */
function path(): Converter {
  return {
    minimum: 0, maximum: Number.POSITIVE_INFINITY, spans: true,
    run: (text) => text.length,
    read: (text) => (DOTS.test(text) ? undefined : text),
    write: (value) => {
      const text = textOf(value)
      if (DOTS.test(text)) throw new RangeError(`'${text}' has a segment . or .., which clients take out (RFC 3986 section 5.2.4)`)
      return text
    },
  }
}

/** One of the items: `any(red, green)`. */
function any(given: Parameters<ConverterFactory>[0]): Converter {
  const items = given.items().map(({ text }) => text)
  if (items.length === 0) throw new RuleError('any: expected the items, any(red, green)')
  const wrong = items.find((item) => item.includes('/') || item === '' || item === '.' || item === '..')
  if (wrong !== undefined) throw new RuleError(`any: '${wrong}' is no part of a segment`)
  const known = new Set(items)
  return {
    minimum: Math.min(...items.map(({ length }) => length)), maximum: Math.max(...items.map(({ length }) => length)), spans: false,
    run: (text) => text.length,
    read: (text) => (known.has(text) ? text : undefined),
    write: (value) => {
      const text = textOf(value)
      if (!known.has(text)) throw new RangeError(`'${text}' is none of ${items.join(', ')}`)
      return text
    },
  }
}

/** Digits: `int(fixed_digits=0, min=None, max=None)`. What is no exact number of JavaScript does not match. */
function int(given: Parameters<ConverterFactory>[0]): Converter {
  const digits = given.number(0, 'fixed_digits', 'fixedDigits') ?? 0
  const least = given.number(1, 'min') ?? 0
  const most = given.number(2, 'max') ?? Number.MAX_SAFE_INTEGER
  const range = `an integer from ${least} to ${most}${digits === 0 ? '' : ` in ${digits} digits`}`
  if (!Number.isInteger(digits) || digits < 0) throw new RuleError(`int: fixed_digits is ${digits}`)
  if (least > most || most < 0) throw new RuleError(`int: there is no integer from ${least} to ${most} without a sign`)
  const fits = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && value >= least && value <= most
  return {
    minimum: digits === 0 ? 1 : digits, maximum: digits === 0 ? SAFE_DIGITS : digits, spans: false,
    run: (text, start) => endOf(DIGITS, text, start),
    read: (text) => {
      const { length } = text
      if (digits === 0 ? length === 0 || length > SAFE_DIGITS : length !== digits) return undefined
      let value = 0
      for (let i = 0; i < length; i++) {
        const digit = text.charCodeAt(i) - 48
        if (digit < 0 || digit > 9) return undefined
        value = value * 10 + digit
      }
      return fits(value) ? value : undefined
    },
    write: (value) => {
      const number = numberOf(value)
      const text = String(number).padStart(digits, '0')
      if (!fits(number) || (digits !== 0 && text.length !== digits)) throw new RangeError(`${String(value)} is not ${range}`)
      return text
    },
  }
}

/** Digits, a point, digits: `float(min=None, max=None)`. */
function float(given: Parameters<ConverterFactory>[0]): Converter {
  const least = given.number(0, 'min') ?? 0
  const most = given.number(1, 'max') ?? Number.MAX_VALUE
  if (least > most || most < 0) throw new RuleError(`float: there is no number from ${least} to ${most} without a sign`)
  const fits = (value: number): boolean => value >= 0 && value >= least && value <= most
  return {
    minimum: 3, maximum: FLOAT_LENGTH, spans: false,
    run: (text, start) => endOf(DECIMALS, text, start),
    read: (text) => {
      if (text.length > FLOAT_LENGTH || !/^\d+\.\d+$/.test(text)) return undefined
      const value = Number(text)
      return fits(value) ? value : undefined
    },
    write: (value) => {
      const number = numberOf(value)
      if (!fits(number)) throw new RangeError(`${String(value)} is not a number from ${least} to ${most}`)
      const text = plainDecimal(number)
      return text.includes('.') ? text : `${text}.0`
    },
  }
}

/** The shortest digits that read back as the same number, without an exponent. */
function plainDecimal(value: number): string {
  const [digits = '', exponent] = String(value).split('e')
  if (exponent === undefined) return Object.is(value, -0) ? '0' : digits
  const [whole = '', fraction = ''] = digits.split('.')
  const shift = Number(exponent)
  if (shift < 0) return `0.${'0'.repeat(-shift - 1)}${whole}${fraction}`
  return whole + fraction.padEnd(shift, '0')
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : Number.NaN
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  throw new RangeError(`${value === null ? 'null' : typeof value} is no text for a URL`)
}

const limits = (minimum: number, maximum: number): string => (maximum === Number.POSITIVE_INFINITY ? `${minimum} or more` : `${minimum} to ${maximum}`)

/** By the names that rules call them; without one it is `default`. */
export const converters: Readonly<Record<'default' | 'string' | 'path' | 'any' | 'int' | 'float', ConverterFactory>> = {
  default: string, string, path, any, int, float,
}
