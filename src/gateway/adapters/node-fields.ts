/** Headers in the shapes that node:http takes, as fields of an answer. */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { Fields } from '../exchange.ts'
import type { StoredHeaders } from './node-internals.ts'

type Pairs = [name: string, value: string][]

/** Of setHeader(): checked when they were set. */
export function storedFields(headers: StoredHeaders): Pairs {
  const fields: Pairs = []
  for (const key in headers) {
    const entry = headers[key] as readonly [string, unknown]
    add(fields, entry[0], entry[1])
  }
  return fields
}

/**
 * Of writeHead(): an object, a list of pairs, or a flat list.
 * @throws {TypeError} with Node's `code` for what is no header
 */
export function givenFields(headers: object): Pairs {
  const fields: Pairs = []
  for (const [name, value] of Array.isArray(headers) ? pairsOf(headers) : Object.entries(headers)) addChecked(fields, name, value)
  return fields
}

/** `Name: value` lines, each with its end. */
export function fieldsOfLines(lines: string): Fields {
  return lines.split('\r\n').filter((line) => line !== '').map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
}

function pairsOf(list: readonly unknown[]): (readonly [string, unknown])[] {
  if (Array.isArray(list[0])) return list as (readonly [string, unknown])[]
  if (list.length % 2 !== 0) {
    const error = new TypeError('The argument \'headers\' is invalid: a flat list has a value for each name')
    throw Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' })
  }
  const pairs: (readonly [string, unknown])[] = []
  for (let i = 0; i < list.length; i += 2) pairs.push([list[i] as string, list[i + 1]])
  return pairs
}

function addChecked(fields: Pairs, name: string, value: unknown): void {
  validateHeaderName(name)
  for (const one of Array.isArray(value) ? value : [value]) validateHeaderValue(name, one as string)
  add(fields, name, value)
}

/** A list is a line for each of its values. */
function add(fields: Pairs, name: string, value: unknown): void {
  if (typeof value === 'string') fields.push([name, value])
  else if (Array.isArray(value)) for (const one of value) fields.push([name, String(one)])
  else fields.push([name, String(value)])
}
