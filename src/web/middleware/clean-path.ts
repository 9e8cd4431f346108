import type { Environ } from '../../gateway/wsgi.ts'
import { HttpRedirect } from '../http-error.ts'

/** Of a target in absolute form (RFC 9112 section 3.2.2), what stands before the path. */
const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i

/**
 * Sends a request whose path has several slashes on end to the path with one. 302 for GET and HEAD; for other methods 307,
 * which keeps method and body (RFC 9110 section 15.4.8).
 * @throws {HttpRedirect}
 */
export function cleanPathMiddleware(environ: Environ): undefined {
  // The raw path: an escaped slash in PATH_INFO is data, and stays as it is.
  const [path = '', ...query] = environ.RAW_URI.replace(origin, '').split('?')
  if (!path.includes('//')) return undefined
  // A browser reads a backslash as a slash: `/\host` would lead to another host.
  const clean = path.replace(/\/{2,}/g, '/').replaceAll('\\', '%5C')
  const method = environ.REQUEST_METHOD
  throw new HttpRedirect([clean, ...query].join('?'), method === 'GET' || method === 'HEAD' ? 302 : 307)
}
