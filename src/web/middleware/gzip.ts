import type { Environ } from '../../gateway/wsgi.ts'
import type { WsgiResponse } from '../response.ts'
import { codec, defaultLevels, isAvailable, type Levels } from './codecs.ts'
import { compressedBody } from './compressed-body.ts'
import { isCompressible } from './compressible-types.ts'
import { chosenCoding, type ContentCoding } from './content-coding.ts'
import { ResponseMiddlewareBase } from './response-middleware.ts'

export interface GZipOptions {
  /** Bytes: shorter content is sent as it is; default 1024, below which little is won. A stream has no length, and is packed. */
  readonly minLength?: number
  /** What to use, most wanted first: the client's own preference counts more. Default zstd, brotli, gzip. */
  readonly codings?: readonly ContentCoding[]
  /** How hard each tries. */
  readonly levels?: Partial<Levels>
  /** Whether a media type is worth it; default: text and the like. */
  readonly types?: (contentType: string) => boolean
}

/** Longer content is packed in another thread. */
const shortContent = 16384
const all: readonly ContentCoding[] = ['zstd', 'br', 'gzip']

/**
 * Compresses answers (RFC 9110 section 8.4.1) as the client asks by Accept-Encoding, with gzip, brotli, or zstd where this
 * Node has it. An answer that could have been compressed says so by Vary, and its entity tag is a weak one then: the bytes
 * differ, what they say does not.
 *
 * Not for answers that hold a secret beside text that the client chose: the length tells what they share (BREACH).
 */
export class GZipMiddleware extends ResponseMiddlewareBase {
  readonly #minLength: number
  readonly #codings: readonly ContentCoding[]
  readonly #levels: Levels
  readonly #types: (contentType: string) => boolean

  constructor(options: GZipOptions = {}) {
    super()
    this.#minLength = options.minLength ?? 1024
    this.#codings = (options.codings ?? all).filter(isAvailable)
    this.#levels = { ...defaultLevels, ...options.levels }
    this.#types = options.types ?? isCompressible
  }

  /** An answer with content that is worth it, is not a part, and may be changed. */
  override available(_environ: Environ, response: WsgiResponse): boolean {
    const { status, content } = response
    if (status < 200 || status === 204 || status === 205 || status === 206 || status === 304) return false
    if (content === undefined || content === null) return false
    if (!this.#types(response.contentType ?? sentType(response) ?? '')) return false
    const { headers } = response
    if (headers.has('Content-Encoding') || headers.has('Content-Range')) return false
    // RFC 9110 section 7.7: no-transform forbids it.
    if (/(?:^|[,\s])no-transform(?:$|[,\s])/i.test(headers.get('Cache-Control') ?? '')) return false
    return announcedLength(response) >= this.#minLength
  }

  override execute(environ: Environ, response: WsgiResponse): WsgiResponse | undefined | Promise<WsgiResponse> {
    response.headers.vary('Accept-Encoding')
    const coding = chosenCoding(environ['HTTP_ACCEPT_ENCODING'], this.#codings)
    if (coding === undefined) return undefined
    const { headers } = response
    const etag = headers.get('ETag')
    if (etag?.startsWith('"') === true) headers.set('ETag', `W/${etag}`)
    // What is sent in its place is bytes, of which nobody would know the type and the charset any more.
    response.contentType = sentType(response)
    headers.set('Content-Encoding', coding)
    headers.delete('Content-Length')
    headers.delete('Accept-Ranges')
    return this.#pack(response, coding)
  }

  #pack(response: WsgiResponse, coding: ContentCoding): WsgiResponse | Promise<WsgiResponse> {
    const packer = codec(coding, this.#levels)
    const bytes = response.bytes()
    if (bytes === undefined) {
      response.content = compressedBody(response.blocks(), packer.stream())
      return response
    }
    if (bytes.length > shortContent) return packer.all(bytes).then((packed) => withContent(response, packed))
    return withContent(response, packer.allNow(bytes))
  }
}

function sentType(response: WsgiResponse): string | undefined {
  return response.toFields().find(([name]) => name.toLowerCase() === 'content-type')?.[1]
}

function withContent(response: WsgiResponse, packed: Buffer): WsgiResponse {
  response.content = packed
  return response
}

/** Of a stream, what its Content-Length says; infinite without one. */
function announcedLength(response: WsgiResponse): number {
  const declared = response.headers.get('Content-Length')
  return response.length() ?? (declared === undefined ? Infinity : Number(declared))
}
