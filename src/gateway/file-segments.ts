/** The body of an answer out of pieces of a file, and bytes between them. */
import type { FileHandle } from 'node:fs/promises'
import { ExchangeClosed } from '../http/exchange-closed.ts'
import { forbidsBody } from '../http/statuses.ts'
import type { Exchange, Fields, ResponseSink } from './exchange.ts'
import { fileBlock } from './file-block.ts'
import { lengthOf, SegmentReader, type Segment } from './segment-reader.ts'

export type { Segment } from './segment-reader.ts'

/**
 * Sends the segments as one body of known length; only the head where there is to be no body (HEAD, 204, 304).
 * Reads one block ahead of the client and no further.
 * @throws what the system says where the first read fails: nothing is begun by then
 */
export async function sendSegments(
  exchange: Exchange,
  status: string,
  fields: Fields,
  handle: FileHandle,
  segments: readonly Segment[]
): Promise<void> {
  const length = lengthOf(segments)
  const framed: Fields = [...fields, ['Content-Length', String(length)]]
  if (exchange.head.method === 'HEAD' || forbidsBody(Number(status.slice(0, 3)))) return exchange.answer(status, framed)
  const blocks = new SegmentReader(handle, segments)
  if (length <= fileBlock) {
    const body = await collect(blocks)
    if (exchange.closed) return
    if (body.length === length) exchange.answer(status, framed, body)
    else exchange.fail('short-answer', shrunk(body.length, length))
    return
  }
  const first = await blocks.next()
  if (exchange.closed) return
  if (first === null) exchange.fail('short-answer', shrunk(0, length))
  else await stream(exchange, exchange.begin(status, framed), first, blocks, length)
}

/** Ends quietly where the client is gone, and with a cut where the file is shorter than its length was, or cannot be read. */
async function stream(exchange: Exchange, sink: ResponseSink, first: Uint8Array, blocks: SegmentReader, length: number): Promise<void> {
  let sent = 0
  try {
    let block: Uint8Array | null = first
    while (block !== null) {
      sent += block.length
      const ready: boolean = sink.write(block) || sent === length
      if (sink.busy === false) blocks.release()
      block = sent === length ? null : ready ? await blocks.next() : await nextBlock(blocks, sink)
      if (exchange.closed) return
    }
  } catch (error) {
    if (!(error instanceof ExchangeClosed)) exchange.fail('short-answer', `${shrunk(sent, length)}: ${String(error)}`)
    return
  }
  if (sent === length) sink.end()
  else exchange.fail('short-answer', shrunk(sent, length))
}

/** The next block is read while the client takes the one before. */
async function nextBlock(blocks: SegmentReader, slow: ResponseSink): Promise<Uint8Array | null> {
  const [next] = await Promise.all([blocks.next(), slow.drained()])
  return next
}

async function collect(blocks: SegmentReader): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for (let piece = await blocks.next(); piece !== null; piece = await blocks.next()) pieces.push(piece)
  return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces)
}

function shrunk(sent: number, length: number): string {
  return `the file gave ${sent} of ${length} bytes`
}
