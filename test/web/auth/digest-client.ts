/** The client's half of Digest, by the formulas of RFC 7616 section 3.4. */
import { createHash } from 'node:crypto'

export interface Proof {
  readonly challenge: string
  readonly username: string
  readonly password: string
  readonly method?: string
  readonly uri?: string
  readonly count?: number
  readonly body?: string
  /** With `-sess`. */
  readonly session?: boolean
  readonly qop?: string
  /** In place of what the challenge says. */
  readonly nonce?: string
}

/** The value of an Authorization field that answers a challenge. */
export function proof(options: Proof): string {
  const { challenge, username, password, method = 'GET', uri = '/', count = 1, body = '', session = false } = options
  const value = (name: string): string => new RegExp(`[ ,]${name}="?([^",]*)`).exec(challenge)?.[1] ?? ''
  const hash = (text: string): string => createHash(value('algorithm').toLowerCase().replace('-', '')).update(text).digest('hex')
  const [realm, nonce, qop] = [value('realm'), options.nonce ?? value('nonce'), options.qop ?? value('qop')]
  const cnonce = 'c1ient'
  const nc = count.toString(16).padStart(8, '0')
  const secret = hash(`${username}:${realm}:${password}`)
  const a1 = session ? hash(`${secret}:${nonce}:${cnonce}`) : secret
  const a2 = hash(qop === 'auth-int' ? `${method}:${uri}:${hash(body)}` : `${method}:${uri}`)
  const response = hash(`${a1}:${nonce}:${nc}:${cnonce}:${qop}:${a2}`)
  return `Digest username="${username}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", ` +
    `algorithm=${value('algorithm')}${session ? '-sess' : ''}, cnonce="${cnonce}", nc=${nc}, qop=${qop}, opaque="${value('opaque')}"`
}
