import { nodeCrypto } from '../../gateway/node-crypto.ts'
import { HttpError } from '../http-error.ts'
import { quoted } from './auth-parameters.ts'
import type { DigestAlgorithm } from './digest-algorithms.ts'
import { defaultNonces, type DigestNonces } from './digest-nonces.ts'

export interface AuthenticateOptions {
  /** What the name and the password are for; shown to whoever is asked. */
  readonly realm?: string
}

export interface DigestAuthenticateOptions extends AuthenticateOptions {
  /** What the client's proof covers: the request, or its body too. Default `auth`. */
  readonly qop?: 'auth' | 'auth-int' | 'auth,auth-int'
  /** Most wanted first, a challenge each. Default SHA-256, and MD5 for clients that know nothing else. */
  readonly algorithms?: readonly [DigestAlgorithm, ...DigestAlgorithm[]]
  /** The proof was right but for its nonce: the client may try another without asking (RFC 7616 section 3.3). */
  readonly stale?: boolean
  /** Returned by the client as it is; default: random. */
  readonly opaque?: string
  /** Where nonces come from; default: the process's own. */
  readonly nonces?: DigestNonces
}

const defaultRealm = 'Authentication required'
const defaultAlgorithms = ['SHA-256', 'MD5'] as const

/**
 * 401 with a challenge (RFC 9110 section 11.6.1): who asks, and the proof?
 *
 * ```ts
 * const { auth } = request
 * if (!auth?.authenticated(request.environ, 'ada', secret)) throw new HttpAuthenticate('basic', { realm: 'Engines' })
 * ```
 */
export class HttpAuthenticate extends HttpError {
  override readonly name: string = 'HttpAuthenticate'

  constructor(type: 'basic', options?: AuthenticateOptions)
  constructor(type: 'digest', options?: DigestAuthenticateOptions)
  constructor(type: 'basic' | 'digest', options: DigestAuthenticateOptions = {}) {
    const challenges = type === 'basic' ? [basicChallenge(options)] : digestChallenges(options)
    super(401, undefined, { headers: challenges.map((challenge) => ['WWW-Authenticate', challenge] as const) })
  }
}

/** RFC 7617 section 2.1: with the charset, clients send name and password as UTF-8. */
function basicChallenge({ realm = defaultRealm }: AuthenticateOptions): string {
  return `Basic realm=${quoted(realm)}, charset="UTF-8"`
}

function digestChallenges(options: DigestAuthenticateOptions): string[] {
  const { realm = defaultRealm, qop = 'auth', algorithms = defaultAlgorithms, stale = false } = options
  const nonce = (options.nonces ?? defaultNonces()).make()
  const opaque = options.opaque ?? nodeCrypto().randomBytes(12).toString('base64url')
  return algorithms.map((algorithm) =>
    `Digest realm=${quoted(realm)}, qop=${quoted(qop)}, algorithm=${algorithm}, nonce="${nonce}", ` +
    `opaque=${quoted(opaque)}, charset=UTF-8${stale ? ', stale=true' : ''}`)
}
