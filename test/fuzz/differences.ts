/**
 * Where we read requests in another way than node:http, and the rule that settles who is right: docs/conformance.md shows
 * this table. A row applies by evidence in the message, checked without the parser's help, so that a defect of ours finds no row.
 */
import { METHODS } from 'node:http'
import { isIPv6 } from 'node:net'
import type { Difference } from './comparison.ts'

export interface DifferenceRule {
  readonly name: string
  readonly ours: string
  readonly theirs: string
  /** What settles it. */
  readonly settled: string
  /** The version of llhttp since which node:http reads as we do; absent where it still differs. */
  readonly agreedSince?: string
  /** Bytes that show it, latin-1. */
  readonly example: string
  applies(difference: Difference): boolean
}

const registered = new Set(METHODS)
/** RFC 9110 section 7.2, RFC 3986 section 3.2.2, as one expression: a name or address, and a port. */
const authority =
  /^(?:\[([0-9A-Fa-f:.]+)\]|\[v[0-9A-Fa-f]+\.[^\]\s]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+)(?::(\d*))?$/
const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const quotedString = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"'
/** RFC 9112 section 7.1.1, without white space. */
const chunkLine = new RegExp(`^[0-9A-Fa-f]+(?:;${token}(?:=(?:${token}|${quotedString}))?)*\\r\\n$`)

const valuesOf = (fields: readonly string[], name: string): string[] =>
  fields.filter((_, i) => i % 2 === 1 && fields[i - 1]?.toLowerCase() === name).map((value) => value)
const theirs = (difference: Difference, name: string): string[] => valuesOf(difference.their?.fields ?? [], name)
const weRefuse = ({ what, ours }: Difference, cause: string): boolean => what === 'we refuse' && ours === cause
const weSay = ({ what, ours, theirs }: Difference, cause: string): boolean =>
  what === 'other status' && ours === cause && (theirs.startsWith('HPE_') || theirs === 'no Host')
const theyRefuse = ({ what, theirs }: Difference, ...codes: string[]): boolean =>
  what === 'they refuse' && codes.some((code) => theirs.startsWith(code))

const isAuthority = (text: string): boolean => {
  const match = authority.exec(text)
  return (
    match !== null &&
    (match[1] === undefined || isIPv6(match[1])) &&
    (match[2] === undefined || (/^\d{0,5}$/.test(match[2]) && Number(match[2]) <= 65535))
  )
}
const offersUpgrade = (message: Difference['our']): boolean =>
  message !== null &&
  valuesOf(message.fields, 'upgrade').length > 0 &&
  members([...valuesOf(message.fields, 'connection'), ...valuesOf(message.fields, 'proxy-connection')]).includes('upgrade')
/** The line that was refused in place of a request line: a body before it may have ended in the same line. */
const firstLine = ({ line, previous }: Difference): string => {
  const body = previous?.length === 0 ? '' : (previous?.data ?? '')
  const tail = body.slice(body.lastIndexOf('\n') + 1)
  return line.startsWith(tail) ? line.slice(tail.length) : line
}
/** Members of a list, empty ones too. */
const members = (values: readonly string[]): string[] =>
  values.flatMap((value) =>
    value
      .toLowerCase()
      .split(',')
      .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, '')),
  )
const dropped = (name: string): boolean => name.includes('_') || name.toLowerCase() === 'proxy'
const pairs = (text: string): [string, string][] => {
  const flat = JSON.parse(text) as string[]
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] as string] as [string, string]] : []))
}
const without = (text: string, drop: (name: string) => boolean): string =>
  JSON.stringify(
    pairs(text)
      .filter(([name]) => !drop(name))
      .flat(),
  )
const notInTrailers =
  /^(?:transfer-encoding|content-length|host|content-encoding|content-type|content-range|trailer|authorization|cookie|set-cookie|connection|te|expect|upgrade|cache-control)$/i

