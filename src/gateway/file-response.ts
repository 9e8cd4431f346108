/** A file as an answer: ranges, conditions, validators, and never more of it in memory than a block. */
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { combinedValue } from '../http/combined-value.ts'
import { formatHttpDate, parseHttpDate } from '../http/dates.ts'
import { mediaType, unknownType } from '../http/media-types.ts'
import { evaluatePreconditions, rangeCounts, type ConditionalRequest, type Validators } from '../http/preconditions.ts'
import { contentRange, parseRange, unsatisfiedRange, type ByteRange } from '../http/ranges.ts'
import { statusLine } from '../http/statuses.ts'
import { errorPage } from './error-page.ts'
import type { Exchange, Fields } from './exchange.ts'
import { fileEntityTag, type FileFacts } from './file-entity-tag.ts'
import { sendSegments, type Segment } from './file-segments.ts'
import { byterangesType, multipartSegments } from './multipart-byteranges.ts'

export interface SendFileOptions {
  /** The status of the answer with the whole file; `200 OK` without it. */
  readonly status?: string
  /** Fields of the application's own. What is there is not made up; only `Content-Length` is always the file's to say. */
  readonly fields?: Fields
  /** Content-Type; without it the one that the path's ending says, else `application/octet-stream`; null for none. */
  readonly type?: string | null
  /** The first byte of the file that belongs to the answer; 0 without it. */
  readonly start?: number
  /** One past the last byte that belongs to the answer; the end of the file without it. */
  readonly end?: number
  /** An entity tag, with its quotes, in place of the one made from the file's size, time and inode; null for none. */
  readonly etag?: string | null
  /** Milliseconds since 1970 in place of the file's own time; null for none. */
  readonly lastModified?: number | null
  /**
   * `answer`, the default: conditions and ranges are answered where the status is 200 and the method GET or HEAD.
   * `ignore`: the whole file goes out whatever the client asks for, and no validator is made up.
   */
  readonly conditions?: 'answer' | 'ignore'
}

/** The application's answer and what the file adds to it. */
interface Representation {
  readonly handle: FileHandle
  readonly start: number
  readonly size: number
  readonly type: string | undefined
  readonly fields: Fields
  readonly validators: Validators
}

/**
 * Answers with a regular file. A path is opened and closed here; a handle becomes this function's to close, whatever
 * happens. The path is used as given: what a URL may reach is for the caller to say.
 *
 * Resolves when the answer was handed over, or cut: the client went away, or the file shrank under it (`short-answer`).
 * @throws before anything of the answer is begun, so that the caller can make another: what the system says of a file that
 *   cannot be opened or read (`ENOENT`, `EACCES` ...), with code `EISDIR` for a directory and `EINVAL` for what is no regular
 *   file; a RangeError for a start or end that is no offset in the file; a TypeError for a status or field as Exchange.answer()
 */
export async function sendFile(exchange: Exchange, file: string | FileHandle, options: SendFileOptions = {}): Promise<void> {
  // Without O_NONBLOCK the opening of a FIFO would wait for its writer, in a thread that all of the process shares.
  const handle = typeof file === 'string' ? await open(file, constants.O_RDONLY | constants.O_NONBLOCK) : file
  try {
    const representation = await describe(handle, typeof file === 'string' ? file : '', options)
    if (exchange.closed) return
    if (options.conditions === 'ignore' || !conditional(exchange, options)) await sendWhole(exchange, representation, options)
    else await sendAsked(exchange, representation, options)
  } finally {
    await handle.close()
  }
}

async function describe(handle: FileHandle, path: string, options: SendFileOptions): Promise<Representation> {
  const stats = await handle.stat({ bigint: true })
  if (!stats.isFile()) {
    const code = stats.isDirectory() ? 'EISDIR' : 'EINVAL'
    throw Object.assign(new Error(`${code}: not a regular file${path === '' ? '' : `: ${path}`}`), { code })
  }
  const length = Number(stats.size)
  const { start = 0, end = length, fields = [], conditions = 'answer' } = options
  if (!(Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start && end <= length)) {
    throw new RangeError(`no part of a file of ${length} bytes: ${start} to ${end}`)
  }
  const size = end - start
  const made = conditions === 'ignore' ? {} : fileValidators(stats, start, size, options)
  const validators = { ...made, ...ownValidators(fields) }
  const guessed = options.type === undefined ? (mediaType(path) ?? unknownType) : (options.type ?? undefined)
  const type = fieldOf(fields, 'content-type') ?? guessed
  return { handle, start, size, type, fields, validators }
}

