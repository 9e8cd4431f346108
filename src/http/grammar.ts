/** The grammar that several parsers and writers share, each rule beside its ABNF. */

/** `token = 1*tchar` (RFC 9110 section 5.6.2). */
export const TOKEN: RegExp = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** What a `field-value` may not have: control characters other than HTAB (RFC 9110 section 5.5). obs-text is let through. */
export const FORBIDDEN_IN_VALUE: RegExp = /[\0-\x08\x0a-\x1f\x7f]/

/** A text of lines in which no value has what is forbidden, CR aside. One such test is cheaper than one a value. */
export const CLEAN_LINES: RegExp = /^[\t\n\r\x20-\x7e\x80-\xff]*$/

/** As FORBIDDEN_IN_VALUE, for text that goes out: it must also be latin-1. */
export const FORBIDDEN_IN_OUTPUT: RegExp = /[\0-\x08\x0a-\x1f\x7f\u0100-\uffff]/

/**
 * Visible ASCII without `#`. RFC 3986 allows less, but clients send `|`, `^`, `"` and braces in queries, and nobody reads
 * those two ways; a space, a control character, a byte over 0x7e or a fragment could be.
 */
export const TARGET: RegExp = /^[\x21\x22\x24-\x7e]+$/

/** `uri-host [ ":" port ]` (RFC 9110 section 7.2; RFC 3986 section 3.2.2): a registered name or IPv4 address, or a literal in brackets. */
const HOST = /^(?:((?:[\w\-.~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)|\[(?:([0-9A-Fa-f:.]+)|[vV][0-9A-Fa-f]+\.[\w\-.~!$&'()*+,;=:]+)\])(?::(\d{0,5}))?$/
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** An empty text is a host: that of a target without an authority. */
export function isHost(text: string): boolean {
  const match = HOST.exec(text)
  if (match === null) return false
  const [, name, ipv6, port] = match
  if (name === '' && port !== undefined) return false
  if (ipv6 !== undefined && !isIPv6(ipv6)) return false
  return port === undefined || Number(port) <= 65535
}

/** `IPv6address` (RFC 3986 section 3.2.2). */
function isIPv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1)
  // The last 32 bits may be an IPv4 address.
  const dotted = last?.includes('.') === true
  if (dotted && (!IPV4.test(last) || text.endsWith('::'))) return false
  const hexadecimal = dotted ? groups.slice(0, -1) : groups
  if (!hexadecimal.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false
  const count = hexadecimal.length + (dotted ? 2 : 0)
  return halves.length === 2 ? count <= 7 : count === 8
}

/** `OWS = *( SP / HTAB )` (RFC 9110 section 5.6.3) at both ends is not part of a value. */
export function trimWhitespace(text: string, from: number, to: number): string {
  while (from < to && isBlank(text.charCodeAt(from))) from++
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09

/** The members of `#token` in lower case, empty ones left out (RFC 9110 section 5.6.1). */
export function listOfTokens(value: string): string[] {
  return value.toLowerCase().split(',').map((member) => trimWhitespace(member, 0, member.length)).filter((member) => member !== '')
}
