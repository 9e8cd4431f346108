import type { Environ } from '../../gateway/wsgi.ts'
import { parseAuthorizationHeader } from '../auth/authorization-header.ts'
import type { DigestAuth } from '../auth/digest-auth.ts'
import { BufferedInput } from './buffered-input.ts'
import { waitForBodyMiddleware } from './wait-for-body.ts'

/** Where the credentials of a request are, read; null for some that cannot be read. */
const key = 'http.authorization'

/**
 * Reads the `Authorization` field, where there is one and nobody has read it, and puts the credentials into the environ as
 * `http.authorization`: a BasicAuth, a DigestAuth, or null. Whether they are right is for the application to say. Where a
 * Digest proves the body too, the body is read, up to 1 MiB.
 */
export function authorizationMiddleware(environ: Environ): undefined | Promise<undefined> {
  const field = environ['HTTP_AUTHORIZATION']
  if (typeof field !== 'string' || environ[key] !== undefined) return undefined
  const authorization = parseAuthorizationHeader(field) ?? null
  environ[key] = authorization
  if (authorization?.type !== 'digest' || authorization.parameters.qop !== 'auth-int') return undefined
  return withBody(environ, authorization)
}

async function withBody(environ: Environ, authorization: DigestAuth): Promise<undefined> {
  await waitForBodyMiddleware(environ)
  const input = environ['wsgi.input']
  if (input instanceof BufferedInput) authorization.body = input.body
  return undefined
}
