/** The head that a Python application writes itself, on the socket that it was offered (RFC 9112 section 4). */
import type { AnswerHead } from './answer.ts'

/** In bytes; more is none that anybody writes. */
export const LONGEST_HEAD = 65_536

const END = '\r\n\r\n'
const STATUS_LINE = /^HTTP\/1\.[01] ((?:101|[2-5]\d\d)(?: [^\0-\x08\n-\x1f\x7f]*)?)$/
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([^\0-\x08\n-\x1f\x7f]*?)[\t ]*$/

/** Where the head ends and the rest begins; -1 until it has come whole. */
export function socketHeadEnd(bytes: Buffer): number {
  const at = bytes.indexOf(END, 0, 'latin1')
  return at < 0 ? -1 : at + END.length
}

/** @throws {TypeError} for what is no head of a final answer or of a change of protocols */
export function parseSocketHead(bytes: Buffer): AnswerHead {
  const [first = '', ...lines] = bytes.toString('latin1', 0, bytes.length - END.length).split('\r\n')
  const status = STATUS_LINE.exec(first)?.[1]
  if (status === undefined) throw new TypeError(`the application wrote no answer on its socket: ${JSON.stringify(first.slice(0, 80))}`)
  const fields = lines.map((line) => {
    const match = FIELD.exec(line)
    if (match === null) throw new TypeError(`the application wrote a line on its socket that is no field: ${JSON.stringify(line.slice(0, 80))}`)
    return [match[1] as string, match[2] as string] as const
  })
  return { status: status[3] === ' ' ? status : `${status} `, fields }
}
