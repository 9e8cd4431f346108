/** Text that a client chose, as it may stand in a line of the access log: ASCII, and no way to end the line or a quoted part. */
import { isUtf8 } from 'node:buffer'

/** Nothing to escape, in quotes or as a string of JSON; and outside of quotes. */
const PLAIN = /^[ !#-[\]-~]*$/
const BARE = /^[!#-[\]-~]*$/

/** As Apache writes it: `\"`, `\\`, and `\xHH` for each byte that is no visible ASCII. */
export function quotedText(text: string): string {
  return PLAIN.test(text) ? text : text.replace(/[^ !#-[\]-~]/g, escaped)
}

/** The same without spaces, for what stands without quotes. */
export function bareText(text: string): string {
  return BARE.test(text) ? text : quotedText(text).replaceAll(' ', '\\x20')
}

/** What stands in the quotes of jsonText(). */
export function insideJson(text: string): string {
  return PLAIN.test(text) ? text : jsonText(text).slice(1, -1)
}

/** A string of JSON. Bytes that are UTF-8 are shown as what they say, others as latin-1. */
export function jsonText(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`
  const bytes = Buffer.from(text, 'latin1')
  const known = isUtf8(bytes) ? bytes.toString() : text
  return JSON.stringify(known).replace(/[^ -~]/g, (char) => `\\u${hex(char, 4)}`)
}

function escaped(char: string): string {
  return char === '"' || char === '\\' ? `\\${char}` : `\\x${hex(char, 2)}`
}

const hex = (char: string, digits: number): string => char.charCodeAt(0).toString(16).padStart(digits, '0')

/** In one piece of its own: neither put together of others, which would be done each time that it is used, nor a part of one. */
export function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
