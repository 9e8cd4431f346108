/** Set-Cookie (RFC 6265; prefixes, SameSite and Partitioned by draft-ietf-httpbis-rfc6265bis and CHIPS). */
import { stringifySetCookie } from 'cookie'

export interface CookieOptions {
  /** Seconds to live; 0 or less deletes. */
  readonly maxAge?: number
  /** When it ends; clients that know `maxAge` prefer that. */
  readonly expires?: Date
  /** Default `/`. */
  readonly path?: string
  /** Default: this host alone. */
  readonly domain?: string
  /** Only over TLS. Default false; true where the name's prefix, `sameSite: 'none'` or `partitioned` needs it. */
  readonly secure?: boolean
  /** Kept from the page's scripts. */
  readonly httpOnly?: boolean
  readonly sameSite?: 'strict' | 'lax' | 'none'
  /** A jar of its own for each site that embeds this one. */
  readonly partitioned?: boolean
  readonly priority?: 'low' | 'medium' | 'high'
}

/** Browsers drop a longer cookie without a word (rfc6265bis section 5.6). */
const LONGEST = 4096
const TOKEN_AND_VALUE_SEPARATOR = 1

/**
 * The value of a Set-Cookie field. The cookie's value may be any text: it is percent-encoded.
 * @throws {TypeError} for a name, domain or path that could not stand there, or attributes that browsers refuse together
 * @throws {RangeError} for name and value of more than 4096 bytes
 */
export function setCookieLine(name: string, value: string, options: CookieOptions = {}): string {
  const { path = '/', ...attributes } = options
  const secure = isSecure(name, options)
  refuseContradictions(name, { ...options, path })
  const encoded = encodeURIComponent(value)
  if (name.length + TOKEN_AND_VALUE_SEPARATOR + encoded.length > LONGEST) {
    throw new RangeError(`the cookie ${JSON.stringify(name.slice(0, 80))} is over ${LONGEST} bytes: browsers would drop it`)
  }
  return stringifySetCookie({ ...attributes, name, value, path, secure })
}

/** The line that makes a browser forget a cookie; its path and domain must be those it was set with. */
export function deleteCookieLine(name: string, options: CookieOptions = {}): string {
  return setCookieLine(name, '', { ...options, maxAge: 0, expires: new Date(0) })
}

/** What a browser takes two cookies for one by: name, domain and path. */
export function cookieIdentity(name: string, options: CookieOptions = {}): string {
  return `${name};${(options.domain ?? '').toLowerCase()};${options.path ?? '/'}`
}

function isSecure(name: string, { secure, sameSite, partitioned }: CookieOptions): boolean {
  const needed = /^__(?:Secure|Host)-/i.test(name) || partitioned === true || sameSite === 'none'
  if (needed && secure === false) {
    throw new TypeError(`the cookie ${name} must be Secure for its prefix, Partitioned or SameSite=None: browsers would drop it`)
  }
  return needed || secure === true
}

function refuseContradictions(name: string, { path, domain, maxAge, expires }: CookieOptions): void {
  if (/^__Host-/i.test(name) && (path !== '/' || domain !== undefined)) {
    throw new TypeError(`the cookie ${name} must have the path / and no domain for its prefix: browsers would drop it`)
  }
  if (maxAge !== undefined && !Number.isInteger(maxAge)) throw new TypeError(`the cookie ${name} has no whole seconds as maxAge`)
  if (expires !== undefined && Number.isNaN(expires.getTime())) throw new TypeError(`the cookie ${name} expires at no date`)
}
