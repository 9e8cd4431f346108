/** Reads the server's answer back out of the bytes that it wrote (RFC 9112 sections 4, 6 and 7). */
import type { Fields } from '../gateway/exchange.ts'

export interface AnswerHead {
  readonly status: number
  readonly reason: string
  /** In the order sent. */
  readonly fields: Fields
}

export interface ReadAnswer extends AnswerHead {
  /** Interim answers that came before it, such as 103. */
  readonly interim: readonly AnswerHead[]
  readonly body: Buffer
  readonly trailers: Fields
  /** False where the answer was cut before its end. */
  readonly complete: boolean
}

interface Content {
  readonly body: Buffer
  readonly trailers: Fields
  readonly complete: boolean
}

/**
 * @param method of the request: an answer to HEAD has no content
 * @param reset the connection was cut, so that its end is not the content's
 * @returns undefined where not even a final head is there
 */
export function readAnswer(bytes: Buffer, method: string, reset: boolean): ReadAnswer | undefined {
  const interim: AnswerHead[] = []
  for (let at = 0; ;) {
    const end = bytes.indexOf('\r\n\r\n', at)
    if (end < 0) return undefined
    const head = readHead(bytes.toString('latin1', at, end))
    at = end + 4
    const isFinal = head.status >= 200 || head.status === 101
    if (isFinal) return { ...head, interim, ...readContent(bytes.subarray(at), head, method, reset) }
    interim.push(head)
  }
}

function readHead(text: string): AnswerHead {
  const [statusLine = '', ...lines] = text.split('\r\n')
  return { status: Number(statusLine.slice(9, 12)), reason: statusLine.slice(13), fields: lines.map(readField) }
}

function readField(line: string): [name: string, value: string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}

function readContent(bytes: Buffer, { status, fields }: AnswerHead, method: string, reset: boolean): Content {
  const none: Content = { body: Buffer.alloc(0), trailers: [], complete: true }
  if (method === 'HEAD' || [101, 204, 304].includes(status) || (method === 'CONNECT' && status < 300)) return none
  const valueOf = (name: string): string | undefined => fields.find(([candidate]) => candidate.toLowerCase() === name)?.[1]
  if (valueOf('transfer-encoding') !== undefined) return readChunks(bytes)
  const length = valueOf('content-length')
  if (length === undefined) return { body: bytes, trailers: [], complete: !reset }
  return { body: bytes.subarray(0, Number(length)), trailers: [], complete: bytes.length >= Number(length) }
}

/** RFC 9112 section 7.1. */
function readChunks(bytes: Buffer): Content {
  const pieces: Buffer[] = []
  const cut = (): Content => ({ body: Buffer.concat(pieces), trailers: [], complete: false })
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return cut()
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    at = lineEnd + 2
    if (size === 0) {
      const end = bytes.indexOf('\r\n\r\n', at - 2)
      if (end < 0) return cut()
      const lines = bytes.toString('latin1', at, end).split('\r\n').filter((line) => line !== '')
      return { body: Buffer.concat(pieces), trailers: lines.map(readField), complete: true }
    }
    pieces.push(bytes.subarray(at, at + size))
    at += size + 2
    if (at > bytes.length) return cut()
  }
}
