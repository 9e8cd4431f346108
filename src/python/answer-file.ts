/** Answers whose body is a file that Python names: by `wsgi.file_wrapper`, or by a field. */
import type { FileHandle } from 'node:fs/promises'
import { realpath, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import type { SendFileOptions } from '../gateway/file-response.ts'
import type { AnswerHead, WireFile } from './wire/answer.ts'

/** As sendWrapped() of `gateway` has it: ranges and conditions only where they cannot contradict the application's fields. */
export async function optionsFor({ status, fields }: AnswerHead, handle: FileHandle, file: WireFile): Promise<SendFileOptions> {
  const declared = fields.find(([name]) => name.toLowerCase() === 'content-length')?.[1]
  const free = !fields.some(([name]) => /^content-(?:length|range|encoding)$/i.test(name))
  const length = declared === undefined ? file.length : Number(declared)
  const { size } = await handle.stat()
  return {
    status, fields, type: null, lastModified: null, start: Math.min(file.offset, size),
    conditions: free && status.startsWith('200 ') ? 'answer' : 'ignore',
    ...(length === null ? {} : { end: file.offset + length }),
  }
}

const NAMES: readonly string[] = ['x-sendfile', 'x-accel-redirect']
const named = new WeakMap<AnswerHead, readonly [name: string, value: string] | null>()

/** The field of a head that names a file; heads are the same object again and again. */
export function namedFile(head: AnswerHead): readonly [name: string, value: string] | null {
  const known = named.get(head)
  if (known !== undefined) return known
  const found = head.fields.find(([name]) => NAMES.includes(name.toLowerCase())) ?? null
  named.set(head, found)
  return found
}

/** The head of the answer without what was only for the server. */
export function withoutName({ status, fields }: AnswerHead): AnswerHead {
  return { status, fields: fields.filter(([name]) => ![...NAMES, 'content-length'].includes(name.toLowerCase())) }
}

/**
 * The file that the field means, with all links followed.
 * @param root what it must lie below
 * @returns null for one that is not there, or lies elsewhere
 */
export async function allowedFile([name, value]: readonly [string, string], root: string): Promise<string | null> {
  const path = name.toLowerCase() === 'x-accel-redirect' ? join(root, decoded(value)) : resolve(root, latin1AsUtf8(value))
  if (path.includes('\0')) return null
  try {
    const [real, realRoot] = await Promise.all([realpath(path), realpath(root)])
    const below = real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep)
    return below && (await stat(real)).isFile() ? real : null
  } catch {
    return null // not there, or not to be reached: the same to whoever asks
  }
}

/** Field values are bytes; names of files on this system are UTF-8. */
const latin1AsUtf8 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8')

/** A path as in a URL. */
function decoded(value: string): string {
  const bytes = value.replace(/\?.*$/s, '').replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return latin1AsUtf8(bytes)
}
