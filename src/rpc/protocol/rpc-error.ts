/** Errors that an answer carries (JSON-RPC 2.0 section 5.1). */

/** Codes that the specification gives a meaning. */
export const errorCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /** The first of a hundred that are left to implementations; for errors of HTTP that a method has thrown. */
  serverError: -32000,
} as const

export interface RpcErrorOptions {
  /** What else the client gets; anything that JSON can say. */
  readonly data?: unknown
  /** Status of HTTP, where the answer is to one call. Default 200. */
  readonly status?: number
  /** What led to it: never for the client. */
  readonly cause?: unknown
}

/**
 * An error for the caller. Thrown by a method it is the answer; it is also what a client's call is rejected with.
 *
 * ```ts
 * throw new RpcError(402, 'the account is empty', { data: { missing: 12 } })
 * ```
 */
export class RpcError extends Error {
  override readonly name: string = 'RpcError'
  readonly code: number
  readonly data: unknown
  readonly status: number | undefined

  /**
   * @param code an integer; those from -32768 to -32000 are the specification's and the server's own
   * @throws {RangeError} for what is no integer
   */
  constructor(code: number, message: string, options: RpcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    if (!Number.isInteger(code)) throw new RangeError(`the code of an error is an integer, not ${code}`)
    this.code = code
    this.data = options.data
    this.status = options.status
  }

  /** As an answer has it (section 5.1). */
  toJSON(): { readonly code: number, readonly message: string, readonly data?: unknown } {
    return this.data === undefined ? { code: this.code, message: this.message } : { code: this.code, message: this.message, data: this.data }
  }
}

/** -32700: what came is no JSON. */
export class ParseError extends RpcError {
  override readonly name: string = 'ParseError'

  constructor(message: string = 'Parse error', options: RpcErrorOptions = {}) {
    super(errorCodes.parseError, message, { status: 400, ...options })
  }
}

/** -32600: it is JSON, and no request. */
export class InvalidRequest extends RpcError {
  override readonly name: string = 'InvalidRequest'

  constructor(message: string = 'Invalid Request', options: RpcErrorOptions = {}) {
    super(errorCodes.invalidRequest, message, { status: 400, ...options })
  }
}

/** -32601: there is no such method. */
export class NoSuchFunction extends RpcError {
  override readonly name: string = 'NoSuchFunction'

  constructor(message: string = 'Method not found', options: RpcErrorOptions = {}) {
    super(errorCodes.methodNotFound, message, options)
  }
}

/** -32602: not what the method takes. */
export class InvalidParams extends RpcError {
  override readonly name: string = 'InvalidParams'

  constructor(message: string = 'Invalid params', options: RpcErrorOptions = {}) {
    super(errorCodes.invalidParams, message, options)
  }
}

/** -32603: a mistake of the method's. What exactly is in the log, and not for the client. */
export class InternalError extends RpcError {
  override readonly name: string = 'InternalError'

  constructor(message: string = 'Internal error', options: RpcErrorOptions = {}) {
    super(errorCodes.internalError, message, options)
  }
}

const classes: ReadonlyMap<number, new (message: string, options: RpcErrorOptions) => RpcError> = new Map([
  [errorCodes.parseError, ParseError], [errorCodes.invalidRequest, InvalidRequest], [errorCodes.methodNotFound, NoSuchFunction],
  [errorCodes.invalidParams, InvalidParams], [errorCodes.internalError, InternalError],
] as const)

/** The error of a code, as an object of its class. */
export function rpcErrorOf(code: number, message: string, data: unknown): RpcError {
  const Class = classes.get(code)
  return Class === undefined ? new RpcError(code, message, { data }) : new Class(message, { data })
}
