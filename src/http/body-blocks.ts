/** The body of an answer, whole or in blocks. */

export type BodyBlocks = Uint8Array | readonly Uint8Array[]

export function lengthOf(body: BodyBlocks): number {
  if (body instanceof Uint8Array) return body.length
  let length = 0
  for (const block of body) length += block.length
  return length
}

export const joined = (body: BodyBlocks): Uint8Array => (body instanceof Uint8Array ? body : Buffer.concat(body))
