/**
 * What a client may send on one connection: one to three requests, most of their parts valid, some of a kind that servers are
 * known to read in different ways; then, in some, bytes changed anywhere.
 */
import {
  connections, contents, damages, expectations, extensions, hosts, lineEnds, methods, names, oddCodings, oddHosts, oddLengths,
  oddMethods, oddNames, oddSizes, oddTargets, oddTrailers, oddValues, oddVersions, paddings, path, trailers, values,
} from './parts.ts'
import type { Random } from './random.ts'

/** How likely, in percent, a part is of the odd kind: in most requests, and in some. */
const ODD = 3
const VERY_ODD = 24

export interface GeneratedStream {
  readonly bytes: Buffer
  readonly requests: number
}

export function generatedStream(random: Random): GeneratedStream {
  const requests = random.pick([1, 1, 2, 3])
  const valid = random.chance(40)
  let text = ''
  for (let i = 0; i < requests; i++) text += request(random, valid ? 0 : random.chance(15) ? VERY_ODD : ODD)
  // An unfinished line would be refused by the one at its first bad byte, by the other at its end.
  const bytes = Buffer.from(`${!valid && random.chance(50) ? damaged(random, text) : text}\r\n\r\n`, 'latin1')
  return { bytes, requests }
}

function request(random: Random, odd: number): string {
  const eol = (): string => (random.chance(odd / 3) ? random.pick(lineEnds) : '\r\n')
  let lines = hostLines(random, odd)
  for (let left = random.below(5); left > 0; left--) lines.push(fieldLine(random, odd))
  if (random.chance(15)) lines.push(`Connection:${random.pick(paddings)}${random.pick(connections)}`)
  if (random.chance(3)) lines.push(`Expect: ${oddly(random, 20 * odd, ['100-continue'], expectations)}`)
  if (random.chance(2)) lines.push(`Proxy-Connection: ${random.pick(connections)}`)
  if (random.chance(3)) lines.push('Upgrade: websocket')
  const [framing, body] = framedBody(random, odd)
  lines.push(...framing)
  if (random.chance(30)) lines = lines.reverse()
  const before = random.chance(odd / 2) ? random.pick(['\r\n', '\r\n\r\n', '\n', ' ', '\r', '\r\n'.repeat(10)]) : ''
  const space = (): string => (random.chance(odd / 3) ? random.pick(['  ', '\t', '', '\x0b']) : ' ')
  let head = `${before}${oddly(random, odd, methods, oddMethods)}${space()}${target(random, odd)}${space()}${oddly(random, odd, ['HTTP/1.1'], oddVersions)}${eol()}`
  for (const line of lines) head += line + eol()
  return head + eol() + body
}

function oddly(random: Random, percent: number, usual: readonly string[], odd: readonly string[]): string {
  return random.pick(random.chance(percent) ? odd : usual)
}

function target(random: Random, odd: number): string {
  return random.chance(odd) ? random.pick(oddTargets) : `/${random.text(path, 12)}`
}

function hostLines(random: Random, odd: number): string[] {
  const line = (): string =>
    `${random.pick(['Host', 'Host', 'host', 'HOST'])}:${random.pick(paddings)}${oddly(random, odd, hosts, oddHosts)}`
  if (random.chance(odd)) return random.chance(50) ? [] : [line(), line()]
  return [line()]
}

function fieldLine(random: Random, odd: number): string {
  return `${oddly(random, odd, names, oddNames)}:${random.pick(paddings)}${oddly(random, odd, values, oddValues)}${random.pick(paddings)}`
}

function framedBody(random: Random, odd: number): [lines: string[], body: string] {
  const kind = random.below(100)
  if (kind < 45) return [[], random.chance(odd / 3) ? 'junk' : '']
  const content = random.pick(contents)
  const lengthLine = `${random.pick(['Content-Length', 'Content-Length', 'content-length'])}: ${random.chance(odd) ? random.pick(oddLengths) : content.length}`
  if (kind < 70) return [random.chance(odd / 2) ? [lengthLine, lengthLine] : [lengthLine], content]
  const codingLine = `${random.pick(['Transfer-Encoding', 'transfer-encoding'])}:${random.pick(paddings)}${oddly(random, odd, ['chunked'], oddCodings)}`
  const lines = [codingLine]
  if (random.chance(odd / 2)) lines.push(random.chance(50) ? lengthLine : codingLine)
  return [lines, chunks(random, content, odd)]
}

function chunks(random: Random, content: string, odd: number): string {
  const end = (): string => (random.chance(odd / 3) ? random.pick(lineEnds) : '\r\n')
  const extension = (): string => (random.chance(odd) ? random.pick(extensions) : '')
  let text = ''
  for (let at = 0; at < content.length;) {
    const length = Math.min(content.length - at, 1 + random.below(content.length))
    const size = random.chance(odd)
      ? random.pick(oddSizes)
      : random.chance(20)
        ? length.toString(16).toUpperCase()
        : length.toString(16)
    text += `${size}${extension()}${end()}${content.slice(at, at + length)}${end()}`
    at += length
  }
  text += `${random.chance(odd / 2) ? random.pick(['00', '000000000000000000', '0 ', '0x0', '-0']) : '0'}${extension()}${end()}`
  for (let left = random.chance(20) ? random.below(3) : 0; left > 0; left--)
    text += oddly(random, 10 * odd, trailers, oddTrailers) + end()
  return text + end()
}

function damaged(random: Random, text: string): string {
  let result = text
  for (let left = 1 + random.below(3); left > 0; left--) {
    const at = random.below(result.length + 1)
    const before = result.slice(0, at)
    switch (random.below(5)) {
      case 0:
        result = before + random.pick(damages) + result.slice(at)
        break
      case 1:
        result = before + random.pick(damages) + result.slice(at + 1)
        break
      case 2:
        result = before + String.fromCharCode(random.below(256)) + result.slice(at + 1)
        break
      case 3:
        result = before + result.slice(at + 1 + random.below(3))
        break
      default:
        result = before + result.slice(at, at + 1 + random.below(20)) + result.slice(at)
        break
    }
  }
  return result
}
