/** Formats of the access log, as gunicorn and Apache write them: text with atoms such as `%(h)s`. */

/** What an atom stands for, for people. */
export const accessAtoms = {
  h: 'the client\'s address',
  l: '`-`',
  u: 'the user of Basic authentication',
  t: 'the time, `[10/Oct/2026:13:55:36 +0000]`',
  r: 'the request line',
  m: 'the method',
  U: 'the path, without the query',
  q: 'the query',
  H: 'the protocol',
  s: 'the status',
  B: 'bytes of the answer\'s body',
  b: 'the same, `-` for none',
  f: 'the referer',
  a: 'the user agent',
  T: 'seconds that the request took, whole',
  M: 'milliseconds, whole',
  D: 'microseconds, whole',
  L: 'seconds, with fractions',
  p: 'the process, `<1234>`',
  id: 'the request\'s id',
  cause: 'why the server answered or cut, `-` where the application did',
  body: 'milliseconds until the body had come, where the application waits for it',
  queue: 'milliseconds in the queue',
  application: 'milliseconds until the application began its answer',
  write: 'milliseconds from there to the end of the answer',
} as const

export type AccessAtom = keyof typeof accessAtoms

export type AccessFormatPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'atom'; readonly atom: AccessAtom }
  /** `%({name}i)s` and `%({name}o)s`. */
  | { readonly kind: 'request' | 'answer'; readonly field: string }

const SPECIAL = /%(?:%|\((?:\{([!#$%&'*+.^_`|~\w-]+)\}([io])|(\w+))\)s)/g

/** The parts of a format; undefined where it has an atom that there is not, or a character that cannot be in a line. */
export function parseAccessFormat(format: string): readonly AccessFormatPart[] | undefined {
  if (!/^[^\0-\x1f\x7f-\x9f]+$/.test(format)) return undefined
  const parts: AccessFormatPart[] = []
  let at = 0
  const text = (upTo: number): boolean => {
    const between = format.slice(at, upTo)
    if (between !== '') parts.push({ kind: 'text', text: between })
    return !between.includes('%')
  }
  for (const match of format.matchAll(SPECIAL)) {
    if (!text(match.index)) return undefined
    at = match.index + match[0].length
    const [, field, direction, atom] = match
    if (field !== undefined) parts.push({ kind: direction === 'i' ? 'request' : 'answer', field })
    else if (atom === undefined) parts.push({ kind: 'text', text: '%' })
    else if (isAtom(atom)) parts.push({ kind: 'atom', atom })
    else return undefined
  }
  return text(format.length) ? parts : undefined
}

/** One of the formats that have a name, or one that parseAccessFormat() knows and that has an atom. */
export function isAccessFormat(format: string): boolean {
  return format === 'combined' || format === 'json' || parseAccessFormat(format)?.some(({ kind }) => kind !== 'text') === true
}

const isAtom = (name: string): name is AccessAtom => Object.hasOwn(accessAtoms, name)
