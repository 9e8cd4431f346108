/** The hash functions of Digest (RFC 7616 section 6.1). */
import { nodeCrypto } from '../../gateway/node-crypto.ts'

/** Names as on the wire, and as node:crypto knows them. */
export const digestAlgorithms = {
  'SHA-256': 'sha256',
  'SHA-512-256': 'sha512-256',
  MD5: 'md5'
} as const
digestAlgorithms satisfies Record<string, string>

export type DigestAlgorithm = keyof typeof digestAlgorithms

export interface NamedAlgorithm {
  readonly hash: DigestAlgorithm
  /** With `-sess`: the client's nonce goes into the first hash (RFC 7616 section 3.4.2). */
  readonly session: boolean
}

/** In any case; without a name MD5 is meant (RFC 7616 section 3.3). Undefined for one that is not known. */
export function namedAlgorithm(name: string = 'MD5'): NamedAlgorithm | undefined {
  const upper = name.toUpperCase()
  const session = upper.endsWith('-SESS')
  const hash = session ? upper.slice(0, -'-SESS'.length) : upper
  return Object.hasOwn(digestAlgorithms, hash) ? { hash: hash as DigestAlgorithm, session } : undefined
}

/** In hexadecimal, as Digest has it. */
export function digestHash(algorithm: DigestAlgorithm, content: string | Uint8Array): string {
  return nodeCrypto().createHash(digestAlgorithms[algorithm]).update(content).digest('hex')
}
