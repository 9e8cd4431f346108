/**
 * Valid requests for property-based tests: bytes, and what a reader must make of them, made side by side from the grammar
 * (RFC 9110, RFC 9112), so that the expectation owes nothing to the parser.
 */
import fc from 'fast-check'
import type { ReadMessage } from './request-cases.ts'

export interface GeneratedRequest {
  readonly bytes: Buffer
  readonly message: ReadMessage
}

interface Line {
  readonly name: string
  readonly value: string
  readonly text: string
}
interface Body {
  readonly lines: Line[]
  readonly length: number | null
  readonly data: string
  readonly trailers: string[]
  readonly wire: string
}
interface Target {
  readonly method: string
  readonly text: string
  readonly path: string
  readonly query: string
  readonly authority: string | null
}

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i))
const visible = range(0x21, 0x7e)
const tchars = [..."!#$%&'*+-.^`|~", ...range(0x30, 0x39), ...range(0x41, 0x5a), ...range(0x61, 0x7a)]
const text = (characters: readonly string[], minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...characters), { minLength, maxLength }).map((parts) => parts.join(''))
const blank: fc.Arbitrary<string> = fc.constantFrom('', '', ' ', ' ', '\t', ' \t ')
const token = (maxLength: number): fc.Arbitrary<string> => text(tchars, 1, maxLength)
const trim = (value: string): string => value.replace(/^[ \t]+|[ \t]+$/g, '')

/** A word with the case of each letter chosen anew. */
const anyCase = (word: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: word.length, maxLength: word.length })
    .map((upper) => [...word].map((letter, i) => (upper[i] ? letter.toUpperCase() : letter.toLowerCase())).join(''))

// Lines ---------------------------------------------------------------------------------------------------------------------------

const line = (name: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<Line> =>
  fc
    .tuple(name, value, blank, blank)
    .map(([name, value, before, behind]) => ({ name, value, text: `${name}:${before}${value}${behind}\r\n` }))

const special = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'expect', 'upgrade', 'proxy'])
const plainName = fc.oneof(
  token(20).filter((name) => !special.has(name.toLowerCase())),
  fc.constantFrom('User-Agent', 'cookie', 'X-Forwarded-For', 'TE', 'Trailer', 'Keep-Alive', 'constructor', 'prototype'),
)
const value = text([...visible, ...range(0x80, 0xff), ' ', ' ', '\t'], 0, 40).map(trim)
const plainLine = line(plainName, value)
/** Shown to nobody: an underscore, or Proxy. */
const droppedLine = line(
  fc.oneof(
    fc.tuple(token(5), token(5)).map(([a, b]) => `${a}_${b}`),
    anyCase('Proxy'),
  ),
  value,
)

const isDropped = ({ name }: Line): boolean => name.includes('_') || name.toLowerCase() === 'proxy'
const flat = (lines: readonly Line[]): string[] =>
  lines.filter((line) => !isDropped(line)).flatMap(({ name, value }) => [name, value])

// Request lines -------------------------------------------------------------------------------------------------------------------

const port = fc.oneof(
  fc.constant(''),
  fc.constant(':'),
  fc.integer({ min: 0, max: 65535 }).map((n) => `:${n}`),
)
const hostName = fc.oneof(
  text([..."abcXYZ019-._~!$&'()*+,;="], 1, 12),
  fc.ipV4(),
  fc
    .ipV6()
    .filter((address) => !address.includes('.'))
    .map((address) => `[${address}]`),
  fc.constantFrom('a%20b', '[::ffff:192.0.2.1]', '[v1.a:b]'),
)
const host = fc.tuple(hostName, port).map((parts) => parts.join(''))
const hostField = fc.oneof({ weight: 9, arbitrary: host }, { weight: 1, arbitrary: fc.constant('') })

const method = fc.oneof(
  fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'get', 'M-SEARCH', 'QUERY'),
  token(64).filter((name) => name !== 'CONNECT'),
)
const inTarget = visible.filter((character) => character !== '#')
const inPath = inTarget.filter((character) => character !== '?')
const query = fc.option(text(inTarget, 0, 20), { nil: null })
const withQuery = (path: string, query: string | null): string => (query === null ? path : `${path}?${query}`)

const originForm = fc
  .tuple(method, text(inPath, 0, 30), query)
  .map(([method, rest, query]): Target => ({
    method,
    text: withQuery(`/${rest}`, query),
    path: `/${rest}`,
    query: query ?? '',
    authority: null,
  }))
