/**
 * A path as text. WSGI has it as bytes in a string (PEP 3333, "Unicode Issues"), rules and the values of their variables are
 * Unicode, and a URL is percent-encoded UTF-8 (RFC 3986 section 2.5).
 */
import { percentDecode } from '../../gateway/environ.ts'

const ASCII = /^[\0-\x7f]*$/
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The Unicode text of a native string; undefined where its bytes are no UTF-8. */
export function unicodeText(native: string): string | undefined {
  if (ASCII.test(native)) return native
  try {
    return strictUtf8.decode(Buffer.from(native, 'latin1'))
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** The native string of a Unicode text: a character for each byte of its UTF-8. */
export function nativeText(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/** What encodeURIComponent() encodes although a path may have it as it is: pchar and the slash (RFC 3986 section 3.3). */
const IN_PATHS = /%(?:3A|40|24|26|2B|2C|3B|3D|2F)/g

/**
 * Text as part of a URL's path; slashes stay.
 * @throws {URIError} for a lone surrogate, which has no UTF-8
 */
export function encodePath(text: string): string {
  return encodeURIComponent(text).replace(IN_PATHS, decodeURIComponent)
}

/** A native path, such as SCRIPT_NAME and PATH_INFO, as it stands in a URL: byte for byte, UTF-8 or not. */
export function encodeNative(native: string): string {
  if (PLAIN.test(native)) return native
  return native.replace(NOT_PLAIN, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

const PLAIN = /^[\w.~!$&'()*+,;=:@/-]*$/
const NOT_PLAIN = /[^\w.~!$&'()*+,;=:@/-]/g

/** A percent-encoded path as a native string, as PATH_INFO has it. */
export const decodePath = (path: string): string => percentDecode(path)
