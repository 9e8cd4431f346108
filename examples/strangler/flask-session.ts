/**
 * The session that Flask keeps in a signed cookie, read and written: `itsdangerous` 2's URLSafeTimedSerializer as Flask sets it
 * up. Everybody who has the secret key sees and makes the same sessions.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { deflateSync, inflateSync } from 'node:zlib'

/**
 * What a session may hold: JSON. What Flask keeps in other types (tuples, dates, bytes, UUIDs) is an object with one key such as
 * `{ ' t': [1, 2] }`, and goes back as it came.
 */
export type SessionValue = string | number | boolean | null | readonly SessionValue[] | { readonly [key: string]: SessionValue }
export type Session = Readonly<Record<string, SessionValue>>

export interface FlaskSessionsOptions {
  /** `app.secret_key`. */
  readonly secret: string
  /** `SECRET_KEY_FALLBACKS`: sessions that they have signed are still read. */
  readonly fallbacks?: readonly string[]
  /** `PERMANENT_SESSION_LIFETIME`, in seconds; default 31 days, as in Flask. */
  readonly lifetime?: number
  /** The time, in milliseconds. */
  readonly now?: () => number
}

/** Browsers drop longer cookies: what unpacks to more was not made by an application. */
const LARGEST = 65_536

export class FlaskSessions {
  /** `SESSION_COOKIE_NAME`. */
  readonly cookieName: string = 'session'
  readonly lifetime: number
  readonly #keys: readonly Buffer[]
  readonly #now: () => number

  constructor({ secret, fallbacks = [], lifetime = 31 * 86_400, now = Date.now }: FlaskSessionsOptions) {
    this.lifetime = lifetime
    // key_derivation="hmac", salt="cookie-session", digest_method=sha1
    this.#keys = [secret, ...fallbacks].map((key) => createHmac('sha1', key).update('cookie-session').digest())
    this.#now = now
  }

  /** The session of a cookie's value; an empty one where there is none, or it is forged or too old. */
  open(cookie: string | undefined): Session {
    const parts = /^(.+)\.([\w-]+)\.([\w-]+)$/.exec(cookie ?? '')
    if (parts === null) return {}
    const [, payload, time, signature] = parts as unknown as [string, string, string, string]
    if (!this.#isSigned(`${payload}.${time}`, signature)) return {}
    const age = Math.floor(this.#now() / 1000) - Buffer.from(time, 'base64url').reduce((sum, byte) => sum * 256 + byte, 0)
    if (age < 0 || age > this.lifetime) return {}
    const packed = payload.startsWith('.')
    const bytes = Buffer.from(packed ? payload.slice(1) : payload, 'base64url')
    return JSON.parse((packed ? inflateSync(bytes, { maxOutputLength: LARGEST }) : bytes).toString()) as Session
  }

  /** The value of the cookie that Flask reads as this session. */
  seal(session: Session): string {
    const json = Buffer.from(JSON.stringify(session))
    const packed = deflateSync(json)
    const payload = packed.length < json.length - 1 ? `.${packed.toString('base64url')}` : json.toString('base64url')
    const signed = `${payload}.${timestamp(Math.floor(this.#now() / 1000))}`
    return `${signed}.${signatureOf(this.#keys[0] as Buffer, signed).toString('base64url')}`
  }

  #isSigned(text: string, signature: string): boolean {
    const given = Buffer.from(signature, 'base64url')
    return this.#keys.some((key) => {
      const expected = signatureOf(key, text)
      return given.length === expected.length && timingSafeEqual(given, expected)
    })
  }
}

function signatureOf(key: Buffer, text: string): Buffer {
  return createHmac('sha1', key).update(text).digest()
}

/** Seconds as the fewest bytes, the highest first. */
function timestamp(seconds: number): string {
  const hex = seconds.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url')
}