const absoluteForm = fc
  .tuple(method, fc.oneof(anyCase('http'), anyCase('https')), host, fc.option(text(inPath, 0, 20), { nil: null }), query)
  .map(([method, scheme, authority, rest, query]): Target => {
    const path = rest === null ? '' : `/${rest}`
    const whole = path === '' && query === null && method === 'OPTIONS'
    return {
      method,
      text: withQuery(`${scheme}://${authority}${path}`, query),
      path: whole ? '*' : path || '/',
      query: query ?? '',
      authority,
    }
  })
const asteriskForm = fc.constant<Target>({ method: 'OPTIONS', text: '*', path: '*', query: '', authority: null })
const authorityForm = fc
  .tuple(hostName, fc.integer({ min: 0, max: 65535 }))
  .map(([name, port]): Target => ({
    method: 'CONNECT',
    text: `${name}:${port}`,
    path: '',
    query: '',
    authority: `${name}:${port}`,
  }))
const target = fc.oneof(
  { weight: 12, arbitrary: originForm },
  { weight: 4, arbitrary: absoluteForm },
  { weight: 1, arbitrary: asteriskForm },
  { weight: 1, arbitrary: authorityForm },
)

const wireVersion = fc.oneof(
  { weight: 8, arbitrary: fc.constant('1.1') },
  { weight: 2, arbitrary: fc.constant('1.0') },
  { weight: 1, arbitrary: fc.constantFrom('1.2', '1.9') },
)

// Bodies --------------------------------------------------------------------------------------------------------------------------

const bytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
const telling = fc.constantFrom('0\r\n\r\n', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', '\r\n', '\r\n0\r\n')
const content = fc.oneof(bytes, telling)

const lengthBody = fc
  .tuple(content, anyCase('Content-Length'), fc.constantFrom('', '0', '000'))
  .chain(([data, name, zeros]) =>
    line(fc.constant(name), fc.constant(`${zeros}${data.length}`)).map((line): Body => ({
      lines: [line],
      length: data.length,
      data,
      trailers: [],
      wire: data,
    })),
  )

const quoted = text([...visible.filter((c) => c !== '"' && c !== '\\'), ' ', '\t', '\xe4', '\\"', '\\\\'], 0, 8).map(
  (inner) => `"${inner}"`,
)
const extension = fc
  .tuple(token(6), fc.option(fc.oneof(token(6), quoted), { nil: null }))
  .map(([name, value]) => (value === null ? `;${name}` : `;${name}=${value}`))
const extensions = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.array(extension, { maxLength: 3 }).map((all) => all.join('')) },
)
const size = (length: number): fc.Arbitrary<string> =>
  fc.tuple(anyCase(length.toString(16)), fc.constantFrom('', '', '0', '0000')).map(([digits, zeros]) => zeros + digits)
const chunk = content
  .filter((data) => data !== '')
  .chain((data) =>
    fc.tuple(size(data.length), extensions).map(([size, extensions]) => ({ data, wire: `${size}${extensions}\r\n${data}\r\n` })),
  )

/** Not merged from trailers whatever they say (RFC 9110 section 6.5.1). */
const forbiddenTrailer = line(
  fc.constantFrom('Content-Length', 'transfer-encoding', 'HOST', 'Authorization', 'Cookie', 'Connection', 'Expect'),
  value,
)
const notInTrailers = new Set([
  'te',
  'trailer',
  'cookie',
  'content-encoding',
  'content-type',
  'content-range',
  'set-cookie',
  'authorization',
  'cache-control',
])
const trailer = plainLine.filter(({ name }) => !notInTrailers.has(name.toLowerCase()))
const trailerLines = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.oneof(
        trailer.map((line) => ({ line, kept: true })),
        fc.oneof(forbiddenTrailer, droppedLine).map((line) => ({ line, kept: false })),
      ),
      { maxLength: 4 },
    ),
  },
)

const chunkedBody = fc
  .tuple(
    fc.array(chunk, { maxLength: 4 }),
    size(0),
    extensions,
    trailerLines,
    line(anyCase('Transfer-Encoding'), anyCase('chunked')),
  )
  .map(([chunks, last, extensions, trailers, line]): Body => ({
    lines: [line],
    length: null,
    data: chunks.map(({ data }) => data).join(''),
    trailers: flat(trailers.filter(({ kept }) => kept).map(({ line }) => line)),
    wire: `${chunks.map(({ wire }) => wire).join('')}${last}${extensions}\r\n${trailers.map(({ line }) => line.text).join('')}\r\n`,
  }))

