/** Parts of an open file, and bytes between them, as a body of WSGI. */
import type { FileHandle } from 'node:fs/promises'
import { fileBlock, type Segment } from '../../gateway/file-segments.ts'
import type { Bytes, WSGIBody } from '../../gateway/wsgi.ts'

/** Closes the file at its end, read or not. */
export function segmentsBody(handle: FileHandle, segments: readonly Segment[]): WSGIBody {
  async function* blocks(): AsyncGenerator<Bytes, void, undefined> {
    for (const segment of segments) {
      if (segment instanceof Uint8Array) yield segment
      else yield* partOf(handle, segment)
    }
  }
  return { [Symbol.asyncIterator]: blocks, close: () => handle.close() }
}

/** The segments of what is in memory. */
export function segmentsOf(bytes: Buffer, segments: readonly Segment[]): Bytes[] {
  return segments.map((segment) => (segment instanceof Uint8Array ? segment : bytes.subarray(segment.from, segment.to)))
}

export function lengthOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + (segment instanceof Uint8Array ? segment.length : segment.to - segment.from), 0)
}

/** Ends early where the file does: the server then cuts the answer, whose length was said. */
async function* partOf(handle: FileHandle, part: { readonly from: number; readonly to: number }): AsyncGenerator<Bytes, void, undefined> {
  for (let at = part.from; at < part.to;) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(fileBlock, part.to - at))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
