/** Reads pieces of a file, block by block. By plain callbacks, which cost half of FileHandle.read(). */
import { read } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { fileBlock } from './file-block.ts'

/** Bytes as they are, or those of the file from an offset up to another, which is not included. */
export type Segment = Uint8Array | { readonly from: number; readonly to: number }

export class SegmentReader {
  private readonly handle: FileHandle
  private readonly segments: readonly Segment[]
  private index = 0
  /** Within the segment at hand; -1 before it. */
  private at = -1
  private last: Buffer | undefined
  private spare: Buffer | undefined

  constructor(handle: FileHandle, segments: readonly Segment[]) {
    this.handle = handle
    this.segments = segments
  }

  /** The next bytes; null behind the last segment, and early where the file ends. One call at a time. */
  next(): Uint8Array | null | Promise<Uint8Array | null> {
    const segment = this.segments[this.index]
    if (segment === undefined) return null
    if (segment instanceof Uint8Array) {
      this.index++
      return segment
    }
    if (this.at < 0) this.at = segment.from
    if (this.at < segment.to) return this.read(Math.min(fileBlock, segment.to - this.at))
    this.index++
    this.at = -1
    return this.next()
  }

  /** The bytes that next() gave last are not needed any more: their room may be used again. */
  release(): void {
    if (this.last?.length === fileBlock) this.spare = this.last
    this.last = undefined
  }

  private read(size: number): Promise<Uint8Array | null> {
    const buffer = this.last = this.spare !== undefined ? this.spare : Buffer.allocUnsafeSlow(size)
    this.spare = undefined
    return new Promise((resolve, reject) => {
      read(this.handle.fd, buffer, 0, size, this.at, (error, length) => {
        if (error !== null) {
          reject(error)
          return
        }
        this.at += length
        if (length === 0) this.index = this.segments.length
        resolve(length === 0 ? null : length === buffer.length ? buffer : buffer.subarray(0, length))
      })
    })
  }
}

/** Bytes of all segments. */
export function lengthOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + (segment instanceof Uint8Array ? segment.length : segment.to - segment.from), 0)
}
