/** Errors that are answers: thrown by handlers and middleware, answered by handleWsgiError(). */
import type { Fields } from '../gateway/exchange.ts'
import { statusText } from '../http/statuses.ts'
import { encodedLocation } from './location.ts'

export interface HttpErrorOptions {
  /** Further headers of the answer. */
  readonly headers?: Fields | Readonly<Record<string, string>>
  /** What led to it: for the log and the debug page, never for the client. */
  readonly cause?: unknown
  /** The client may read the message. Default: for a status under 500. */
  readonly expose?: boolean
}

/**
 * ```ts
 * throw new HttpError(409, 'the page was changed by somebody else')
 * ```
 */
export class HttpError extends Error {
  override readonly name: string = 'HttpError'
  readonly status: number
  readonly headers: Fields
  /** Whether the client may read the message. */
  readonly expose: boolean

  /**
   * @param status 300 to 599
   * @param message for the client, unless the status is a server's error; default: the status's name
   * @throws {RangeError} for what is no status of an error or a redirect
   */
  constructor(status: number, message: string = statusText(status), options: HttpErrorOptions = {}) {
    if (!Number.isInteger(status) || status < 300 || status > 599) throw new RangeError(`${status} is no status of an error: 300 to 599`)
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.status = status
    this.headers = fieldsOf(options.headers ?? [])
    this.expose = options.expose ?? status < 500
  }
}

/** 3xx: the client is to go elsewhere. */
export class HttpRedirect extends HttpError {
  override readonly name: string = 'HttpRedirect'

  /**
   * @param location a URI reference; what a field cannot carry is percent-encoded
   * @param status 302 by default
   */
  constructor(location: string, status: 301 | 302 | 303 | 307 | 308 = 302, options: HttpErrorOptions = {}) {
    super(status, `see ${location}`, { ...options, headers: [...fieldsOf(options.headers ?? []), ['Location', encodedLocation(location)]] })
  }

  get location(): string {
    return this.headers.at(-1)?.[1] as string
  }
}

/** 400: the request cannot be understood. */
export class BadRequest extends HttpError {
  override readonly name: string = 'BadRequest'

  constructor(message?: string, options?: HttpErrorOptions) {
    super(400, message, options)
  }
}

/** 401: who asks? `WWW-Authenticate` has to say how to tell (RFC 9110 section 15.5.2). */
export class Unauthorized extends HttpError {
  override readonly name: string = 'Unauthorized'

  constructor(challenge: string, message?: string, options: HttpErrorOptions = {}) {
    super(401, message, { ...options, headers: [...fieldsOf(options.headers ?? []), ['WWW-Authenticate', challenge]] })
  }
}

/** 403: whoever it is, not this. */
export class PermissionDenied extends HttpError {
  override readonly name: string = 'PermissionDenied'

  constructor(message?: string, options?: HttpErrorOptions) {
    super(403, message, options)
  }
}

/** 404: there is nothing here. */
export class Http404 extends HttpError {
  override readonly name: string = 'Http404'

  constructor(message?: string, options?: HttpErrorOptions) {
    super(404, message, options)
  }
}

/** 405: not by this method; `Allow` says by which (RFC 9110 section 15.5.6). */
export class MethodNotAllowed extends HttpError {
  override readonly name: string = 'MethodNotAllowed'

  constructor(allowed: Iterable<string>, message?: string, options: HttpErrorOptions = {}) {
    super(405, message, { ...options, headers: [...fieldsOf(options.headers ?? []), ['Allow', [...allowed].join(', ')]] })
  }
}

/** 406: not in a form that `Accept` asks for. */
export class NotAcceptable extends HttpError {
  override readonly name: string = 'NotAcceptable'

  constructor(message?: string, options?: HttpErrorOptions) {
    super(406, message, options)
  }
}

/** 409: it does not go together with what is there. */
export class Conflict extends HttpError {
  override readonly name: string = 'Conflict'

  constructor(message?: string, options?: HttpErrorOptions) {
    super(409, message, options)
  }
}

/** 413: more than may be sent. */
export class ContentTooLarge extends HttpError {
  override readonly name: string = 'ContentTooLarge'

  constructor(message?: string, options?: HttpErrorOptions) {
    super(413, message, options)
  }
}

/** 415: not in a form that is understood. */
export class UnsupportedMediaType extends HttpError {
  override readonly name: string = 'UnsupportedMediaType'

  constructor(message?: string, options?: HttpErrorOptions) {
    super(415, message, options)
  }
}

/** 422: understood, and wrong. */
export class UnprocessableContent extends HttpError {
  override readonly name: string = 'UnprocessableContent'

  constructor(message?: string, options?: HttpErrorOptions) {
    super(422, message, options)
  }
}

function fieldsOf(headers: Fields | Readonly<Record<string, string>>): Fields {
  return Array.isArray(headers) ? headers as Fields : Object.entries(headers)
}
