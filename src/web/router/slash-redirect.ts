/** Where a path leads that has a slash at its end too many or too few. */
import type { Environ } from '../../gateway/wsgi.ts'
import { encodeNative } from './path-text.ts'

/**
 * The location to send the client to; undefined where the other path leads nowhere either.
 * @param isKnown says whether a native path leads somewhere
 */
export function slashRedirect(environ: Environ, isKnown: (path: string) => boolean): string | undefined {
  const path = environ.PATH_INFO
  // A location with two slashes at its beginning would be another host (RFC 3986 section 4.2).
  if (!path.startsWith('/') || `${environ.SCRIPT_NAME}${path}`.startsWith('//')) return undefined
  const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
  if (other === '' || !isKnown(other)) return undefined
  const query = environ.QUERY_STRING === '' ? '' : `?${environ.QUERY_STRING}`
  return `${encodeNative(environ.SCRIPT_NAME + other)}${query}`
}
