/** `Forwarded = 1#forwarded-element` (RFC 7239 section 4). */

/** One proxy's word; values as they were, quotes taken off. */
export interface ForwardedElement {
  readonly for?: string
  readonly by?: string
  readonly proto?: string
  readonly host?: string
}

/** `[ token "=" value ]`, where value is a token or a quoted-string, up to `;`, `,` or the end (RFC 9110 section 5.6.4). */
const PAIR = /[ \t]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)|"((?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*)")[ \t]*)?([;,]|$)/y
const KNOWN: ReadonlySet<string> = new Set(['for', 'by', 'proto', 'host'])

/** In the order of the field: the client's proxy first. @returns undefined for what is malformed, a parameter that comes twice included */
export function parseForwarded(value: string): ForwardedElement[] | undefined {
  const elements: ForwardedElement[] = []
  let element: Record<string, string> = {}
  for (let at = 0; ;) {
    PAIR.lastIndex = at
    const match = PAIR.exec(value)
    if (match === null) return undefined
    at = PAIR.lastIndex
    const [, name, token, quoted, end] = match
    if (name !== undefined) {
      const key = name.toLowerCase()
      if (key in element) return undefined
      element[key] = token ?? (quoted as string).replaceAll(/\\(.)/g, '$1')
    }
    if (end === ';') continue
    // RFC 9110 section 5.6.1: empty elements are passed over.
    if (Object.keys(element).length > 0) elements.push(onlyKnown(element))
    element = {}
    if (end === '') return elements
  }
}

function onlyKnown(element: Readonly<Record<string, string>>): ForwardedElement {
  return Object.fromEntries(Object.entries(element).filter(([name]) => KNOWN.has(name)))
}
