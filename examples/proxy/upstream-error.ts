/** The other server did not answer: 504 where it was silent, else 502 (RFC 9110 sections 15.6.3 and 15.6.5). */
import { HttpError } from 'pulsar-wsgi'

export class Silence extends Error {}

export function upstreamError(error: unknown, host: string): HttpError {
  if (error instanceof Silence) return new HttpError(504, `${host} did not answer in time`, { cause: error })
  return new HttpError(502, `${host} could not be asked`, { cause: error })
}
