/** `wsgi.file_wrapper` (PEP 3333, "Optional Platform-Specific File Handling"). */
import { open, type FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { Exchange, Fields } from './exchange.ts'
import { fileBlock } from './file-block.ts'
import type { SendFileOptions } from './file-response.ts'
import type { Segment } from './segment-reader.ts'
import type { Bytes, FileLike, WSGIBody } from './wsgi.ts'

/** Parts of an open file, for a server to send under a head that is complete. */
export interface FileParts {
  readonly handle: FileHandle
  readonly segments: readonly Segment[]
}

/**
 * A body out of a file: a path, an open FileHandle, a readable stream, or any iterable of bytes. Everywhere it is a plain
 * async iterable with close(), also for middleware; a server that finds it untouched may {@link take} the file and send it
 * in its own way.
 *
 * A handle is sent from the file's first byte: Node cannot tell where a handle stands. For the rest of a file that was read
 * in part give `handle.createReadStream()`. What is wrapped belongs to the wrapper: close() closes it.
 */
export class FileWrapper implements AsyncIterable<Bytes> {
  readonly blockSize: number
  #source: FileLike | FileHandle
  #iterator: AsyncIterator<Bytes> | undefined
  /** The handle that iteration opened, for a path. */
  #opened: FileHandle | undefined
  #state: 'untouched' | 'iterated' | 'taken' | 'closed' = 'untouched'

  /**
   * @param blockSize bytes read at a time from a path or handle; streams and iterables keep their own pieces
   * @throws {TypeError} for what gives no bytes; {RangeError} for a block size that is no positive integer
   */
  constructor(source: FileLike | FileHandle, blockSize: number = fileBlock) {
    if (!Number.isSafeInteger(blockSize) || blockSize < 1)
      throw new RangeError(`a block size is a positive integer: ${blockSize}`)
    if (!isSource(source)) throw new TypeError('wsgi.file_wrapper takes a path, a FileHandle, a stream or an iterable of bytes')
    // A stream that fails before anybody reads it tells the reader later; nobody listening would end the process.
    if (isStream(source)) source.on('error', () => undefined)
    this.#source = source
    this.blockSize = blockSize
  }

  /**
   * The path or handle, for a server to send; it is the taker's to close from now on. Undefined, and nothing changes, where
   * the source is a stream or iterable, or something of the body was asked for already.
   */
  take(): string | FileHandle | undefined {
    const source = this.#source
    if (this.#state !== 'untouched' || !(typeof source === 'string' || isHandle(source))) return undefined
    this.#state = 'taken'
    return source
  }

  /**
   * In place of all of the file: the parts that are to be sent. The handle is the taker's to close from now on.
   * @param _length bytes that the answer was said to have; parts of another length are not given
   */
  takeParts(_length: number | undefined): FileParts | undefined {
    return undefined
  }

  /** @throws {TypeError} the second time: the bytes are there once */
  [Symbol.asyncIterator](): AsyncIterator<Bytes> {
    if (this.#state !== 'untouched') throw new TypeError(`the file wrapper is ${this.#state} already`)
    this.#state = 'iterated'
    this.#iterator = this.#blocks()
    return this.#iterator
  }

  /** Closes what is wrapped, read or not, and ends an iteration that is under way. Safe to call twice. */
  async close(): Promise<void> {
    const state = this.#state
    if (state === 'closed' || state === 'taken') return
    this.#state = 'closed'
    const source = this.#source
    // A stream first: its pending read would keep return() waiting.
    if (isStream(source)) source.destroy()
    if (this.#iterator?.return !== undefined) await this.#iterator.return()
    if (isHandle(source)) await source.close()
    else if (isClosable(source)) await source.close()
    await this.#opened?.close()
  }

  async *#blocks(): AsyncGenerator<Bytes, void, undefined> {
    const source = this.#source
    if (typeof source === 'string') {
      this.#opened = await open(source)
      yield* readBlocks(this.#opened, this.blockSize)
    } else if (isHandle(source)) yield* readBlocks(source, this.blockSize)
    else {
      for await (const block of source) {
        if (!(block instanceof Uint8Array)) throw new TypeError(`a file gives bytes, not ${typeof block}`)
        yield block
      }
    }
  }
}

/** `wsgi.file_wrapper` of the environ. */
export function fileWrapper(source: FileLike | FileHandle, blockSize?: number): WSGIBody {
  return new FileWrapper(source, blockSize)
}

/**
 * Sends an untouched wrapper of a path or handle by {@link sendFile}; null where there is none to take, so that the body is
 * to be iterated like any other.
 *
 * The application's status and fields go out as they are. Ranges and conditions are answered, and an entity tag made, only
 * where that cannot contradict it: status 200, and no `Content-Length`, `Content-Range` or `Content-Encoding` of its own.
 * No `Last-Modified` and no `Content-Type` are made up: by a date caches would guess how long they may keep what is not
 * said to be theirs. With a `Content-Length` just as many bytes are sent (PEP 3333).
 * @throws as sendFile(): a RangeError for a file that is shorter than the `Content-Length`
 */
export function sendWrapped(
  exchange: Exchange,
  wrapper: FileWrapper,
  answer: { readonly status: string; readonly fields: Fields }
): Promise<void> | null {
  const length = answer.fields.find(([name]) => name.toLowerCase() === 'content-length')?.[1]
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return null
  const parts = wrapper.takeParts(length === undefined ? undefined : Number(length))
  if (parts !== undefined) return sendParts(exchange, parts, answer)
  const file = wrapper.take()
  if (file === undefined) return null
  const free = !answer.fields.some(([name]) => /^content-(?:length|range|encoding)$/i.test(name))
  const options: SendFileOptions = {
    status: answer.status,
    fields: answer.fields,
    type: null,
    lastModified: null,
    conditions: free && answer.status.startsWith('200 ') ? 'answer' : 'ignore',
    ...(length === undefined ? {} : { end: Number(length) })
  }
  // Loaded with the first file: a server that sends none starts without.
  return import('./file-response.ts').then(({ sendFile }) => sendFile(exchange, file, options))
}

/** The head has said what there is to say. */
async function sendParts(
  exchange: Exchange, { handle, segments }: FileParts, { status, fields }: { readonly status: string; readonly fields: Fields },
): Promise<void> {
  try {
    const { sendSegments } = await import('./file-segments.ts')
    if (exchange.closed) return
    await sendSegments(exchange, status, fields.filter(([name]) => name.toLowerCase() !== 'content-length'), handle, segments)
  } finally {
    await handle.close()
  }
}

async function* readBlocks(handle: FileHandle, blockSize: number): AsyncGenerator<Bytes, void, undefined> {
  for (let at = 0; ;) {
    const buffer = Buffer.allocUnsafe(blockSize)
    const { bytesRead } = await handle.read(buffer, 0, blockSize, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

function isHandle(source: unknown): source is FileHandle {
  return typeof source === 'object' && source !== null && 'fd' in source && 'read' in source && 'stat' in source
}

function isStream(source: object | string): source is Readable {
  return (
    typeof source === 'object' &&
    Symbol.asyncIterator in source &&
    'destroy' in source &&
    typeof source.destroy === 'function' &&
    'on' in source &&
    typeof source.on === 'function'
  )
}

function isClosable(source: object | string): source is { close(): unknown } {
  return typeof source === 'object' && 'close' in source && typeof source.close === 'function' && !isStream(source)
}

function isSource(source: unknown): source is FileLike | FileHandle {
  if (typeof source === 'string' || isHandle(source)) return true
  return typeof source === 'object' && source !== null && (Symbol.asyncIterator in source || Symbol.iterator in source)
}
