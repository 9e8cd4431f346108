/** Comparison of secrets whose time does not tell where they differ. */
import { nodeCrypto } from '../../gateway/node-crypto.ts'

/** Hashed first: so the time does not tell the length either. */
export function sameSecret(one: string, other: string): boolean {
  const { createHash, timingSafeEqual } = nodeCrypto()
  const hash = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest()
  return timingSafeEqual(hash(one), hash(other))
}
