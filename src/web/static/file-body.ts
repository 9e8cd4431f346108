/** Parts of an open file, and bytes between them, as a body of WSGI. */
import { read } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { fileBlock } from '../../gateway/file-block.ts'
import type { Segment } from '../../gateway/file-segments.ts'
import { FileWrapper } from '../../gateway/file-wrapper.ts'
import type { Bytes } from '../../gateway/wsgi.ts'

/** A wrapped file that is read here, not by the server: of parts, and by plain callbacks, which cost half of FileHandle.read(). */
export class FileBody extends FileWrapper {
  readonly #handle: FileHandle
  readonly #segments: readonly Segment[]

  constructor(handle: FileHandle, segments: readonly Segment[]) {
    super(handle)
    this.#handle = handle
    this.#segments = segments
  }

  /** The server is to iterate: it would send all of the file. */
  override take(): undefined {
    return undefined
  }

  override [Symbol.asyncIterator](): AsyncIterator<Bytes> {
    return blocksOf(this.#handle, this.#segments)
  }
}

/** The segments of what is in memory. */
export function segmentsOf(bytes: Buffer, segments: readonly Segment[]): Bytes[] {
  return segments.map((segment) => (segment instanceof Uint8Array ? segment : bytes.subarray(segment.from, segment.to)))
}

export function lengthOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + (segment instanceof Uint8Array ? segment.length : segment.to - segment.from), 0)
}

/** Ends early where the file does: the server then cuts the answer, whose length was said. */
async function* blocksOf(handle: FileHandle, segments: readonly Segment[]): AsyncGenerator<Bytes, void, undefined> {
  for (const segment of segments) {
    if (segment instanceof Uint8Array) {
      yield segment
      continue
    }
    for (let at = segment.from; at < segment.to;) {
      const bytes = await readBlock(handle, at, Math.min(fileBlock, segment.to - at))
      if (bytes.length === 0) return
      at += bytes.length
      yield bytes
    }
  }
}

function readBlock(handle: FileHandle, at: number, size: number): Promise<Bytes> {
  return new Promise((resolve, reject) => {
    read(handle.fd, Buffer.allocUnsafeSlow(size), 0, size, at, (error, length, buffer) => {
      if (error === null) resolve(length === size ? buffer : buffer.subarray(0, length))
      else reject(error)
    })
  })
}
