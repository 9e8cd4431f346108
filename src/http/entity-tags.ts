/** Entity tags (RFC 9110 section 8.8.3). */

export interface EntityTag {
  readonly weak: boolean
  /** What is between the quotes; there is no escape in it. */
  readonly opaque: string
}

/** entity-tag = [ %s"W/" ] DQUOTE *etagc DQUOTE; a comma and a backslash are plain characters of it. */
const entityTag = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/y
const separator = /[ \t]*(?:,[ \t]*)*/y

/** Reads one entity tag; undefined where the text is anything else. */
export function parseEntityTag(text: string): EntityTag | undefined {
  entityTag.lastIndex = 0
  const match = entityTag.exec(text)
  return match !== null && match[0].length === text.length ? fromMatch(match) : undefined
}

/**
 * Reads the value of If-Match or If-None-Match: `*` or a list of entity tags (empty elements are allowed,
 * RFC 9110 section 5.6.1.2); undefined where it is malformed or empty.
 */
export function parseEntityTags(text: string): '*' | readonly EntityTag[] | undefined {
  if (text === '*') return '*'
  const tags: EntityTag[] = []
  let at = skipSeparator(text, 0)
  while (at < text.length) {
    entityTag.lastIndex = at
    const match = entityTag.exec(text)
    if (match === null) return undefined
    tags.push(fromMatch(match))
    const behind = at + match[0].length
    at = skipSeparator(text, behind)
    if (at < text.length && !text.slice(behind, at).includes(',')) return undefined
  }
  return tags.length === 0 ? undefined : tags
}

/** Strong comparison (RFC 9110 section 8.8.3.2): byte for byte the same representation. */
export function strongMatch(a: EntityTag, b: EntityTag): boolean {
  return !a.weak && !b.weak && a.opaque === b.opaque
}

/** Weak comparison (RFC 9110 section 8.8.3.2): as good as the same. */
export function weakMatch(a: EntityTag, b: EntityTag): boolean {
  return a.opaque === b.opaque
}

function fromMatch(match: RegExpExecArray): EntityTag {
  return { weak: match[1] !== undefined, opaque: match[2] as string }
}

function skipSeparator(text: string, from: number): number {
  separator.lastIndex = from
  separator.exec(text)
  return separator.lastIndex
}
