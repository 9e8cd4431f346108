/** The head of a request as the application layers see it, whatever wire it came by. */

/**
 * Field lines in the order received, flat: `[name, value, name, value ...]`. Names keep the sender's case, values are
 * latin-1 text without the surrounding white space (RFC 9112 section 5). Flat, because a request has a dozen of them.
 */
export type FieldLines = readonly string[]

export type HttpVersion = '1.0' | '1.1' | '2'

export interface RequestHead {
  /** As received; methods are case-sensitive (RFC 9110 section 9.1). */
  readonly method: string
  /** The request target exactly as received (RFC 9112 section 3.2). */
  readonly target: string
  /** The target's path, still percent-encoded; `*` for the asterisk form, empty for the authority form. */
  readonly path: string
  /** What follows the first `?` of the target; empty if there is none. */
  readonly query: string
  readonly fields: FieldLines
  readonly version: HttpVersion
  /** The connection's scheme: never taken from what a client writes in an absolute-form target. */
  readonly scheme: 'http' | 'https'
  /** `host[:port]` of the target or of `Host`; empty where an HTTP/1.0 client named none. */
  readonly authority: string
  /** What a trusted proxy has taken off the path: `/app`. Absent where none says so. */
  readonly prefix?: string
}

/** The first value of a field, by its name in any case; undefined where the field is absent. */
export function fieldValue(fields: FieldLines, name: string): string | undefined {
  const wanted = name.toLowerCase()
  for (let i = 0; i < fields.length; i += 2) {
    const candidate = fields[i] as string
    if (candidate.length === wanted.length && candidate.toLowerCase() === wanted) return fields[i + 1]
  }
  return undefined
}
