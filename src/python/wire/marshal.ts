/**
 * Values in the `marshal` format of Python, as latin-1 text, one character a byte: so a request is put together from texts
 * that are there already and goes out in one write. Text that is ASCII has codes of its own, which every Python since 3.4 reads.
 */

/** What the wire carries: JSON's values and bytes. */
export type Marshalled =
  | null | boolean | number | string | Uint8Array | readonly Marshalled[] | { readonly [key: string]: Marshalled }

const NONE = 'N'
const DICT = '{'
const DICT_END = '0'
const NOT_ASCII = /[^\0-\x7f]/
const INT_BITS = 31
/** Python's own integers in this format: digits of 15 bits. */
const DIGIT = 32_768

/** A number of 32 bits, little-endian. */
export function u32(value: number): string {
  return String.fromCharCode(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24)
}

/** @throws {TypeError} for what is not {@link Marshalled} */
export function marshal(value: Marshalled): string {
  switch (typeof value) {
    case 'string': return marshalText(value)
    case 'number': return marshalNumber(value)
    case 'boolean': return value ? 'T' : 'F'
    case 'object': return value === null ? NONE : marshalObject(value)
    default: throw new TypeError(`a ${typeof value} has no form in marshal`)
  }
}

export function marshalText(text: string): string {
  const { length } = text
  if (NOT_ASCII.test(text)) {
    const bytes = Buffer.from(text, 'utf8')
    return `u${u32(bytes.length)}${bytes.toString('latin1')}`
  }
  return length < 256 ? `z${String.fromCharCode(length)}${text}` : `a${u32(length)}${text}`
}

/** @param bytes as latin-1 text */
export function marshalBytes(bytes: string): string {
  return `s${u32(bytes.length)}${bytes}`
}

/** @param items each as marshal() gives it; at most 255 */
export function marshalTuple(items: readonly string[]): string {
  return `)${String.fromCharCode(items.length)}${items.join('')}`
}

/** @param entries keys and values one behind the other, each as marshal() gives it */
export function marshalDict(entries: string): string {
  return DICT + entries + DICT_END
}

function marshalNumber(value: number): string {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeDoubleLE(value)
    return `g${bytes.toString('latin1')}`
  }
  if (value >= -(2 ** INT_BITS) && value < 2 ** INT_BITS) return `i${u32(value)}`
  const digits: string[] = []
  for (let rest = Math.abs(value); rest > 0; rest = Math.floor(rest / DIGIT)) {
    const digit = rest % DIGIT
    digits.push(String.fromCharCode(digit & 255, digit >>> 8))
  }
  return `l${u32(value < 0 ? -digits.length : digits.length)}${digits.join('')}`
}

function marshalObject(value: Uint8Array | readonly Marshalled[] | { readonly [key: string]: Marshalled }): string {
  if (value instanceof Uint8Array) return marshalBytes(Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1'))
  if (Array.isArray(value)) return `[${u32(value.length)}${value.map(marshal).join('')}`
  let entries = ''
  for (const [key, inner] of Object.entries(value as { readonly [key: string]: Marshalled })) entries += marshalText(key) + marshal(inner)
  return marshalDict(entries)
}
