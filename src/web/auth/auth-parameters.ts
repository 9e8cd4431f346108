/** The parameters of a challenge or of credentials (RFC 9110 section 11.2), read and written. */

/** `auth-param = token BWS "=" BWS ( token / quoted-string )` (RFC 9110 section 11.2), and what separates it from the next. */
const parameter =
  /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:"((?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*)"|([!#$%&'*+\-.^_`|~0-9A-Za-z]+))/y
const separator = /[ \t]*,[ \t,]*/y

/** By names in lower case; undefined where anything is malformed, or stands twice. */
export function parseParameters(text: string): ReadonlyMap<string, string> | undefined {
  const parameters = new Map<string, string>()
  const end = text.length
  let at = /^[ \t,]*/.exec(text)?.[0].length ?? 0
  while (at < end) {
    parameter.lastIndex = at
    const match = parameter.exec(text)
    if (match === null) return undefined
    const [whole, name = '', quoted, token = ''] = match
    const key = name.toLowerCase()
    if (parameters.has(key)) return undefined
    parameters.set(key, quoted === undefined ? token : quoted.replace(/\\(.)/g, '$1'))
    at += whole.length
    separator.lastIndex = at
    if (separator.test(text)) at = separator.lastIndex
    else if (/[^ \t]/.test(text.slice(at))) return undefined
    else at = end
  }
  return parameters
}

/**
 * As a quoted-string (RFC 9110 section 5.6.4).
 * @throws {TypeError} for what no quoted-string can say: controls, and characters beyond latin-1
 */
export function quoted(text: string): string {
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) throw new TypeError(`no quoted-string can say ${JSON.stringify(text)}`)
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
