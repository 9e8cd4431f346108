/** JSON of a client's (RFC 8259). */
import { BadRequest, ContentTooLarge } from './http-error.ts'

/**
 * Parses JSON that nobody has to trust: a key that could reach a prototype when the value is copied, and a value so deep that
 * a function walking it could run out of stack, are refused.
 * @param depth the most arrays and objects within one another
 * @throws {HttpError} 400 for what is no JSON, or has such a key; 413 for what is too deep
 */
export function parseJson(text: string, depth: number): unknown {
  if (text.length > depth) refuseDepth(text, depth)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new BadRequest('the body is not JSON', { cause })
  }
  if (MENTIONS_PROTOTYPE.test(text)) refusePrototypeKeys(value)
  return value
}

/** A key may be written with escapes: a text with neither the names nor a backslash has none of them. */
const MENTIONS_PROTOTYPE = /__proto__|constructor|\\u/i

function refuseDepth(text: string, depth: number): void {
  let open = 0
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22:
        i = endOfString(text, i)
        break
      case 0x5b: case 0x7b:
        if (++open > depth) throw new ContentTooLarge(`the JSON has more than ${depth} arrays and objects within one another`)
        break
      case 0x5d: case 0x7d:
        open--
    }
  }
}

/** The place of the closing quote, or the text's end. */
function endOfString(text: string, from: number): number {
  let at = from
  for (;;) {
    at = text.indexOf('"', at + 1)
    if (at < 0) return text.length
    let backslashes = 0
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++
    if (backslashes % 2 === 0) return at
  }
}

/** `__proto__`, and `constructor` with a `prototype`: harmless here, but not in what is merged from it. */
function refusePrototypeKeys(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, '__proto__') || (Object.hasOwn(value, 'constructor') && hasPrototype(value.constructor))) {
    throw new BadRequest('the JSON has a key that no object should: __proto__, or prototype in constructor')
  }
  for (const inner of Object.values(value)) refusePrototypeKeys(inner)
}

function hasPrototype(constructor: unknown): boolean {
  return typeof constructor === 'object' && constructor !== null && Object.hasOwn(constructor, 'prototype')
}
