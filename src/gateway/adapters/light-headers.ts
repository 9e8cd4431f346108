/** The fields of a request as Headers, looked up where they stand. Who changes or lists them gets the platform's own below. */
import { inspect } from 'node:util'
import type { FieldLines } from '../../http/request-head.ts'
import { standInFor } from './platform-members.ts'

const PlatformHeaders: typeof Headers = globalThis.Headers

export class LightHeaders {
  readonly #fields: FieldLines
  #platform: Headers | undefined

  constructor(fields: FieldLines) {
    this.#fields = fields
  }

  static platform(headers: LightHeaders): Headers {
    return headers.#platform ??= platformHeaders(headers.#fields)
  }

  get(name: string): string | null {
    if (this.#platform !== undefined || typeof name !== 'string') return LightHeaders.platform(this).get(name)
    const fields = this.#fields
    let lower = ''
    let found: string | null = null
    for (let i = 0; i < fields.length; i += 2) {
      const candidate = fields[i] as string
      if (candidate.length !== name.length) continue
      if (lower === '') lower = name.toLowerCase()
      if (candidate !== name && candidate.toLowerCase() !== lower) continue
      const value = fields[i + 1] as string
      // Fetch Standard, "get", and RFC 6265 section 5.4, which it follows for cookies.
      found = found === null ? value : `${found}${lower === 'cookie' ? '; ' : ', '}${value}`
    }
    // What is no name at all the platform refuses.
    return found === null && !NAME.test(name) ? LightHeaders.platform(this).get(name) : found
  }

  has(name: string): boolean {
    return this.get(name) !== null
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, thisArg?: unknown): void {
    LightHeaders.platform(this).forEach((value, name) => callback.call(thisArg, value, name, this as unknown as Headers))
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return LightHeaders.platform(this).entries()
  }
}

Object.defineProperty(LightHeaders.prototype, inspect.custom, { value(this: LightHeaders) { return LightHeaders.platform(this) } })
Object.defineProperty(LightHeaders.prototype, 'constructor', { value: PlatformHeaders })
standInFor(LightHeaders.prototype, PlatformHeaders.prototype, (headers) => LightHeaders.platform(headers))

/** RFC 9110 section 5.6.2. */
const NAME = /^[!#$%&'*+\-.^_`|~\w]+$/

function platformHeaders(fields: FieldLines): Headers {
  const headers = new PlatformHeaders()
  for (let i = 0; i < fields.length; i += 2) headers.append(fields[i] as string, fields[i + 1] as string)
  return headers
}