export const differences: readonly DifferenceRule[] = [
  {
    name: 'upgrade not taken',
    settled: 'RFC 9110 section 7.8',
    ours: 'An `Upgrade` that the application does not take is ignored: what follows is the next request.',
    theirs: 'Nothing that was received in the same piece is read.',
    example:
      'GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n',
    applies: ({ previous, theirs }) => offersUpgrade(previous) && ['waiting', 'no more'].includes(theirs),
  },
  {
    name: 'fault in the body of an upgrade',
    settled: 'RFC 9110 section 7.8; RFC 9112 section 7.1',
    ours: 'The body of a request that offers an upgrade is held to the same rules.',
    theirs: 'Its faults are passed over, and what follows them is not read.',
    example:
      'POST / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n',
    applies: ({ what, our, theirs }) =>
      offersUpgrade(our) && ((what === 'we refuse' && theirs === 'accepted') || (what === 'end' && theirs === 'waiting')),
  },
  {
    name: 'tab behind a length',
    settled: 'RFC 9112 section 5; RFC 9110 section 5.6.3',
    ours: 'White space around a field value, tabs included, is not part of it.',
    theirs: 'A `Content-Length` with a tab behind the number is refused.',
    agreedSince: '9.4',
    example: 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\t\r\n\r\na',
    applies: (difference) =>
      theyRefuse(difference, 'HPE_INVALID_CONTENT_LENGTH: Invalid character') &&
      difference.our?.length !== null &&
      difference.text.match(/\ncontent-length:[ \t]*\d+ *\t[ \t]*\r\n/i) !== null,
  },
  {
    name: 'field dropped',
    settled: 'RFC 3875 section 4.1.18; CVE-2016-5385',
    ours: 'A field whose name has an underscore, and `Proxy`, are dropped: in an environ they would pose as others.',
    theirs: 'All fields are handed over.',
    example: 'GET / HTTP/1.1\r\nHost: h\r\nX_Forwarded_For: 127.0.0.1\r\n\r\n',
    applies: ({ what, ours, theirs }) => what === 'fields' && without(theirs, dropped) === ours,
  },
  {
    name: 'trailer dropped',
    settled: 'RFC 9110 section 6.5.1',
    ours: 'A trailer that could steer framing, routing, authentication or content is dropped.',
    theirs: 'All trailers are handed over, but `Content-Length` and `Transfer-Encoding`.',
    example: 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: x\r\n\r\n',
    applies: ({ what, ours, theirs }) =>
      what === 'trailers' && without(theirs, (name) => dropped(name) || notInTrailers.test(name)) === ours,
  },
  {
    name: 'framing field in trailers',
    settled: 'RFC 9110 section 6.5.1',
    ours: 'It is dropped, as a recipient may do with any trailer.',
    theirs: 'Refused.',
    example: 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n',
    applies: (difference) =>
      theyRefuse(difference, 'HPE_INVALID_CONTENT_LENGTH', 'HPE_INVALID_TRANSFER_ENCODING', 'HPE_UNEXPECTED_CONTENT_LENGTH') &&
      difference.our?.length === null,
  },
  {
    name: 'method not registered',
    settled: 'RFC 9110 section 9.1',
    ours: 'Any token is a method: the application says 405 or 501.',
    theirs: 'Refused with 400, unless it is in a fixed list.',
    example: 'FOO / HTTP/1.1\r\nHost: h\r\n\r\n',
    applies: (difference) =>
      theyRefuse(difference, 'HPE_INVALID_METHOD') && difference.our !== null && !registered.has(difference.our.method),
  },
  {
    name: 'method PRI',
    settled: 'RFC 9110 section 9.1; RFC 9113 section 3.4',
    ours: 'A method like any other, except in the preface of HTTP/2, which is refused with 505.',
    theirs: 'Refused with 400.',
    example: 'PRI / HTTP/1.1\r\nHost: h\r\n\r\n',
    applies: (difference) =>
      theyRefuse(difference, 'HPE_INVALID_VERSION: Expected HTTP/2', 'HPE_PAUSED_H2') && difference.our?.method === 'PRI',
  },
  {
    name: 'higher minor version',
    settled: 'RFC 9110 section 2.5',
    ours: '`HTTP/1.2` and higher are read as the highest minor version that the server has.',
    theirs: 'Refused with 400.',
    example: 'GET / HTTP/1.2\r\nHost: h\r\n\r\n',
    applies: (difference) =>
      theyRefuse(difference, 'HPE_INVALID_VERSION: Invalid HTTP version') && difference.our?.version === '1.1',
  },
  {
    name: 'other major version',
    settled: 'RFC 9110 section 15.6.6',
    ours: 'Any major version but 1 is refused with 505.',
    theirs: '0.9 and 2.0 are read as if they were 1.1, others refused with 400.',
    example: 'GET / HTTP/2.0\r\nHost: h\r\n\r\n',
    applies: (difference) =>
      (weRefuse(difference, 'unsupported-version') || weSay(difference, 'unsupported-version')) &&
      / HTTP\/[02-9]\.\d\r\n$/.test(difference.line),
  },
  {
    name: 'no version',
    settled: 'RFC 9112 section 3; RFC 1945 section 5',
    ours: 'A request line without a version is refused.',
    theirs: 'It is read as HTTP/0.9, with fields, and even a body.',
    example: 'GET /\r\nHost: h\r\n\r\n',
    applies: (difference) =>
      (weRefuse(difference, 'bad-request-line') || weRefuse(difference, 'bare-lf')) &&
      difference.their?.version === '0.9' &&
      /^\S+ +\S* *\r?\n$/.test(firstLine(difference)),
  },
  {
    name: 'other protocol',
    settled: 'RFC 9112 section 2.3',
    ours: 'A request line of RTSP or ICE is refused.',
    theirs: 'It is read.',
    example: 'GET / RTSP/1.0\r\nHost: h\r\n\r\n',
    applies: (difference) => weRefuse(difference, 'bad-version') && / (?:RTSP|ICE)\/\d\.\d\r\n$/.test(difference.line),
  },
  {
    name: 'spaces in the request line',
    settled: 'RFC 9112 section 3',
    ours: 'One space each between method, target and version; white space before, behind or more of it is refused, as that section recommends.',
    theirs: 'Several spaces are read as one.',
    example: 'GET  / HTTP/1.1\r\nHost: h\r\n\r\n',
    applies: (difference) =>
      weRefuse(difference, 'bad-request-line') &&
      /^ *\S+ +\S+ +\S+\r\n$/.test(firstLine(difference)) &&
      / {2}|^ /.test(firstLine(difference)),
  },
  {
    name: 'line ends before the request',
    settled: 'RFC 9112 section 2.2',
    ours: 'Up to eight empty lines of CRLF are passed over; bare CR or LF, and more lines, are refused.',
    theirs: 'Any run of CR and LF is passed over.',
    example: '\nGET / HTTP/1.1\r\nHost: h\r\n\r\n',
    applies: (difference) =>
      difference.what === 'we refuse' &&
      ['bare-lf', 'bad-request-line', 'bad-method'].includes(difference.ours) &&
      /^[\r\n]/.test(firstLine(difference)),
  },
  {
    name: 'target with other characters',
    settled: 'RFC 9112 section 3.2; RFC 3986 appendix A',
    ours: 'A fragment, and what is not visible ASCII, are refused in a target.',
    theirs: 'A fragment is read as part of the target.',
    example: 'GET /#a HTTP/1.1\r\nHost: h\r\n\r\n',
    applies: (difference) => weRefuse(difference, 'bad-target') && /[#]|[^\x21-\x7e]/.test(difference.their?.target ?? ''),
  },
  {
    name: 'form of target',
    settled: 'RFC 9112 section 3.2',
    ours: 'A path, `http:` or `https:` with an authority, `*` for OPTIONS, host and port for CONNECT; no other form.',
    theirs: 'Any scheme, `*` for every method, CONNECT without a port.',
    example: 'GET * HTTP/1.1\r\nHost: h\r\n\r\n',
    applies: (difference) =>
      weRefuse(difference, 'bad-target') &&
      difference.their !== null &&
      (difference.their.method === 'CONNECT'
        ? !/^[^/]+:\d+$/.test(difference.their.target) || !isAuthority(difference.their.target)
        : !/^(?:\/|https?:\/\/[^/?])/i.test(difference.their.target) &&
          !(difference.their.method === 'OPTIONS' && difference.their.target === '*')),
  },
  {
    name: 'Host that is none',
    settled: 'RFC 9112 section 3.2',
    ours: 'A `Host`, or an authority of the target, that is not a host and an optional port is refused.',
    theirs: 'Any value is handed over.',
    example: 'GET / HTTP/1.1\r\nHost: user@h\r\n\r\n',
    applies: (difference) =>
      weRefuse(difference, 'bad-host') &&
      (theirs(difference, 'host').some((value) => value !== '' && !isAuthority(value)) ||
        (/^https?:\/\//i.test(difference.their?.target ?? '') &&
          !isAuthority((difference.their?.target ?? '').replace(/^https?:\/\//i, '').replace(/[/?].*/, '')))),
  },
  {
    name: 'Host repeated',
    settled: 'RFC 9112 section 3.2',
    ours: 'Refused.',
    theirs: 'The first is taken.',
    example: 'GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n',
    applies: (difference) => weRefuse(difference, 'repeated-host') && theirs(difference, 'host').length > 1,
  },
  {
    name: 'CONNECT without Host',
    settled: 'RFC 9112 section 3.2',
    ours: 'Refused: every HTTP/1.1 request needs one.',
    theirs: 'A CONNECT is handed over without one.',
    example: 'CONNECT h:443 HTTP/1.1\r\n\r\n',
    applies: (difference) =>
      weRefuse(difference, 'missing-host') && difference.their?.verdict === 'tunnel' && theirs(difference, 'host').length === 0,
  },
  {
    name: 'CONNECT with a body',
    settled: 'RFC 9112 section 6.3; RFC 9110 section 9.3.6',
    ours: 'Framing fields hold for CONNECT as for any request, and faults of its body are refused.',
    theirs: 'They are passed over: all that follows the head belongs to the tunnel.',
    example: 'CONNECT h:1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n',
    applies: ({ what, our, their }) =>
      what === 'we refuse' && our !== null && our.method === 'CONNECT' && our.length !== 0 && their?.verdict === 'tunnel',
  },
  {
    name: 'coding before chunked',
    settled: 'RFC 9112 section 6.1',
    ours: 'A transfer coding that is not implemented is refused with 501.',
    theirs: 'The body is handed over still coded; or refused with 400.',
    example: 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    applies: (difference) =>
      (weRefuse(difference, 'unknown-transfer-coding') &&
        members(theirs(difference, 'transfer-encoding')).some((coding) => coding !== 'chunked' && coding !== '')) ||
      weSay(difference, 'unknown-transfer-coding'),
  },
  {
    name: 'chunked with doubt',
    settled: 'RFC 9112 sections 6.1 and 6.3',
    ours: '`chunked` twice, beside an empty member, or in HTTP/1.0 is refused.',
    theirs: 'Read as chunked.',
    example: 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    applies: (difference) =>
      weRefuse(difference, 'bad-transfer-encoding') &&
      theirs(difference, 'transfer-encoding').length > 0 &&
      (difference.their?.version === '1.0' || members(theirs(difference, 'transfer-encoding')).join() !== 'chunked'),
  },
  {
    name: 'Content-Length beside an empty Transfer-Encoding',
    settled: 'RFC 9112 sections 6.1 and 6.3',
    ours: 'Both framing fields are refused, whatever their values.',
    theirs: 'An empty `Transfer-Encoding` counts for nothing.',
    agreedSince: '9.4',
    example: 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\nContent-Length: 1\r\n\r\na',
    applies: (difference) =>
      weRefuse(difference, 'framing-conflict') &&
      theirs(difference, 'transfer-encoding').join('') === '' &&
      theirs(difference, 'content-length').length > 0,
  },
  {
    name: 'length of many digits',
    settled: 'RFC 9110 section 8.6; RFC 9112 section 7.1',
    ours: 'A length that could be more than a number can count is refused by its digits: `Content-Length` with 413, a chunk size with 400.',
    theirs: 'Read up to 64 bits; beyond that refused with 400.',
    example: 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9007199254740993\r\n\r\n',
    applies: (difference) =>
      weSay(difference, 'body-too-long') ||
      (weRefuse(difference, 'body-too-long') && theirs(difference, 'content-length').some((value) => /^\d{16,}$/.test(value))) ||
      (weRefuse(difference, 'bad-chunk') &&
        Number.parseInt(/^[0-9A-Fa-f]+(?=[;\r])/.exec(difference.line)?.[0] ?? '0', 16) > Number.MAX_SAFE_INTEGER) ||
      (weRefuse(difference, 'bad-chunk') && /^[0-9A-Fa-f]{16,}[;\r]/.test(difference.line)),
  },
  {
    name: 'chunk extension',
    settled: 'RFC 9112 section 7.1.1',
    ours: 'An extension without a name, or with `=` and no value, is refused.',
    theirs: 'It is passed over.',
    example: 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;a=\r\na\r\n0\r\n\r\n',
    applies: (difference) =>
      weRefuse(difference, 'bad-chunk') && !chunkLine.test(difference.line) && difference.line.includes(';'),
  },
  {
    name: 'expectation',
    settled: 'RFC 9110 section 10.1.1',
    ours: 'An expectation other than `100-continue` is refused with 417, whatever stands beside it.',
    theirs: 'Refused only if `100-continue` is nowhere in the value.',
    example: 'POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue, x\r\nContent-Length: 1\r\n\r\na',
    applies: (difference) =>
      (weRefuse(difference, 'expectation-failed') &&
        members(theirs(difference, 'expect')).some((member) => member !== '' && member !== '100-continue')) ||
      weSay(difference, 'expectation-failed'),
  },
  {
    name: 'empty expectation',
    settled: 'RFC 9110 section 5.6.1.2',
    ours: 'Empty members of a list count for nothing: an `Expect` of nothing else expects nothing.',
    theirs: 'Refused with 417.',
    example: 'GET / HTTP/1.1\r\nHost: h\r\nExpect:\r\n\r\n',
    applies: ({ what, our, theirs }) =>
      what === 'they refuse' &&
      theirs === 'expectation' &&
      members(valuesOf(our?.fields ?? [], 'expect')).every((member) => member === ''),
  },
  {
    name: 'which refusal',
    settled: 'RFC 9110 section 15.5',
    ours: 'Of two faults in one head, an invalid request goes before an unmet expectation: 400.',
    theirs: '417.',
    example: 'GET / HTTP/1.1\r\nHost: a b\r\nExpect: x\r\n\r\n',
    applies: ({ what, theirs }) => what === 'other status' && theirs === 'expectation',
  },
  {
    name: 'method too long',
    settled: 'RFC 9112 section 3',
    ours: 'A method over 64 characters is refused with 501.',
    theirs: 'With 400.',
    example: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA / HTTP/1.1\r\nHost: h\r\n\r\n',
    applies: (difference) => weSay(difference, 'method-too-long') && /^[^ ]{65,} /.test(firstLine(difference)),
  },
  {
    name: 'Proxy-Connection',
    settled: 'RFC 9112 appendix C.2.2',
    ours: 'It says nothing.',
    theirs: 'It is heeded as `Connection`.',
    example: 'GET / HTTP/1.1\r\nHost: h\r\nProxy-Connection: close\r\n\r\n',
    applies: ({ what, our }) =>
      what === 'persistence' && /\b(?:close|keep-alive)\b/i.test(valuesOf(our?.fields ?? [], 'proxy-connection').join()),
  },
  {
    name: 'close and keep-alive',
    settled: 'RFC 9112 section 9.3',
    ours: '`close` among the options closes, whatever else there is.',
    theirs: 'In HTTP/1.0 `keep-alive` beside it keeps the connection; a tab behind `close` hides it.',
    example: 'GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n',
    applies: ({ what, ours, our }) =>
      what === 'persistence' && ours === 'false' && members(valuesOf(our?.fields ?? [], 'connection')).includes('close'),
  },
]

/** The row for a difference; undefined for a defect of ours, or a rule that is missing. */
export function ruleFor(difference: Difference): DifferenceRule | undefined {
  return differences.find((rule) => rule.applies(difference))
}

/** The table as docs/conformance.md shows it. */
export function differencesTable(): string {
  const rows = differences.map(
    ({ name, ours, theirs, settled, example, agreedSince }) =>
      `| ${name} | ${ours} | ${theirs}${agreedSince ? ` Since llhttp ${agreedSince} as here.` : ''} | ${settled} | \`${shown(example)}\` |`,
  )
  return ['| What | Pulsar | node:http | Settled by | Example |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')
}

const shown = (example: string): string =>
  JSON.stringify(example.length > 160 ? `${example.slice(0, 160)}...` : example).slice(1, -1)
