import { BadRequest } from 'pulsar-wsgi'

/** Does what depends on a value of the client's: the toolkit throws a TypeError or RangeError for one that no header can have. */
export function asBadRequest<T>(action: () => T): T {
  try {
    return action()
  } catch (cause) {
    if (cause instanceof TypeError || cause instanceof RangeError) throw new BadRequest(cause.message, { cause })
    throw cause
  }
}
