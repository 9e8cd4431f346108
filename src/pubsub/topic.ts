/** What a subscription is for: one channel, or all whose name a pattern matches. */

/** Where `*` stands for any text, also for none; a backslash takes its meaning from a `*` or a backslash. */
export interface Pattern {
  readonly pattern: string
}

/**
 * A channel's name as it stands, or a pattern. A pattern is never a plain string: names often come from clients, and a room
 * called `*` must not be all rooms.
 */
export type Topic = string | Pattern

/** Text that differs for any two topics. */
export function topicKey(topic: Topic): string {
  return typeof topic === 'string' ? `=${topic}` : `~${topic.pattern}`
}

/** Whether a channel's name matches. Takes time in proportion to the two lengths' product at worst, whatever the pattern. */
export function patternMatches({ pattern }: Pattern, channel: string): boolean {
  const pieces = literalPieces(pattern)
  const [first = '', ...rest] = pieces
  const last = rest.pop()
  if (last === undefined) return channel === first
  if (!channel.startsWith(first)) return false
  let at = first.length
  for (const piece of rest) {
    const found = channel.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return channel.length - at >= last.length && channel.endsWith(last)
}

/** The texts between the stars, with nothing escaped. */
export function literalPieces(pattern: string): readonly string[] {
  const pieces = ['']
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string
    if (char === '*') pieces.push('')
    else pieces.push((pieces.pop() as string) + (char === '\\' && i + 1 < pattern.length ? pattern[++i] as string : char))
  }
  return pieces
}
