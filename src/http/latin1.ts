/** Bytes as text, one character a byte, and nothing interpreted. */

interface Latin1Buffer { latin1Slice(from: number, to: number): string }

/** Node's own method behind toString('latin1'), without the look-up of the encoding's name at every call. */
export function latin1(bytes: Buffer, from: number, to: number): string {
  return (bytes as unknown as Latin1Buffer).latin1Slice(from, to)
}

const { latin1Slice } = Buffer.prototype as unknown as Latin1Buffer & { latin1Slice: Latin1Buffer['latin1Slice'] }

/** As above, of a plain Uint8Array. */
export function latin1Of(bytes: Uint8Array): string {
  return latin1Slice.call(bytes, 0, bytes.length)
}

/** A part of a text keeps the whole alive in V8; a copy does not. */
export const copyOfText = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')
