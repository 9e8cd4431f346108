import type { Environ } from '../../gateway/wsgi.ts'
import { sameSecret } from './secret-comparison.ts'

/** `token68` of base64 (RFC 9110 section 11.2), with as much padding as there is. */
const base64 = /^[A-Za-z0-9+/]+={0,2}$/
const controls = /[\x00-\x1f\x7f]/

/** Name and password as they came (RFC 7617). */
export class BasicAuth {
  readonly type = 'basic' as const
  readonly username: string
  readonly password: string

  constructor(username: string, password: string) {
    this.username = username
    this.password = password
  }

  /** True for just this name and password. The time it takes does not tell what is wrong. */
  authenticated(_environ: Environ, username: string, password: string): boolean {
    const sameName = sameSecret(this.username, username)
    return sameSecret(this.password, password) && sameName
  }
}

/**
 * Reads what follows `Basic`. Undefined for what is no base64, has no colon, or has controls (RFC 7617 section 2). Text is
 * UTF-8 or, where it is not, latin-1, as older clients send it.
 */
export function parseBasic(credentials: string): BasicAuth | undefined {
  if (!base64.test(credentials)) return undefined
  const bytes = Buffer.from(credentials, 'base64')
  const text = decode(bytes)
  const colon = text.indexOf(':')
  if (colon < 0 || controls.test(text)) return undefined
  return new BasicAuth(text.slice(0, colon), text.slice(colon + 1))
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}
