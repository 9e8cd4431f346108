import type { Fields } from '../exchange.ts'

/** A handler's response as the parts that an exchange or a WSGI server takes. */
export interface ResponseParts {
  /** Code and reason. */
  readonly status: string
  readonly fields: Fields
  /** Whole, or to be read; null where there is none. */
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null
}
