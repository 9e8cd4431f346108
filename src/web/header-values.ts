/** Values that are made of parameters, as several fields have them (RFC 9110 sections 5.6.4 to 5.6.6). */

/** parameter = token "=" ( token / quoted-string ); the white space that clients put around `=` is let through. */
const parameter = /[;,\s]*([!#$%&'*+\-.^_`|~\w]+)\s*=\s*(?:"((?:[^"\\]|\\[^])*)"|([^\s;,"]*))/y

/** A value and its options: `text/html; charset=utf-8` is `['text/html', { charset: 'utf-8' }]`; names are in lower case. */
export function parseOptionsHeader(field: string | undefined): [value: string, options: Record<string, string>] {
  const text = field ?? ''
  const end = text.indexOf(';')
  const value = (end < 0 ? text : text.slice(0, end)).trim()
  return [value, end < 0 ? emptyDictionary() : parameters(text, end)]
}

/** A list of `name=value`, as of `Cache-Control` and `Authorization`; a name alone has the value null. */
export function parseDictHeader(field: string): Record<string, string | null> {
  const found: Record<string, string | null> = emptyDictionary()
  for (const element of elements(field)) {
    const at = element.indexOf('=')
    const name = (at < 0 ? element : element.slice(0, at)).trim().toLowerCase()
    if (name !== '') found[name] = at < 0 ? null : unquoted(element.slice(at + 1).trim())
  }
  return found
}

/** A token as it is, anything else as a quoted-string. @throws {TypeError} for a control character */
export function quotedValue(value: string): string {
  if (/^[!#$%&'*+\-.^_`|~\w]+$/.test(value)) return value
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) throw new TypeError('a quoted value has a control character')
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}

/** Without a prototype: names come from clients. */
const emptyDictionary = <T>(): Record<string, T> => Object.create(null) as Record<string, T>

function parameters(text: string, from: number): Record<string, string> {
  const found = emptyDictionary<string>()
  parameter.lastIndex = from
  for (let match = parameter.exec(text); match !== null; match = parameter.exec(text)) {
    const name = (match[1] as string).toLowerCase()
    // The first of two counts: whoever looked at the field before most likely took that one.
    found[name] ??= match[2] === undefined ? match[3] as string : match[2].replace(/\\([^])/g, '$1')
  }
  return found
}

/** Splits at the commas that are not within quotes. */
function elements(field: string): string[] {
  return field.match(/(?:[^,"]|"(?:[^"\\]|\\[^])*(?:"|$))+/g) ?? []
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.replace(/^"|"$/g, '').replace(/\\([^])/g, '$1') : value
}
