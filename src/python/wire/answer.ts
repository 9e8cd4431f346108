/** ANSWER, HEAD and FILE: status and fields of an answer, and what follows them. */
import { WireError } from './frames.ts'
import { isCount, readObject } from './messages.ts'

/** Status and fields, as text that the same head has again. */
export interface AnswerHead {
  readonly status: string
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/** A file that is the body. */
export interface WireFile {
  readonly path: string
  readonly offset: number
  /** Null: to its end. */
  readonly length: number | null
}

const SIZE = 4
const STATUS = /^[2-5]\d\d [^\0-\x08\n-\x1f\x7f]*$/
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\0-\x08\n-\x1f\x7f]*)$/

/** Where the head ends and the rest begins. */
export function headEnd(payload: Buffer): number {
  const end = SIZE + payload.readUInt32LE(0)
  if (end > payload.length) throw new WireError(`a head of ${end - SIZE} bytes in a frame of ${payload.length}`)
  return end
}

/** The text of the head, which parseHead() takes. */
export function headText(payload: Buffer, end: number): string {
  return payload.toString('latin1', SIZE, end)
}

/** @throws {WireError} for what could not go on any wire */
export function parseHead(text: string): AnswerHead {
  const [status = '', ...lines] = text.split('\n')
  if (!STATUS.test(status)) throw new WireError('a head without a status')
  const fields = lines.map((line) => {
    const match = FIELD.exec(line)
    if (match === null) throw new WireError('a line of a head that is no field')
    return [match[1] as string, withoutSpace(match[2] as string)] as const
  })
  return { status, fields }
}

/** Django's cookies begin with a space, which is no part of the value (RFC 9110 section 5.5), and an error in HTTP/2. */
function withoutSpace(value: string): string {
  return /^[ \t]|[ \t]$/.test(value) ? value.replaceAll(/^[ \t]+|[ \t]+$/g, '') : value
}

export function readFile(payload: Buffer, from: number): WireFile {
  const { path, offset, length } = readObject(payload.subarray(from))
  if (typeof path !== 'string' || !path.startsWith('/') || path.includes('\0')) throw new WireError('a FILE without an absolute path')
  if (!isCount(offset) || !(length === null || isCount(length))) throw new WireError('a FILE without offset and length')
  return { path, offset, length: length }
}
