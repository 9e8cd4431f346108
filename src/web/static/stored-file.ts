/** A file as it was found: what identifies its content, and the content where it is short. */
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { fileEntityTag, type FileFacts } from '../../gateway/file-entity-tag.ts'
import type { Validators } from '../../http/preconditions.ts'

export interface FileState extends FileFacts {
  readonly dev: bigint
}

export interface StoredFile {
  /** Without symbolic links. */
  readonly realPath: string
  readonly state: FileState
  /** In bytes. */
  readonly size: number
  readonly validators: Required<Validators>
  /** All of it, where it is short. */
  readonly bytes: Buffer | undefined
}

/** Not followed once more: the path is a real one already. Without O_NONBLOCK a FIFO would wait for its writer. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** What the system says where there is nothing to serve: not there, not to be read, or no name of a file. */
const missing: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EACCES', 'EPERM', 'ENXIO', 'EISDIR', 'EINVAL'])

/** True for an error that says that there is no such file, for the client at least. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && missing.has(error.code)
}

/** True where nothing shows that the content changed. */
export function isSame(one: FileState, other: FileState): boolean {
  return one.size === other.size && one.mtimeNs === other.mtimeNs && one.ctimeNs === other.ctimeNs &&
    one.ino === other.ino && one.dev === other.dev
}

/**
 * Reads a file's state and, where it is short, its content, both of the same moment. Undefined for what is no regular file.
 * @param longest bytes of a file that is read
 */
export async function storedFile(realPath: string, longest: number): Promise<StoredFile | undefined> {
  const handle = await open(realPath, flags)
  try {
    const state = await handle.stat({ bigint: true })
    if (!state.isFile()) return undefined
    const size = Number(state.size)
    const bytes = size <= longest ? await readAll(handle, size) : undefined
    return { realPath, state, size, validators: validatorsOf(state), bytes }
  } finally {
    await handle.close()
  }
}

/** The file, open; undefined where it is not the one any more that was found. */
export async function openFile(file: StoredFile): Promise<FileHandle | undefined> {
  const handle = await open(file.realPath, flags)
  try {
    if (isSame(await handle.stat({ bigint: true }), file.state)) return handle
  } catch (error) {
    await handle.close()
    throw error
  }
  await handle.close()
  return undefined
}

/** A file of the same state; of one that was young, its entity tag may be a strong one by now. */
export function seenAgain(file: StoredFile): StoredFile {
  return file.validators.etag.startsWith('W/') ? { ...file, validators: validatorsOf(file.state) } : file
}

function validatorsOf(state: FileState): Required<Validators> {
  const now = Date.now()
  // A time to come would be refused or mistaken by caches (RFC 9110 section 8.8.2.1).
  const lastModified = Math.max(0, Math.min(Number(state.mtimeNs / 1_000_000n), now))
  return { etag: fileEntityTag(state, now), lastModified }
}

/** Undefined where the file is not as long as it was: it is being written, and nothing to keep. */
async function readAll(handle: FileHandle, size: number): Promise<Buffer | undefined> {
  const buffer = Buffer.allocUnsafeSlow(size)
  for (let at = 0; at < size;) {
    const { bytesRead } = await handle.read(buffer, at, size - at, at)
    if (bytesRead === 0) return undefined
    at += bytesRead
  }
  return buffer
}
