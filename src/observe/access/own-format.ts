/** Lines in a format of the user's own. */
import { parseAccessFormat, type AccessAtom, type AccessFormatPart } from '../../config/access-format.ts'
import type { Closing, Fields } from '../../gateway/exchange.ts'
import type { Phases } from '../../http/phases.ts'
import { commonTime } from './clock.ts'
import { protocol, requestField, tenths, userName, type AccessFormat } from './entry.ts'
import { bareText, quotedText } from './text.ts'

const text = (value: string): string => (value === '' ? '-' : quotedText(value))
const bare = (value: string): string => (value === '' ? '-' : bareText(value))
const phase = (name: keyof Phases): AccessFormat => (_, { phases }) => (phases === null ? '-' : tenths(phases[name]))
const total = ({ phases }: Closing): number => phases?.total ?? 0

const atoms: { readonly [A in AccessAtom]: AccessFormat } = {
  h: ({ peer }) => (peer.remoteAddress === '' ? '-' : peer.remoteAddress),
  l: () => '-',
  u: ({ head }) => bare(userName(head)),
  t: (_, __, now) => commonTime(now),
  r: ({ head }) => (head === null ? '-' : `${quotedText(head.method)} ${quotedText(head.target)} ${protocol(head)}`),
  m: ({ head }) => text(head?.method ?? ''),
  U: ({ head }) => text(head?.path ?? ''),
  q: ({ head }) => quotedText(head?.query ?? '-'),
  H: ({ head }) => (head === null ? '-' : protocol(head)),
  s: (_, { status }) => (status === 0 ? '-' : String(status)),
  B: (_, { bytes }) => String(bytes),
  b: (_, { bytes }) => (bytes === 0 ? '-' : String(bytes)),
  f: ({ head }) => text(requestField(head, 'referer')),
  a: ({ head }) => text(requestField(head, 'user-agent')),
  T: (_, closing) => String(Math.floor(total(closing) / 1000)),
  M: (_, closing) => String(Math.floor(total(closing))),
  D: (_, closing) => String(Math.round(total(closing) * 1000)),
  L: (_, closing) => (total(closing) / 1000).toFixed(6),
  p: () => `<${process.pid}>`,
  id: ({ id }) => bare(id ?? ''),
  cause: (_, { cause }) => cause ?? '-',
  body: phase('body'),
  queue: phase('queue'),
  application: phase('application'),
  write: phase('write'),
}

/** @throws {TypeError} for a format that parseAccessFormat() does not know */
export function ownFormat(format: string): AccessFormat {
  const parts = parseAccessFormat(format)
  if (parts === undefined) throw new TypeError(`not a format of the access log: ${format}`)
  const formats = parts.map(formatOf)
  return (entry, closing, now) => {
    let line = ''
    for (const one of formats) line += one(entry, closing, now)
    return line
  }
}

function formatOf(part: AccessFormatPart): AccessFormat {
  switch (part.kind) {
    case 'text': {
      // Lines are written byte by byte.
      const bytes = Buffer.from(part.text).toString('latin1')
      return () => bytes
    }
    case 'atom': return atoms[part.atom]
    case 'request': return ({ head }) => text(requestField(head, part.field))
    case 'answer': return (_, { fields }) => text(answerField(fields, part.field))
  }
}

function answerField(fields: Fields, name: string): string {
  const wanted = name.toLowerCase()
  return fields.find(([candidate]) => candidate.toLowerCase() === wanted)?.[1] ?? ''
}