const noBody: Body = { lines: [], length: 0, data: '', trailers: [], wire: '' }

// Requests ------------------------------------------------------------------------------------------------------------------------

const option = fc.oneof(
  anyCase('close'),
  anyCase('keep-alive'),
  anyCase('upgrade'),
  fc.constantFrom('x-option', 'closed', '', 'te'),
)
const connectionLine = fc.array(option, { minLength: 1, maxLength: 3 }).chain((options) =>
  line(
    anyCase('Connection'),
    fc.constantFrom(',', ', ', ' ,\t').map((comma) => trim(options.join(comma))),
  ),
)
const upgradeLine = line(anyCase('Upgrade'), fc.constantFrom('websocket', 'h2c', 'a/1, b/2'))
const some = <T>(arbitrary: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<T[]> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant<T[]>([]) }, { weight: 1, arbitrary: fc.array(arbitrary, { maxLength }) })

const expectLine = line(anyCase('Expect'), anyCase('100-continue'))

/** RFC 9112 section 9.3, from the field lines. */
function tokensOf(lines: readonly Line[], name: string): string[] {
  return lines.filter((line) => line.name.toLowerCase() === name).flatMap(({ value }) => value.toLowerCase().split(',').map(trim))
}

interface Parts {
  readonly target: Target
  readonly wireVersion: string
  readonly lines: readonly Line[]
  readonly body: Body
  readonly emptyLines: number
}

function generated({ target, wireVersion, lines, body, emptyLines }: Parts): GeneratedRequest {
  const version = wireVersion === '1.0' ? '1.0' : '1.1'
  const values = (name: string): string[] => lines.filter((line) => line.name.toLowerCase() === name).map(({ value }) => value)
  const options = tokensOf(lines, 'connection')
  const message: ReadMessage = {
    method: target.method,
    target: target.text,
    version,
    path: target.path,
    query: target.query,
    authority: target.authority ?? values('host')[0] ?? '',
    fields: flat(lines),
    persistent: !options.includes('close') && (version === '1.1' || options.includes('keep-alive')),
    expectsContinue: version === '1.1' && values('expect').length > 0 && body.length !== 0,
    upgrade: version === '1.1' && options.includes('upgrade') ? values('upgrade').join(', ') : '',
    length: body.length,
    data: body.data,
    trailers: body.trailers,
    ended: true,
  }
  const head = `${'\r\n'.repeat(emptyLines)}${target.method} ${target.text} HTTP/${wireVersion}\r\n${lines.map(({ text }) => text).join('')}\r\n`
  return { message, bytes: Buffer.from(head + body.wire, 'latin1') }
}

/** Any valid request: every form of target, every framing, within the default limits. */
export const generatedRequest: fc.Arbitrary<GeneratedRequest> = fc.tuple(target, wireVersion).chain(([target, wireVersion]) => {
  const body =
    wireVersion === '1.0' ? fc.oneof(fc.constant(noBody), lengthBody) : fc.oneof(fc.constant(noBody), lengthBody, chunkedBody)
  const hostLine = line(anyCase('Host'), hostField).map((line) => [line])
  const host = wireVersion === '1.0' ? fc.oneof(fc.constant<Line[]>([]), hostLine) : hostLine
  const expect = fc.oneof(
    { weight: 5, arbitrary: fc.constant<Line[]>([]) },
    { weight: 1, arbitrary: expectLine.map((line) => [line]) },
  )
  const others = fc
    .tuple(some(plainLine, 6), some(droppedLine, 2), some(connectionLine, 2), some(upgradeLine, 2), expect)
    .map((lists) => lists.flat())
  return fc.tuple(host, others, body, fc.constantFrom(0, 0, 0, 0, 1, 8)).chain(([host, others, body, emptyLines]) => {
    const all = [...host, ...others, ...body.lines]
    return fc
      .shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
      .map((lines) => generated({ target, wireVersion, lines, body, emptyLines }))
  })
})

/** Bytes in pieces, at any cuts. */
export function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const edges = [0, ...cuts.map((cut) => (bytes.length === 0 ? 0 : cut % bytes.length)).sort((a, b) => a - b), bytes.length]
  return edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge))
}
