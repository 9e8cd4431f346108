/** What an answer may be made of, and how it becomes blocks of bytes. */
import type { Bytes, WSGIBody } from '../gateway/wsgi.ts'

/** Text is encoded by the answer's `encoding`. */
export type ContentBlock = string | Bytes

/** Whole, or in blocks that come one after the other, promises of them included. A web ReadableStream is one, too. */
export type ResponseContent =
  | ContentBlock
  | Iterable<ContentBlock | PromiseLike<ContentBlock>>
  | AsyncIterable<ContentBlock>
  | null
  | undefined

export type TextEncoding = 'utf-8' | 'iso-8859-1' | 'us-ascii' | 'utf-16le'

const nodeNames: Readonly<Record<TextEncoding, BufferEncoding>> = {
  'utf-8': 'utf8', 'iso-8859-1': 'latin1', 'us-ascii': 'ascii', 'utf-16le': 'utf16le',
}

const EMPTY: readonly Bytes[] = []

/** @throws {RangeError} for an encoding that nothing here can write, or text that it cannot say */
export function encodeText(text: string, encoding: TextEncoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text)
  const name = nodeNames[encoding]
  if (name === undefined) throw new RangeError(`text is not encoded as ${encoding}, only as ${Object.keys(nodeNames).join(', ')}`)
  const limit = encoding === 'us-ascii' ? 0x7f : encoding === 'iso-8859-1' ? 0xff : 0xffff
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > limit) throw new RangeError(`${encoding} has no ${JSON.stringify(text[i])}`)
  }
  return Buffer.from(text, name)
}

const isBlock = (value: unknown): value is ContentBlock => typeof value === 'string' || value instanceof Uint8Array

/** The blocks, where all of them are there already: empty ones left out. Undefined for a stream. */
export function wholeBlocks(content: ResponseContent, encoding: TextEncoding): readonly Bytes[] | undefined {
  if (typeof content === 'string') return content === '' ? EMPTY : [encodeText(content, encoding)]
  if (content instanceof Uint8Array) return content.length === 0 ? EMPTY : [content]
  if (content === null || content === undefined) return EMPTY
  if (isStream(content)) return undefined
  const blocks = (content as readonly ContentBlock[]).filter((block) => block.length > 0)
  return blocks.map((block) => (typeof block === 'string' ? encodeText(block, encoding) : block))
}

/** True where the content has its end only when it gets there. */
export function isStream(content: ResponseContent): boolean {
  if (content === null || content === undefined || isBlock(content)) return false
  return !Array.isArray(content) || 'close' in content || !content.every(isBlock)
}

/** A stream's blocks as bytes; close() is handed on. */
export function encodedStream(content: ResponseContent, encoding: TextEncoding): WSGIBody {
  const source = content as Partial<AsyncIterable<ContentBlock>> & Partial<Iterable<ContentBlock | PromiseLike<ContentBlock>>>
  const bytesOf = (block: ContentBlock): Bytes => (typeof block === 'string' ? encodeText(block, encoding) : block)
  const close = (): unknown => (content as { close?(): unknown }).close?.()
  const asynchronous = source as AsyncIterable<ContentBlock>
  if (typeof source[Symbol.asyncIterator] === 'function') {
    return { [Symbol.asyncIterator]: () => mapped(asynchronous[Symbol.asyncIterator](), bytesOf), close }
  }
  if (typeof source[Symbol.iterator] !== 'function') {
    throw new TypeError(`the content of an answer is ${typeof content}: not text, bytes or an iterable of them`)
  }
  const iterable = source as Iterable<ContentBlock | PromiseLike<ContentBlock>>
  return {
    *[Symbol.iterator]() {
      for (const block of iterable) yield isBlock(block) ? bytesOf(block) : Promise.resolve(block).then(bytesOf)
    },
    close,
  }
}

/** Not a generator: its return() would wait for a next() that still waits, and the source would not hear of the end. */
function mapped(source: AsyncIterator<ContentBlock>, bytesOf: (block: ContentBlock) => Bytes): AsyncIterator<Bytes> {
  return {
    next: async () => {
      const step = await source.next()
      return step.done === true ? { done: true, value: undefined } : { done: false, value: bytesOf(step.value) }
    },
    return: async () => {
      await source.return?.()
      return { done: true, value: undefined }
    },
  }
}

/** What is sent to HEAD in a stream's place: nothing, without a length that would be wrong. */
export function unreadStream(content: ResponseContent): WSGIBody {
  return {
    async *[Symbol.asyncIterator]() {},
    close: () => closeStream(content),
  }
}

/** Ends a stream that nobody reads: close() of WSGI, or cancel() of a web stream. */
export function closeStream(content: ResponseContent): unknown {
  const source = content as { close?(): unknown, cancel?(): unknown } | null | undefined
  return typeof source?.close === 'function' ? source.close() : source?.cancel?.()
}
