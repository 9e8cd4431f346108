/** The body of an answer out of pieces of a file, and bytes between them. */
import type { FileHandle } from 'node:fs/promises'
import { ExchangeClosed } from '../http/exchange-closed.ts'
import { forbidsBody } from '../http/statuses.ts'
import type { Exchange, Fields, ResponseSink } from './exchange.ts'
import { fileBlock } from './file-block.ts'

/** Bytes as they are, or those of the file from an offset up to another, which is not included. */
export type Segment = Uint8Array | { readonly from: number; readonly to: number }

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
  const length = segments.reduce((sum, segment) => sum + sizeOf(segment), 0)
  const framed: Fields = [...fields, ['Content-Length', String(length)]]
  if (exchange.head.method === 'HEAD' || forbidsBody(Number(status.slice(0, 3)))) return exchange.answer(status, framed)
  const blocks = readSegments(handle, segments)
  if (length <= fileBlock) {
    const body = await collect(blocks)
    if (exchange.closed) return
    if (body.length === length) exchange.answer(status, framed, body)
    else exchange.fail('short-answer', shrunk(body.length, length))
    return
  }
  const first = await blocks.next()
  if (exchange.closed) return
  if (first.done === true) exchange.fail('short-answer', shrunk(0, length))
  else await stream(exchange, exchange.begin(status, framed), first.value, blocks, length)
}

/** Ends quietly where the client is gone, and with a cut where the file is shorter than its length was, or cannot be read. */
async function stream(
  exchange: Exchange,
  sink: ResponseSink,
  first: Uint8Array,
  blocks: AsyncIterator<Uint8Array, void>,
  length: number
): Promise<void> {
  let sent = 0
  try {
    let block: Uint8Array | null = first
    while (block !== null) {
      sent += block.length
      const ready: boolean = sink.write(block) || sent === length
      block = await nextBlock(sent < length ? blocks : null, ready ? null : sink)
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
async function nextBlock(blocks: AsyncIterator<Uint8Array, void> | null, slow: ResponseSink | null): Promise<Uint8Array | null> {
  const [next] = await Promise.all([blocks?.next(), slow?.drained()])
  return next === undefined || next.done === true ? null : next.value
}

/** Ends early where the file does. */
async function* readSegments(handle: FileHandle, segments: readonly Segment[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const segment of segments) {
    if (segment instanceof Uint8Array) {
      yield segment
      continue
    }
    for (let at = segment.from; at < segment.to;) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(fileBlock, segment.to - at))
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
      if (bytesRead === 0) return
      at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }
}

async function collect(blocks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const block of blocks) pieces.push(block)
  return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces)
}

function sizeOf(segment: Segment): number {
  return segment instanceof Uint8Array ? segment.length : segment.to - segment.from
}

function shrunk(sent: number, length: number): string {
  return `the file gave ${sent} of ${length} bytes`
}
