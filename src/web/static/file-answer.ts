/** The answer with a file: in which coding, whole or in parts, or that the client has it already. */
import type { Fields } from '../../gateway/exchange.ts'
import { lengthOf, type Segment } from '../../gateway/segment-reader.ts'
import { byterangesType, multipartSegments } from '../../gateway/multipart-byteranges.ts'
import type { Environ } from '../../gateway/wsgi.ts'
import { formatHttpDate } from '../../http/dates.ts'
import { evaluatePreconditions, rangeCounts, type ConditionalRequest } from '../../http/preconditions.ts'
import { contentRange, parseRange, unsatisfiedRange, type ByteRange } from '../../http/ranges.ts'
import { HttpError } from '../http-error.ts'
import { chosenCoding, type ContentCoding } from '../middleware/content-coding.ts'
import { conditionLines } from '../response-conditions.ts'
import { ResponseHeaders } from '../response-headers.ts'
import { WsgiResponse } from '../response.ts'
import { FileBody, segmentsOf } from './file-body.ts'
import type { ServedFile } from './file-store.ts'
import { cacheControlOf, type FileOptions } from './static-options.ts'
import { openFile, type StoredFile } from './stored-file.ts'

/** One of the files that stand for a resource, and what is said of it. */
interface Variant {
  readonly file: StoredFile
  readonly type: string
  readonly fields: Fields
}

/** By variant of a file, as long as the file is known. */
const variants = new WeakMap<StoredFile, Variant>()

/**
 * The answer to GET or HEAD; undefined where the file is another by now, and is to be looked up again.
 * @throws {HttpError} 412 and 416
 */
export function fileAnswer(environ: Environ, served: ServedFile, options: FileOptions): WsgiResponse | Promise<WsgiResponse | undefined> {
  const coding = chosenCoding(environ['HTTP_ACCEPT_ENCODING'], served.codings)
  const variant = variantOf(served, coding, options)
  const { file } = variant
  if (isConditional(environ)) {
    const request = conditionalRequest(environ)
    const verdict = evaluatePreconditions(request, file.validators)
    if (verdict === 'failed') throw new HttpError(412)
    if (verdict === 'not-modified') return new WsgiResponse({ status: 304, headers: notModified(variant.fields) })
    const range = environ['HTTP_RANGE']
    if (typeof range === 'string' && rangeCounts(request, file.validators)) {
      const asked = parseRange(range, file.size)
      if (asked.kind === 'unsatisfiable') throw new HttpError(416, undefined, { headers: [['Content-Range', unsatisfiedRange(file.size)]] })
      if (asked.kind === 'ranges') return partsAnswer(variant, asked.ranges)
    }
  }
  return wholeAnswer(environ, variant, 200)
}

/** The whole file with a status of one's own, whatever is asked for. */
export function fixedAnswer(environ: Environ, served: ServedFile, options: FileOptions, status: number): WsgiResponse | Promise<WsgiResponse | undefined> {
  const coding = chosenCoding(environ['HTTP_ACCEPT_ENCODING'], served.codings)
  const { file, type, fields } = variantOf(served, coding, options)
  const own = new Set(['etag', 'last-modified', 'accept-ranges'])
  return wholeAnswer(environ, { file, type, fields: fields.filter(([name]) => !own.has(name.toLowerCase())) }, status)
}

function wholeAnswer(environ: Environ, variant: Variant, status: number): WsgiResponse | Promise<WsgiResponse | undefined> {
  const { file, fields } = variant
  if (file.bytes !== undefined) return new WsgiResponse({ status, headers: fields, content: file.bytes })
  const headers: Fields = [...fields, ['Content-Length', String(file.size)]]
  if (environ.REQUEST_METHOD === 'HEAD') return new WsgiResponse({ status, headers })
  return openFile(file).then((handle) => handle && new WsgiResponse({ status, headers, content: new FileBody(handle, [{ from: 0, to: file.size }]) }))
}

/** RFC 9110 section 15.3.7. */
function partsAnswer(variant: Variant, ranges: readonly [ByteRange, ...ByteRange[]]): WsgiResponse | Promise<WsgiResponse | undefined> {
  const { file, type, fields } = variant
  const [first] = ranges
  if (ranges.length === 1) {
    const headers: Fields = [...fields, ['Content-Range', contentRange(first, file.size)]]
    return segmentsAnswer(file, headers, [{ from: first.start, to: first.end + 1 }])
  }
  const { boundary, segments } = multipartSegments(ranges, { start: 0, size: file.size, type })
  const headers = fields.map(([name, value]) => (name === 'Content-Type' ? [name, byterangesType(boundary)] as const : [name, value] as const))
  return segmentsAnswer(file, headers, segments)
}

function segmentsAnswer(file: StoredFile, headers: Fields, segments: readonly Segment[]): WsgiResponse | Promise<WsgiResponse | undefined> {
  if (file.bytes !== undefined) return new WsgiResponse({ status: 206, headers, content: segmentsOf(file.bytes, segments) })
  const framed: Fields = [...headers, ['Content-Length', String(lengthOf(segments))]]
  return openFile(file).then((handle) =>
    handle && new WsgiResponse({ status: 206, headers: framed, content: new FileBody(handle, segments) }))
}

function variantOf(served: ServedFile, coding: ContentCoding | undefined, options: FileOptions): Variant {
  const file = coding === undefined ? served.plain : served.packed.get(coding) as StoredFile
  const known = variants.get(file)
  if (known !== undefined) return known
  const variant = { file, type: served.type, fields: fieldsOf(served, file, coding, options) }
  variants.set(file, variant)
  return variant
}

function fieldsOf(served: ServedFile, file: StoredFile, coding: ContentCoding | undefined, options: FileOptions): Fields {
  const { etag, lastModified } = file.validators
  const cacheControl = cacheControlOf(served.path, options)
  const headers = new ResponseHeaders([
    ['Content-Type', served.type], ['ETag', etag], ['Last-Modified', formatHttpDate(lastModified)], ['Accept-Ranges', 'bytes'],
    // The type is what the name says, and no guess of a browser's (Fetch standard, "X-Content-Type-Options").
    ['X-Content-Type-Options', 'nosniff'],
  ])
  if (cacheControl !== '') headers.set('Cache-Control', cacheControl)
  if (coding !== undefined) headers.set('Content-Encoding', coding)
  if (served.codings.length > 0) headers.vary('Accept-Encoding')
  if (options.headers !== undefined) headers.update(options.headers)
  return headers.toFields()
}

/** RFC 9110 section 15.4.5: what updates a stored answer. */
function notModified(fields: Fields): Fields {
  return fields.filter(([name]) => !/^(?:content-.*|last-modified|accept-ranges|x-content-type-options)$/i.test(name))
}

function isConditional(environ: Environ): boolean {
  return environ['HTTP_IF_NONE_MATCH'] !== undefined || environ['HTTP_IF_MODIFIED_SINCE'] !== undefined || environ['HTTP_RANGE'] !== undefined ||
    environ['HTTP_IF_MATCH'] !== undefined || environ['HTTP_IF_UNMODIFIED_SINCE'] !== undefined
}

function conditionalRequest(environ: Environ): ConditionalRequest {
  const fields = conditionLines(environ)
  for (const [name, key] of [['range', 'HTTP_RANGE'], ['if-range', 'HTTP_IF_RANGE']] as const) {
    const value = environ[key]
    if (typeof value === 'string') fields.push(name, value)
  }
  return { method: environ.REQUEST_METHOD, fields, now: Date.now() }
}
