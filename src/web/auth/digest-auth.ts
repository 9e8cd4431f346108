import type { Environ } from '../../gateway/wsgi.ts'
import { parseParameters } from './auth-parameters.ts'
import { digestHash, namedAlgorithm, type NamedAlgorithm } from './digest-algorithms.ts'
import { defaultNonces, type DigestNonces } from './digest-nonces.ts'
import { sameSecret } from './secret-comparison.ts'

/** The parameters of the credentials (RFC 7616 section 3.4). */
export interface DigestParameters {
  /** Where `userhash` is true, the hash of name and realm. */
  readonly username: string
  readonly userhash: boolean
  readonly realm: string
  readonly nonce: string
  readonly uri: string
  readonly response: string
  readonly algorithm: NamedAlgorithm
  readonly cnonce: string
  /** Eight digits in hexadecimal. */
  readonly nc: string
  readonly qop: 'auth' | 'auth-int'
  readonly opaque: string | undefined
}

/** Proof of a password that was not sent (RFC 7616). */
export class DigestAuth {
  readonly type = 'digest' as const
  readonly parameters: DigestParameters
  /** True after {@link authenticated} refused a proof that is right, for its nonce: the client may repeat it with a new one. */
  stale = false
  /** What `qop=auth-int` proves too; set by authorizationMiddleware, which has read it. */
  body: Uint8Array | undefined

  constructor(parameters: DigestParameters) {
    this.parameters = parameters
  }

  get username(): string {
    return this.parameters.username
  }

  /**
   * True where the client knows this name's password, speaks of this very request, and has not said so before.
   * @param nonces those that the challenge was made of; default: the process's own
   */
  authenticated(environ: Environ, username: string, password: string, nonces: DigestNonces = defaultNonces()): boolean {
    const { parameters } = this
    this.stale = false
    // RFC 7616 section 3.4.6: credentials for another request were copied from there.
    if (parameters.uri !== environ.RAW_URI) return false
    const expected = this.#response(environ.REQUEST_METHOD, password, username)
    const right = expected !== undefined && sameSecret(parameters.response.toLowerCase(), expected)
    if (!right || !this.#isNamed(username)) return false
    // A nonce of another process, or of this one before it was started again, is no good here, but no fault of the client's.
    this.stale = nonces.state(parameters.nonce) !== 'good' || !nonces.use(parameters.nonce, Number.parseInt(parameters.nc, 16))
    return !this.stale
  }

  #isNamed(username: string): boolean {
    const { username: given, userhash, realm, algorithm } = this.parameters
    // RFC 7616 section 3.4.4.
    return sameSecret(given, userhash ? digestHash(algorithm.hash, `${username}:${realm}`) : username)
  }

  /** RFC 7616 sections 3.4.1 to 3.4.3; undefined where the body is to be proved and was not read. */
  #response(method: string, password: string, username: string): string | undefined {
    const { realm, nonce, uri, algorithm, cnonce, nc, qop } = this.parameters
    const hash = (content: string | Uint8Array): string => digestHash(algorithm.hash, content)
    if (qop === 'auth-int' && this.body === undefined) return undefined
    const secret = hash(`${username}:${realm}:${password}`)
    const a1 = algorithm.session ? hash(`${secret}:${nonce}:${cnonce}`) : secret
    const a2 = hash(qop === 'auth-int' ? `${method}:${uri}:${hash(this.body ?? '')}` : `${method}:${uri}`)
    return hash(`${a1}:${nonce}:${nc}:${cnonce}:${qop}:${a2}`)
  }
}

/**
 * Reads what follows `Digest`. Undefined for what is malformed, for an unknown algorithm, and without `qop`: that form, of
 * RFC 2069, has no count against replays, and RFC 7616 has it no more.
 */
export function parseDigest(credentials: string): DigestAuth | undefined {
  const all = parseParameters(credentials)
  if (all === undefined) return undefined
  const [realm, nonce, uri, response, cnonce, nc, qop] =
    ['realm', 'nonce', 'uri', 'response', 'cnonce', 'nc', 'qop'].map((name) => all.get(name))
  const username = usernameOf(all)
  const algorithm = namedAlgorithm(all.get('algorithm'))
  if (username === undefined || realm === undefined || nonce === undefined || uri === undefined || cnonce === undefined) return undefined
  if (algorithm === undefined || response === undefined || !/^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i.test(response)) return undefined
  if (nc === undefined || !/^[0-9a-f]{8}$/i.test(nc) || (qop !== 'auth' && qop !== 'auth-int')) return undefined
  const userhash = all.get('userhash')?.toLowerCase() === 'true'
  const opaque = all.get('opaque')
  return new DigestAuth({ username, userhash, realm, nonce, uri, response, algorithm, cnonce, nc, qop, opaque })
}

/** RFC 7616 section 3.4: one of `username` and `username*`, the second percent-encoded UTF-8 (RFC 8187). */
function usernameOf(all: ReadonlyMap<string, string>): string | undefined {
  const plain = all.get('username')
  const extended = all.get('username*')
  if (extended === undefined) return plain === undefined ? undefined : Buffer.from(plain, 'latin1').toString('utf8')
  const encoded = /^utf-8'[^']*'(.*)$/i.exec(extended)?.[1]
  if (plain !== undefined || encoded === undefined) return undefined
  try {
    return decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}
