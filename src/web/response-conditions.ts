/** Preconditions of a request on an answer that is made already (RFC 9110 section 13). */
import { evaluatePreconditions, type Validators } from '../http/preconditions.ts'
import { parseHttpDate } from '../http/dates.ts'
import type { Environ } from '../gateway/wsgi.ts'
import type { ResponseHeaders } from './response-headers.ts'

const conditions = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'] as const
const variables: readonly string[] = conditions.map((name) => `HTTP_${name.toUpperCase().replaceAll('-', '_')}`)

/** The conditions of a request, flat as field lines are. */
export function conditionLines(environ: Environ): string[] {
  const lines: string[] = []
  for (let i = 0; i < variables.length; i++) {
    const value = environ[variables[i] as string]
    if (typeof value === 'string') lines.push(conditions[i] as string, value)
  }
  return lines
}

/** 200, 304 or 412, of an answer with 200 to a request that only reads: what else it asked for has been done. */
export function conditionalStatus(environ: Environ, headers: ResponseHeaders): 200 | 304 | 412 {
  const method = environ.REQUEST_METHOD
  if (method !== 'GET' && method !== 'HEAD') return 200
  const etag = headers.get('ETag')
  const modified = headers.get('Last-Modified')
  if (etag === undefined && modified === undefined) return 200
  const fields = conditionLines(environ)
  if (fields.length === 0) return 200
  const now = Date.now()
  const lastModified = modified === undefined ? undefined : parseHttpDate(modified, now)
  const current: Validators = { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) }
  const verdict = evaluatePreconditions({ method, fields, now }, current)
  return verdict === 'perform' ? 200 : verdict === 'not-modified' ? 304 : 412
}
