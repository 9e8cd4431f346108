import { nodeCrypto } from './node-crypto.ts'

/** Of fs.Stats with `bigint`: times in nanoseconds. */
export interface FileFacts {
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
  readonly ino: bigint
}

/** Milliseconds: the coarsest time stamps of a file system in use, FAT's. */
const coarsestTime = 2000

/**
 * An entity tag (RFC 9110 section 8.8.3) that changes with the file's size, times of change or inode, so that a file that is
 * replaced or written over gets another even where its time was kept: what was set by utimes() shows in `ctime`. Hashed: an
 * inode's number is nobody's business.
 *
 * Weak while the file is younger than its time stamp may be coarse: it could change again and keep them all.
 * @param now milliseconds since 1970
 * @param part the bytes that are the representation, where that is not the whole file
 */
export function fileEntityTag(file: FileFacts, now: number, part?: { readonly start: number; readonly size: number }): string {
  const facts = [file.size, file.mtimeNs, file.ctimeNs, file.ino, ...(part === undefined ? [] : [part.start, part.size])]
  const hash = nodeCrypto().createHash('sha256').update(facts.join(' ')).digest('base64url').slice(0, 20)
  return now - Number(file.mtimeNs / 1_000_000n) < coarsestTime ? `W/"${hash}"` : `"${hash}"`
}