function fileValidators(
  stats: FileFacts,
  start: number,
  size: number,
  options: SendFileOptions
): Validators {
  const modified = options.lastModified === undefined ? Number(stats.mtimeNs / 1_000_000n) : options.lastModified
  const part = start === 0 && BigInt(size) === stats.size ? undefined : { start, size }
  const etag = options.etag === undefined ? fileEntityTag(stats, Date.now(), part) : options.etag
  // A time to come would be refused or mistaken by caches (RFC 9110 section 8.8.2.1).
  return {
    ...(etag === null ? {} : { etag }),
    ...(modified === null ? {} : { lastModified: Math.max(0, Math.min(modified, Date.now())) })
  }
}

/** Validators among the application's fields are the ones to go by. */
function ownValidators(fields: Fields): Validators {
  const etag = fieldOf(fields, 'etag')
  const date = fieldOf(fields, 'last-modified')
  const lastModified = date === undefined ? undefined : parseHttpDate(date)
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) }
}

/** RFC 9110 section 13.2.1: conditions count only where the answer without them would be a success; of GET and HEAD here. */
function conditional(exchange: Exchange, options: SendFileOptions): boolean {
  const { method } = exchange.head
  return (method === 'GET' || method === 'HEAD') && (options.status === undefined || options.status.startsWith('200 '))
}

async function sendAsked(exchange: Exchange, file: Representation, options: SendFileOptions): Promise<void> {
  const { head } = exchange
  const request: ConditionalRequest = { method: head.method, fields: head.fields, now: Date.now() }
  const verdict = evaluatePreconditions(request, file.validators)
  if (verdict === 'not-modified') return exchange.answer(statusLine(304), notModifiedFields(file))
  if (verdict === 'failed') return refuse(exchange, 412, [])
  if (!rangeCounts(request, file.validators)) return sendWhole(exchange, file, options)
  const asked = parseRange(combinedValue(head.fields, 'range') ?? '', file.size)
  if (asked.kind === 'ignored') return sendWhole(exchange, file, options)
  if (asked.kind === 'unsatisfiable') return refuse(exchange, 416, [['Content-Range', unsatisfiedRange(file.size)]])
  return sendParts(exchange, file, asked.ranges)
}

function sendWhole(exchange: Exchange, file: Representation, options: SendFileOptions): Promise<void> {
  const { status = '200 OK', conditions = 'answer' } = options
  const fields = representationFields(
    file,
    conditions === 'answer' && status.startsWith('200 ') ? [['Accept-Ranges', 'bytes']] : []
  )
  const whole = { from: file.start, to: file.start + file.size }
  return sendSegments(exchange, status, fields, file.handle, whole.from === whole.to ? [] : [whole])
}

function sendParts(exchange: Exchange, file: Representation, ranges: readonly [ByteRange, ...ByteRange[]]): Promise<void> {
  const [first] = ranges
  if (ranges.length === 1) {
    const fields = representationFields(file, [
      ['Content-Range', contentRange(first, file.size)],
      ['Accept-Ranges', 'bytes']
    ])
    const part: Segment = { from: file.start + first.start, to: file.start + first.end + 1 }
    return sendSegments(exchange, statusLine(206), fields, file.handle, [part])
  }
  const multipart = multipartSegments(ranges, file)
  const fields = representationFields({ ...file, type: byterangesType(multipart.boundary) }, [['Accept-Ranges', 'bytes']])
  return sendSegments(exchange, statusLine(206), fields, file.handle, multipart.segments)
}

/** The application's fields with those that it left open. Its Content-Type is in `file.type`, where a multipart has its own. */
function representationFields(file: Representation, more: Fields): Fields {
  const own = file.fields.filter(([name]) => !/^content-(?:type|length)$/i.test(name))
  const { etag, lastModified } = file.validators
  const made: [string, string][] = file.type === undefined ? [] : [['Content-Type', file.type]]
  if (etag !== undefined) made.push(['ETag', etag])
  if (lastModified !== undefined) made.push(['Last-Modified', formatHttpDate(lastModified)])
  for (const [name, value] of more) made.push([name, value])
  return [...made.filter(([name]) => fieldOf(own, name) === undefined), ...own]
}

/** RFC 9110 section 15.4.5: a 304 has what updates a stored answer, and nothing else that tells of the content. */
function notModifiedFields(file: Representation): Fields {
  const { etag } = file.validators
  return representationFields({ ...file, type: undefined }, []).filter(([field]) => {
    const name = field.toLowerCase()
    if (name === 'content-location') return true
    return !name.startsWith('content-') && (name !== 'last-modified' || etag === undefined)
  })
}

function refuse(exchange: Exchange, status: 412 | 416, more: Fields): void {
  const page = errorPage({ status, head: exchange.head })
  exchange.answer(statusLine(status), [...page.fields, ...more], page.body)
}

function fieldOf(fields: Fields, name: string): string | undefined {
  const wanted = name.toLowerCase()
  return fields.find(([candidate]) => candidate.toLowerCase() === wanted)?.[1]
}
