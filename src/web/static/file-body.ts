/** Parts of an open file, and bytes between them, as a body of WSGI. */
import type { FileHandle } from 'node:fs/promises'
import { FileWrapper, type FileParts } from '../../gateway/file-wrapper.ts'
import { lengthOf, SegmentReader, type Segment } from '../../gateway/segment-reader.ts'
import type { Bytes } from '../../gateway/wsgi.ts'

/** A wrapped file of which parts are sent, under a head that is complete: by the server itself where nobody asks for them before. */
export class FileBody extends FileWrapper {
  readonly #handle: FileHandle
  readonly #segments: readonly Segment[]
  #state: 'untouched' | 'iterated' | 'taken' = 'untouched'

  constructor(handle: FileHandle, segments: readonly Segment[]) {
    super(handle)
    this.#handle = handle
    this.#segments = segments
  }

  /** What is sent is not all of the file. */
  override take(): undefined {
    return undefined
  }

  override takeParts(length: number | undefined): FileParts | undefined {
    if (this.#state !== 'untouched' || (length !== undefined && length !== lengthOf(this.#segments))) return undefined
    this.#state = 'taken'
    return { handle: this.#handle, segments: this.#segments }
  }

  override [Symbol.asyncIterator](): AsyncIterator<Bytes> {
    this.#state = 'iterated'
    return blocksOf(new SegmentReader(this.#handle, this.#segments))
  }

  override async close(): Promise<void> {
    if (this.#state !== 'taken') await super.close()
  }
}

/** The segments of what is in memory. */
export function segmentsOf(bytes: Buffer, segments: readonly Segment[]): Bytes[] {
  return segments.map((segment) => (segment instanceof Uint8Array ? segment : bytes.subarray(segment.from, segment.to)))
}

/** Ends early where the file does: the server then cuts the answer, whose length was said. */
async function* blocksOf(reader: SegmentReader): AsyncGenerator<Bytes, void, undefined> {
  for (let block = await reader.next(); block !== null; block = await reader.next()) yield block
}
