/** The header fields of a request, looked up in its environ when they are asked for: nothing is copied. */
import { fieldName } from '../http/field-names.ts'
import type { Environ } from '../gateway/wsgi.ts'
import type { RequestHeaderName } from './header-names.ts'

/** Names are in lower case here, and may be asked for in any. Values are latin-1 text, repeated ones joined by a comma. */
export class RequestHeaders implements Iterable<readonly [name: string, value: string]> {
  private readonly environ: Environ

  constructor(environ: Environ) {
    this.environ = environ
  }

  get(name: RequestHeaderName): string | undefined {
    const variable = fieldName(name)?.variable
    const value = variable === undefined ? undefined : this.environ[variable]
    return typeof value === 'string' ? value : undefined
  }

  has(name: RequestHeaderName): boolean {
    return this.get(name) !== undefined
  }

  *[Symbol.iterator](): Generator<readonly [name: string, value: string]> {
    for (const [key, value] of Object.entries(this.environ)) {
      const name = nameOf(key)
      if (name !== undefined && typeof value === 'string') yield [name, value]
    }
  }

  entries(): Iterable<readonly [name: string, value: string]> {
    return this
  }

  keys(): string[] {
    return [...this].map(([name]) => name)
  }

  toObject(): Record<string, string> {
    return Object.fromEntries(this)
  }
}

/** PEP 3333's way back: a dash and an underscore are one there, and the server drops names with underscores. */
function nameOf(key: string): string | undefined {
  if (key.startsWith('HTTP_')) return key.slice(5).replaceAll('_', '-').toLowerCase()
  if (key === 'CONTENT_TYPE') return 'content-type'
  return key === 'CONTENT_LENGTH' ? 'content-length' : undefined
}
