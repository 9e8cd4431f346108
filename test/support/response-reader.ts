/**
 * Reads responses out of bytes, for tests: strict, so that what a lenient client would forgive fails a test
 * (RFC 9112 sections 4 to 7). It shares no code with the server on purpose: a mistake would be made on both sides.
 */

export interface RawResponse {
  readonly version: '1.0' | '1.1'
  readonly status: number
  readonly reason: string
  /** As received, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
  /** Field lines of the trailer section. */
  readonly trailers: readonly (readonly [name: string, value: string])[]
  /** How the end of the body was told. */
  readonly framing: 'none' | 'length' | 'chunked' | 'close'
  /** Sizes of the chunks, for tests of when the server sends. */
  readonly chunks: readonly number[]
  /** Status line and field section with the empty line, as received. */
  readonly head: string
  /** The bytes that the whole response took. */
  readonly size: number
}

export interface ReadOptions {
  /** Of the request that is answered: an answer to HEAD has no body, nor has a 2xx to CONNECT. Default `GET`. */
  readonly method?: string
  /** True when no byte can follow: what is cut short is then an error, and a body without framing is at its end. */
  readonly ended?: boolean
}

/** The bytes break the protocol, or end too early. */
export class BadResponse extends Error {
  override readonly name: string = 'BadResponse'
}

/** The first response in the bytes; null while it is not complete. Throws a {@link BadResponse}. */
export function readResponse(bytes: Buffer, options: ReadOptions = {}): RawResponse | null {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return unfinished(bytes, options, 'head')
  const head = bytes.toString('latin1', 0, headEnd + 4)
  const [statusLine = '', ...lines] = head.slice(0, -4).split('\r\n')
  const match = /^HTTP\/(1\.[01]) ([1-5]\d\d) ([\t\x20-\x7e\x80-\xff]*)$/.exec(statusLine)
  if (!match) throw new BadResponse(`status line ${JSON.stringify(statusLine)}`)
  const status = Number(match[2])
  const fields = lines.map(readField)
  const start = { version: match[1] as '1.0' | '1.1', status, reason: match[3] as string, fields, head }
  const whole = readBody(bytes, headEnd + 4, framingOf(status, fields, options.method ?? 'GET'), options)
  return whole === null ? null : { ...start, ...whole }
}

/** Every value of a field, by its name in any case. */
export function valuesOf(response: Pick<RawResponse, 'fields'>, name: string): string[] {
  return valuesIn(response.fields, name)
}

type Body = Pick<RawResponse, 'body' | 'trailers' | 'framing' | 'chunks' | 'size'>
type Framing = { kind: 'none' } | { kind: 'length', length: number } | { kind: 'chunked' } | { kind: 'close' }

function valuesIn(fields: RawResponse['fields'], name: string): string[] {
  return fields.filter(([n]) => n.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
}

function readField(line: string): [string, string] {
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*((?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)[\t ]*$/.exec(line)
  if (!match) throw new BadResponse(`field line ${JSON.stringify(line)}`)
  return [match[1] as string, match[2] as string]
}

/** RFC 9112 section 6.3, from the client's side. */
function framingOf(status: number, fields: RawResponse['fields'], method: string): Framing {
  const lengths = valuesIn(fields, 'content-length')
  const codings = valuesIn(fields, 'transfer-encoding')
  if (lengths.length > 1 || codings.length > 1) throw new BadResponse('repeated framing field')
  if (lengths.length && codings.length) throw new BadResponse('Content-Length and Transfer-Encoding')
  const bodiless = status < 200 || status === 204
  if (bodiless && lengths.length + codings.length) throw new BadResponse(`framing field in a ${status}`)
  if (lengths.length && !/^\d+$/.test(lengths[0] as string)) throw new BadResponse(`Content-Length ${lengths[0]}`)
  if (codings.length && codings[0] !== 'chunked') throw new BadResponse(`Transfer-Encoding ${codings[0]}`)
  if (bodiless || status === 304 || method === 'HEAD' || (method === 'CONNECT' && status < 300)) return { kind: 'none' }
  if (codings.length) return { kind: 'chunked' }
  return lengths.length ? { kind: 'length', length: Number(lengths[0]) } : { kind: 'close' }
}

function readBody(bytes: Buffer, from: number, framing: Framing, options: ReadOptions): Body | null {
  switch (framing.kind) {
    case 'none': return body(bytes.subarray(from, from), 'none', from)
    case 'length': {
      const to = from + framing.length
      return bytes.length < to ? unfinished(bytes, options, 'body') : body(bytes.subarray(from, to), 'length', to)
    }
    case 'chunked': return readChunked(bytes, from, options)
    case 'close': return options.ended ? body(bytes.subarray(from), 'close', bytes.length) : null
  }
}

function readChunked(bytes: Buffer, from: number, options: ReadOptions): Body | null {
  const pieces: Buffer[] = []
  for (let at = from; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return unfinished(bytes, options, 'chunk line')
    const line = bytes.toString('latin1', at, lineEnd)
    if (!/^[0-9A-Fa-f]+$/.test(line)) throw new BadResponse(`chunk line ${JSON.stringify(line)}`)
    const size = Number.parseInt(line, 16)
    at = lineEnd + 2
    if (size === 0) return readTrailers(bytes, at, pieces, options)
    if (bytes.length < at + size + 2) return unfinished(bytes, options, 'chunk')
    if (bytes.toString('latin1', at + size, at + size + 2) !== '\r\n') throw new BadResponse('no CRLF behind a chunk')
    pieces.push(bytes.subarray(at, at + size))
    at += size + 2
  }
}

function readTrailers(bytes: Buffer, from: number, pieces: Buffer[], options: ReadOptions): Body | null {
  const none = bytes.toString('latin1', from, from + 2) === '\r\n'
  const end = none ? from : bytes.indexOf('\r\n\r\n', from)
  if (end < 0) return unfinished(bytes, options, 'trailer section')
  const lines = none ? [] : bytes.toString('latin1', from, end).split('\r\n')
  const size = none ? from + 2 : end + 4
  return { ...body(Buffer.concat(pieces), 'chunked', size), trailers: lines.map(readField), chunks: pieces.map((p) => p.length) }
}

function body(bytes: Buffer, framing: RawResponse['framing'], size: number): Body {
  return { body: Buffer.from(bytes), framing, size, trailers: [], chunks: [] }
}

function unfinished(bytes: Buffer, options: ReadOptions, part: string): null {
  if (!options.ended) return null
  const seen = bytes.length > 200 ? `...${bytes.toString('latin1', bytes.length - 200)}` : bytes.toString('latin1')
  throw new BadResponse(`the connection ended within the ${part}: ${JSON.stringify(seen)}`)
}
