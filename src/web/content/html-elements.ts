/** What is special about some elements of HTML. */

/** Without content and end tag (HTML section 13.1.2, "void elements"). */
export const voidElements: ReadonlySet<string> = new Set([
  'area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'source', 'track', 'wbr',
])

/** Their content is not read as markup, so nothing in it can be escaped (HTML sections 13.1.2 and 13.2.5). */
export const rawElements: ReadonlySet<string> = new Set([
  'script', 'style', 'xmp', 'iframe', 'noembed', 'noframes', 'plaintext',
])

/** A line feed at the beginning of their content is dropped (HTML section 13.2.6.4.7), so one is put there to be dropped. */
export const leadingLineFeed: ReadonlySet<string> = new Set(['textarea', 'pre', 'listing'])

/** Attributes whose value is a URL that the browser goes to, loads or runs. */
export const urlAttributes: ReadonlySet<string> = new Set([
  'action', 'background', 'cite', 'data', 'formaction', 'href', 'longdesc', 'manifest', 'ping', 'poster', 'src', 'xlink:href',
])

/** A letter, then anything that cannot end the name (HTML section 13.2.5.8), as far as names are made of it. */
const tagName = /^[a-z][a-z0-9:._-]*$/i
/** HTML section 13.1.2.3. */
const attributeName = /^[^\0-\x20"'<>/=\x7f-\x9f`]+$/

/** Attributes whose value is code, or markup: `onclick`, `srcdoc`. Escaping leaves them just as able. */
export function holdsCode(name: string): boolean {
  return name.startsWith('on') || name === 'srcdoc'
}

/** @throws {TypeError} for what is no name of an element */
export function checkTagName(name: string): string {
  if (!tagName.test(name)) throw new TypeError(`no name of an element: ${JSON.stringify(name)}`)
  return name.toLowerCase()
}

/** @throws {TypeError} for what is no name of an attribute */
export function checkAttributeName(name: string): string {
  if (!attributeName.test(name)) throw new TypeError(`no name of an attribute: ${JSON.stringify(name)}`)
  return name
}
