/** The differential fuzz: generated streams, read by our parser and by node:http; every difference must have its rule. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { parse } from '../support/parsed-requests.ts'
import { compare, type Difference } from './comparison.ts'
import { ruleFor } from './differences.ts'
import { generatedStream } from './generated-stream.ts'
import { NodeReader } from './node-reader.ts'
import { Random } from './random.ts'

export interface FuzzOptions {
  readonly seed: number
  /** The number of the first stream: a run goes on where another stopped. */
  readonly from: number
  readonly streams: number
  /** Milliseconds after which it stops, wherever it is. */
  readonly time: number
  /** Called now and then. */
  readonly progress?: (done: FuzzResult) => void
}

export interface FuzzResult {
  streams: number
  requests: number
  /** Streams that both read the same way to their end. */
  agreed: number
  /** Of those, streams in which something was refused. */
  agreedRefusals: number
  /** By the name of the rule. */
  readonly differences: Map<string, number>
  /** What no rule explains, up to twenty. */
  readonly unexplained: { stream: number; difference: Difference }[]
}

export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const result: FuzzResult = { streams: 0, requests: 0, agreed: 0, agreedRefusals: 0, differences: new Map(), unexplained: [] }
  const reader = new NodeReader()
  const deadline = Date.now() + options.time
  for (let number = options.from; number < options.from + options.streams && result.unexplained.length < 20; number++) {
    one(options.seed, number, reader, result)
    if (result.streams % 500 !== 0) continue
    // What was closed is cleaned up in turns of the loop.
    await nextTurn()
    if (result.streams % 50_000 === 0) options.progress?.(result)
    if (Date.now() > deadline) break
  }
  return result
}

function one(seed: number, number: number, reader: NodeReader, result: FuzzResult): void {
  const random = new Random(seed, number)
  const { bytes, requests } = generatedStream(random)
  const cut = random.below(bytes.length)
  const { differences, refused } = differencesIn(
    random.chance(50) ? [bytes] : [bytes.subarray(0, cut), bytes.subarray(cut)],
    reader,
  )
  result.streams++
  result.requests += requests
  if (differences.length === 0) {
    result.agreed++
    if (refused) result.agreedRefusals++
  }
  for (const difference of differences) {
    const rule = ruleFor(difference)
    if (rule === undefined) result.unexplained.push({ stream: number, difference })
    else result.differences.set(rule.name, (result.differences.get(rule.name) ?? 0) + 1)
  }
}

/** How our reading of the pieces differs from node:http's reading of the whole. */
export function differencesIn(pieces: readonly Buffer[], reader: NodeReader): { differences: Difference[]; refused: boolean } {
  const bytes = Buffer.concat(pieces)
  const place = { offset: 0 }
  const ours = parse(pieces, {}, place)
  const differences = compare(bytes.toString('latin1'), lineBefore(bytes, place.offset), ours, reader.read(bytes))
  return { differences, refused: typeof ours.outcome === 'object' }
}

/** The line that ends at `offset`. */
function lineBefore(bytes: Buffer, offset: number): string {
  return offset === 0 ? '' : bytes.toString('latin1', offset < 2 ? 0 : bytes.lastIndexOf(0x0a, offset - 2) + 1, offset)
}
