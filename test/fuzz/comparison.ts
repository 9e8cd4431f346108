/** Two readings of the same bytes, side by side: ours and node:http's. */
import { causes, type CauseName } from '../../src/http/causes.ts'
import type { ParsedRequests } from '../support/parsed-requests.ts'
import type { ReadMessage } from '../support/request-cases.ts'
import type { NodesMessage, NodesReading } from './node-reader.ts'

/** The first thing in which two readings differ, or one that leaves the framing alone. */
export interface Difference {
  readonly what:
    | 'we refuse'
    | 'they refuse'
    | 'other status'
    | 'method'
    | 'target'
    | 'version'
    | 'fields'
    | 'trailers'
    | 'body'
    | 'end'
    | 'persistence'
  /** A cause of ours, or the value of ours. */
  readonly ours: string
  /** Code and reason of theirs, or the value of theirs. */
  readonly theirs: string
  /** The message in question, as far as each has one. */
  readonly our: ReadMessage | null
  readonly their: NodesMessage | null
  /** Ours before that. */
  readonly previous: ReadMessage | null
  /** The line at whose end we refuse, with its line end; empty where we do not. */
  readonly line: string
  /** The whole input, latin-1. */
  readonly text: string
}

interface Refusal {
  readonly name: string
  readonly status: number
}

/**
 * All differences up to the first that sets the readings apart; none if they agree.
 * @param line the line of the text at whose end we refused it
 */
export function compare(text: string, line: string, ours: ParsedRequests, theirs: NodesReading): Difference[] {
  const found: Difference[] = []
  for (let i = 0; ; i++) {
    const our = ours.messages[i] ?? null
    const their = theirs.messages[i] ?? null
    const add = (what: Difference['what'], mine: unknown, other: unknown): void => {
      found.push({
        what,
        ours: String(mine),
        theirs: String(other),
        our,
        their,
        previous: ours.messages[i - 1] ?? null,
        line,
        text,
      })
    }
    const ourRefusal = refusalOfOurs(ours, i)
    const theirRefusal = refusalOfTheirs(theirs, i)
    if (our !== null && their !== null && !sameHead(our, their, add)) return found
    if (ourRefusal !== null || theirRefusal !== null) {
      if (theirRefusal === null) add('we refuse', ourRefusal?.name, outcomeOf(their))
      else if (ourRefusal === null) add('they refuse', our === null ? 'waiting' : 'accepted', theirRefusal.name)
      else if (ourRefusal.status !== theirRefusal.status) add('other status', ourRefusal.name, theirRefusal.name)
      return found
    }
    if (our === null || their === null) {
      if (our !== their) add('end', our === null ? 'no more' : 'a message', their === null ? 'no more' : 'a message')
      return found
    }
    if (our.method === 'CONNECT') return found
    if (!sameBody(our, their, add)) return found
    if (our.persistent !== their.persistent) {
      add('persistence', our.persistent, their.persistent)
      return found
    }
    if (!our.persistent || !our.ended) return found
  }
}

type Add = (what: Difference['what'], ours: unknown, theirs: unknown) => void

/** False where there is no sense in comparing further. */
function sameHead(our: ReadMessage, their: NodesMessage, add: Add): boolean {
  if (our.method !== their.method) add('method', our.method, their.method)
  else if (our.target !== their.target) add('target', our.target, their.target)
  else if (our.version !== their.version) add('version', our.version, their.version)
  else {
    if (!same(our.fields, their.fields)) add('fields', JSON.stringify(our.fields), JSON.stringify(their.fields))
    return true
  }
  return false
}

function sameBody(our: ReadMessage, their: NodesMessage, add: Add): boolean {
  if (our.data !== their.data) add('body', JSON.stringify(our.data), JSON.stringify(their.data))
  else if (our.ended !== their.ended)
    add('end', our.ended ? 'a whole message' : 'waiting', their.ended ? 'a whole message' : 'waiting')
  else {
    if (!same(our.trailers, their.trailers)) add('trailers', JSON.stringify(our.trailers), JSON.stringify(their.trailers))
    return true
  }
  return false
}

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((value, i) => value === other[i])
const outcomeOf = (their: NodesMessage | null): string => (their === null ? 'waiting' : 'accepted')

/** Of the message at `i`: after its head, or instead of it. */
function refusalOfOurs({ messages, outcome }: ParsedRequests, i: number): Refusal | null {
  if (typeof outcome === 'string') return null
  const at = messages.at(-1)?.ended === false ? messages.length - 1 : messages.length
  return at === i ? { name: outcome.refused, status: causes[outcome.refused as CauseName].status } : null
}

function refusalOfTheirs({ messages, refusal }: NodesReading, i: number): Refusal | null {
  const message = messages[i]
  if (message?.verdict === 'no-host') return { name: 'no Host', status: 400 }
  if (message?.verdict === 'expectation') return { name: 'expectation', status: 417 }
  if (refusal === null) return null
  const at = messages.at(-1)?.ended === false ? messages.length - 1 : messages.length
  return at === i
    ? {
        name: `${refusal.code}: ${refusal.reason}`,
        status: refusal.code === 'HPE_HEADER_OVERFLOW' ? 431 : refusal.code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW' ? 413 : 400,
      }
    : null
}
