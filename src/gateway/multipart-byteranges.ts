/** The media type multipart/byteranges (RFC 9110 section 14.6): several parts of a representation in one answer. */
import { contentRange, type ByteRange } from '../http/ranges.ts'
import type { Segment } from './file-segments.ts'
import { nodeCrypto } from './node-crypto.ts'

export interface Multipart {
  readonly boundary: string
  readonly segments: readonly Segment[]
}

/**
 * The ranges of a representation as segments of a multipart body, with a boundary that nobody can foresee and so put into
 * the content (RFC 2046 section 5.1.1 forbids it there).
 * @param of where the representation begins in the file, its size, and its Content-Type
 */
export function multipartSegments(
  ranges: readonly ByteRange[],
  of: { readonly start: number; readonly size: number; readonly type: string | undefined }
): Multipart {
  const boundary = nodeCrypto().randomBytes(16).toString('hex')
  const type = of.type === undefined ? '' : `Content-Type: ${of.type}\r\n`
  const segments: Segment[] = ranges.flatMap((range, index) => [
    Buffer.from(
      `${index === 0 ? '' : '\r\n'}--${boundary}\r\n${type}Content-Range: ${contentRange(range, of.size)}\r\n\r\n`,
      'latin1'
    ),
    { from: of.start + range.start, to: of.start + range.end + 1 }
  ])
  segments.push(Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'))
  return { boundary, segments }
}

export function byterangesType(boundary: string): string {
  return `multipart/byteranges; boundary=${boundary}`
}
