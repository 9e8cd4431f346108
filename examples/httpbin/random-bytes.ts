/** Bytes that look random, and with a seed are the same each time. */
import { randomInt } from 'node:crypto'

/** A function that gives the next bytes; Mulberry32, which is quick and no secret. */
export function randomBytes(seed: number = randomInt(2 ** 32)): (length: number) => Buffer {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 24
  }
  return (length) => {
    const bytes = Buffer.alloc(length)
    for (let i = 0; i < length; i++) bytes[i] = next()
    return bytes
  }
}
