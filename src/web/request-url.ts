/** The URLs of a request, and those that are made from it (PEP 3333, "URL Reconstruction"). */
import type { Environ } from '../gateway/wsgi.ts'
import { refuseControls } from './location.ts'

/** Values of a query; a list is the name once for each, undefined and null leave a name out. */
export type QueryValues = Readonly<Record<string, QueryValue | readonly QueryValue[] | null | undefined>>
type QueryValue = string | number | boolean

const BEYOND_ASCII = /[\x80-\xff]/
/** What a path may not have as it is (RFC 3986 section 3.3), in latin-1 text of bytes. */
const NOT_IN_PATH = /[^\w\-.~!$&'()*+,;=:@/]/g

/** The text that an environ's latin-1 stands for; what is not UTF-8 becomes U+FFFD. */
export function textOf(native: string): string {
  return BEYOND_ASCII.test(native) ? Buffer.from(native, 'latin1').toString('utf8') : native
}

/** `host[:port]` of the `Host` field, else of the address that the request came to. */
export function hostOf(environ: Environ): string {
  const named = environ.HTTP_HOST
  if (typeof named === 'string' && named !== '') return named
  const name = environ.SERVER_NAME.includes(':') ? `[${environ.SERVER_NAME}]` : environ.SERVER_NAME
  return environ.SERVER_PORT === (environ['wsgi.url_scheme'] === 'https' ? '443' : '80') ? name : `${name}:${environ.SERVER_PORT}`
}

/** SCRIPT_NAME and PATH_INFO, percent-encoded. */
export function encodedPath(environ: Environ): string {
  const path = `${environ.SCRIPT_NAME}${environ.PATH_INFO}`
  const escape = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  const encoded = path.replace(NOT_IN_PATH, escape)
  return encoded.startsWith('/') ? encoded : `/${encoded}`
}

/** Path and query, percent-encoded. */
export function pathAndQuery(environ: Environ): string {
  const path = encodedPath(environ)
  return environ.QUERY_STRING === '' ? path : `${path}?${environ.QUERY_STRING}`
}

/** A path with values behind it. */
export function withQuery(path: string, query: QueryValues | undefined): string {
  if (query === undefined) return path
  const values = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    const list: readonly (QueryValue | null | undefined)[] = Array.isArray(value) ? value : [value as QueryValue]
    for (const one of list) if (one !== undefined && one !== null) values.append(name, String(one))
  }
  const text = values.toString()
  return text === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${text}`
}

/**
 * A location as an absolute URI: one that begins with a slash is a path of this host, whatever follows, and any other is
 * relative to the request's path.
 * @throws {TypeError} for a location with a control character, or an absolute one together with a scheme
 */
export function absoluteUri(environ: Environ, location: string | undefined, scheme: string | undefined): string {
  const origin = `${scheme ?? environ['wsgi.url_scheme']}://${hostOf(environ)}`
  if (location === undefined) return `${origin}${pathAndQuery(environ)}`
  // A URL parser passes over tabs and line ends, and takes a backslash for a slash: `/\t/other.example` would be another host.
  refuseControls(location)
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) {
    if (scheme !== undefined) throw new TypeError(`${location} has a scheme of its own`)
    return location
  }
  return new URL(location.replace(/^[/\\]+/, '/'), `${origin}${encodedPath(environ)}`).href
}
