import { parseBasic, type BasicAuth } from './basic-auth.ts'
import { parseDigest, type DigestAuth } from './digest-auth.ts'

export type Authorization = BasicAuth | DigestAuth

/** Reads an Authorization field (RFC 9110 section 11.6.2). Undefined for another scheme, and for what is malformed. */
export function parseAuthorizationHeader(value: string): Authorization | undefined {
  const [, scheme = '', credentials = ''] = /^([^ ]+) +([^]*)$/.exec(value) ?? []
  switch (scheme.toLowerCase()) {
    case 'basic': return parseBasic(credentials.trim())
    case 'digest': return parseDigest(credentials)
    default: return undefined
  }
}
