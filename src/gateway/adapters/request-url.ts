/** The URL of a request (RFC 9112 section 3.3), as the URL Standard writes it. */
import { percentDecode, serverName, serverPort } from '../environ.ts'
import type { RequestHead } from '../../http/request-head.ts'
import type { RequestSource } from './request-source.ts'

/** What stands in a URL as it is, whatever part it is in. A dot segment or an escaped dot, and all else, goes through URL. */
const PLAIN = /^\/[\w\-.~!$&()*+,;=:@/?%]*$/
const DOTS = /\/\.|%2e/i

/**
 * @param scriptName the path that the application is mounted at; it is left out, as out of `PATH_INFO`
 * @throws {UnusableAuthority} for an authority that no URL can have
 */
export function requestUrl(source: RequestSource, scriptName: string): string {
  const { head } = source
  const target = scriptName === '' && head.target.startsWith('/') ? head.target : targetBelow(head, scriptName)
  const url = originOf(source) + target
  return PLAIN.test(target) && !DOTS.test(target) ? url : new URL(url).href
}

function targetBelow({ target, path, query }: RequestHead, scriptName: string): string {
  // RFC 9112 section 7.1: neither form has a path.
  if (!path.startsWith('/')) return '/'
  const below = pathBelow(path, scriptName)
  const rooted = below.startsWith('/') ? below : `/${below}`
  return query === '' && !target.endsWith('?') ? rooted : `${rooted}?${query}`
}

/** What is left of a path behind a decoded prefix that ends where a segment does; all of it where it does not begin so. */
export function pathBelow(path: string, prefix: string): string {
  if (prefix === '') return path
  const length = path.startsWith(prefix) ? prefix.length : encodedLength(path, prefix)
  return length === 0 || (length < path.length && path.charCodeAt(length) !== 0x2f) ? path : path.slice(length)
}

/** Of the beginning of a path that is the prefix when it is decoded; 0 where it is not. */
function encodedLength(path: string, prefix: string): number {
  let at = 0
  for (let i = 0; i < prefix.length; i++) {
    const end = path.charCodeAt(at) === 0x25 && /^[\dA-Fa-f]{2}/.test(path.slice(at + 1, at + 3)) ? at + 3 : at + 1
    if (percentDecode(path.slice(at, end)) !== prefix[i]) return 0
    at = end
  }
  return at
}

/** Clients choose the names: so many are kept. */
const ENTRIES = 256
const origins = new Map<string, string>()
let lastAuthority = ''
let lastScheme = ''
let lastOrigin = ''

function originOf(source: RequestSource): string {
  const { scheme, authority } = source.head
  if (authority === lastAuthority && scheme === lastScheme && authority !== '') return lastOrigin
  const stated = authority === '' ? `${hostLiteral(serverName(source))}:${serverPort(source)}` : authority
  const written = `${scheme}://${stated}`
  let origin = origins.get(written)
  if (origin === undefined) {
    origin = parsedOrigin(written)
    if (origins.size < ENTRIES) origins.set(written, origin)
  }
  lastAuthority = authority
  lastScheme = scheme
  lastOrigin = origin
  return origin
}

/** RFC 9112 allows authorities that no URL can have, such as a port beyond 65535: the client's mistake. */
export class UnusableAuthority extends TypeError {
  override readonly name: string = 'UnusableAuthority'
}

function parsedOrigin(written: string): string {
  try {
    const { protocol, host } = new URL(written)
    return `${protocol}//${host}`
  } catch {
    throw new UnusableAuthority(`${JSON.stringify(written.slice(0, 80))} is not the beginning of a URL`)
  }
}

const hostLiteral = (name: string): string => (name.includes(':') ? `[${name}]` : name)
