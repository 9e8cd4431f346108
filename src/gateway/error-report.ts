/** What there is to say about something that was thrown, as data. For whoever develops the application: never for a client. */
import { inspect } from 'node:util'
import { maskedUrl, maskedValue, namesSecret } from './secrets.ts'
import { readFrames, type Frame } from './stack-frames.ts'

/** One error of the chain. */
export interface ErrorReport {
  /** How it hangs together with the one before: empty for the first. */
  readonly relation: '' | 'caused by' | 'one of'
  readonly name: string
  readonly message: string
  readonly frames: readonly Frame[]
  /** The error's own further properties (`code`, `syscall` ...), secrets masked. */
  readonly properties: readonly (readonly [name: string, value: string])[]
}

/** Errors in one report; a chain may be a circle. */
const maxErrors = 10
/** Characters of one value or message. */
const maxText = 4000

/** The error, its causes and, of an AggregateError, its errors. Anything may have been thrown: it is never trusted to behave. */
export function reportError(error: unknown): ErrorReport[] {
  const reports: ErrorReport[] = []
  const seen = new Set<unknown>()
  const visit = (value: unknown, relation: ErrorReport['relation']): void => {
    if (reports.length >= maxErrors || seen.has(value)) return
    seen.add(value)
    reports.push(reportOne(value, relation))
    const cause = property(value, 'cause')
    if (cause !== undefined) visit(cause, 'caused by')
    const errors = property(value, 'errors')
    if (Array.isArray(errors)) for (const one of errors as unknown[]) visit(one, 'one of')
  }
  visit(error, '')
  return reports
}

/** A value in short, on one level: what is deeper, and objects of a class, by their kind; nothing is called or computed. */
export function reportValue(name: string, value: unknown): string {
  if (namesSecret(name)) return maskedValue(name, '')
  if (typeof value === 'string') return shorten(maskedValue(name, value))
  return shorten(safely(() => maskedUrl(isPlain(value) ? reportEntries(value) : inspectFlat(value))))
}

function reportEntries(value: object): string {
  const entries = Object.entries(Object.getOwnPropertyDescriptors(value)).filter(([, descriptor]) => 'value' in descriptor)
  if (entries.length === 0) return '{}'
  const texts = entries.map(
    ([key, { value: inner }]) => `${key}: ${namesSecret(key) ? maskedValue(key, '') : inspectInner(inner)}`
  )
  return `{ ${texts.join(', ')} }`
}

/** Without Node's own view into functions and objects, which goes on where the masking ends. */
function inspectInner(value: unknown): string {
  return typeof value === 'string'
    ? inspect(maskedUrl(value))
    : typeof value === 'function'
      ? inspectFlat(value)
      : inspect(value, { depth: -1 })
}

function inspectFlat(value: unknown): string {
  if (typeof value === 'function') return `[Function: ${kindOf({ constructor: value })}]`
  const flat = typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date
  return flat ? inspect(value, { depth: 0 }) : `[${kindOf(value)}]`
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function reportOne(value: unknown, relation: ErrorReport['relation']): ErrorReport {
  const stack = property(value, 'stack')
  if (typeof value !== 'object' || value === null || typeof stack !== 'string') {
    return { relation, name: 'Not an Error', message: reportValue('', value), frames: [], properties: [] }
  }
  const name = property(value, 'name')
  const message = property(value, 'message')
  const text = typeof message === 'string' ? message : ''
  return {
    relation,
    name: typeof name === 'string' && name !== '' ? name : 'Error',
    message: shorten(text),
    frames: readFrames(stack, text),
    properties: ownProperties(value)
  }
}

function ownProperties(error: object): [string, string][] {
  const descriptors = safely(() => Object.entries(Object.getOwnPropertyDescriptors(error)))
  if (typeof descriptors === 'string') return []
  return descriptors
    .filter(
      ([name, descriptor]) =>
        descriptor.enumerable === true && 'value' in descriptor && !/^(?:name|message|stack|cause|errors)$/.test(name)
    )
    .map(([name, descriptor]) => [name, reportValue(name, descriptor.value)])
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return safely(() => (value as Readonly<Record<string, unknown>>)[name])
}

/** A getter, a Proxy or an own toString may throw in its turn: said where the value would stand. */
function safely<T>(read: () => T): T | string {
  try {
    return read()
  } catch (error) {
    return `[not readable: ${error instanceof Error ? error.name : typeof error}]`
  }
}

function kindOf(value: object): string {
  const maker = property(value, 'constructor')
  return typeof maker === 'function' && maker.name !== '' ? maker.name : 'object'
}

function shorten(text: string): string {
  return text.length <= maxText ? text : `${text.slice(0, maxText)} ... (${text.length} characters)`
}
