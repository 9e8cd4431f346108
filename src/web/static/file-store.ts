/** The files below a root: found, kept for a while, and looked up again. */
import { realpath, stat } from 'node:fs/promises'
import { sep } from 'node:path'
import { isCompressible } from '../middleware/compressible-types.ts'
import type { ContentCoding } from '../middleware/content-coding.ts'
import { mediaType, unknownType } from '../../http/media-types.ts'
import { isMissing, isSame, seenAgain, storedFile, type StoredFile } from './stored-file.ts'

/** A file with its packed siblings. */
export interface ServedFile {
  /** From the root. */
  readonly path: string
  readonly type: string
  readonly plain: StoredFile
  readonly packed: ReadonlyMap<ContentCoding, StoredFile>
  /** The codings of `packed`, most wanted first. */
  readonly codings: readonly ContentCoding[]
}

export type Lookup = ServedFile | 'directory' | undefined

export interface FileStoreOptions {
  readonly precompressed: readonly ContentCoding[]
  /** Bytes of a file that is kept. */
  readonly smallFile: number
  /** Bytes of all that is kept. */
  readonly memory: number
  /** Milliseconds. */
  readonly trust: number
  /** Whether what lies outside of the root counts where a link leads there. */
  readonly links: 'inside' | 'anywhere'
}

const endings: Readonly<Record<ContentCoding, string>> = { br: '.br', zstd: '.zst', gzip: '.gz' }
/** What a file takes that is known and not kept, about. */
const entryBytes = 2048
/** Milliseconds that a packed sibling may seem older than its original: files that are copied together are. */
const copyTime = 2000

interface Entry {
  file: ServedFile
  readonly bytes: number
  /** Milliseconds since 1970. */
  checked: number
}

export class FileStore {
  readonly #root: string
  readonly #options: FileStoreOptions
  /** In the order of their last check: what is not asked for goes first. */
  readonly #entries = new Map<string, Entry>()
  readonly #looking = new Map<string, Promise<Lookup>>()
  #bytes = 0

  constructor(root: string, options: FileStoreOptions) {
    this.#root = root
    this.#options = options
  }

  /**
   * What is at a path below the root, links followed as far as they may be; undefined for nothing, and for what is neither
   * file nor directory. At once where it was looked up a moment ago.
   * @throws what the system says, but that there is no such file
   */
  find(path: string): Lookup | Promise<Lookup> {
    const entry = this.#entries.get(path)
    if (entry !== undefined && Date.now() - entry.checked < this.#options.trust) return entry.file
    // Many may ask for the same at once: it is looked up once.
    const looking = this.#looking.get(path)
    if (looking !== undefined) return looking
    const found = (entry === undefined ? this.#lookUp(path) : this.#check(path, entry)).finally(() => this.#looking.delete(path))
    this.#looking.set(path, found)
    return found
  }

  /** To be looked up again: it was found to be another. */
  forget(path: string): void {
    const entry = this.#entries.get(path)
    if (entry === undefined) return
    this.#entries.delete(path)
    this.#bytes -= entry.bytes
  }

  async #check(path: string, entry: Entry): Promise<Lookup> {
    const { plain, packed } = entry.file
    const codings = this.#codingsFor(entry.file.type)
    const siblings = codings.map((coding) => this.#isUnchanged(path + endings[coding], packed.get(coding)))
    const same = await Promise.all([this.#isUnchanged(path, plain), ...siblings])
    if (!same.every(Boolean) || this.#entries.get(path) !== entry) return this.#lookUp(path)
    entry.file = refreshed(entry.file)
    entry.checked = Date.now()
    this.#entries.delete(path)
    this.#entries.set(path, entry)
    return entry.file
  }

  /** @param known undefined where there was no such file */
  async #isUnchanged(path: string, known: StoredFile | undefined): Promise<boolean> {
    try {
      const real = await this.#resolve(path)
      const state = real === undefined ? undefined : await stat(real, { bigint: true })
      if (known === undefined) return state === undefined || !state.isFile()
      return state !== undefined && real === known.realPath && isSame(state, known.state)
    } catch (error) {
      if (isMissing(error)) return known === undefined
      throw error
    }
  }

  async #lookUp(path: string): Promise<Lookup> {
    try {
      const plain = await this.#read(path)
      if (plain === undefined || plain === 'directory') return plain
      const type = mediaType(path) ?? unknownType
      const packed = await this.#siblings(path, plain, this.#codingsFor(type))
      const file: ServedFile = { path, type, plain, packed, codings: [...packed.keys()] }
      this.#keep(file)
      return file
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** Without links; undefined for what lies elsewhere. */
  async #resolve(path: string): Promise<string | undefined> {
    const root = await realpath(this.#root)
    const real = await realpath(path === '' ? root : `${root}${sep}${path}`)
    const isInside = real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)
    return isInside || this.#options.links === 'anywhere' ? real : undefined
  }

  async #read(path: string): Promise<StoredFile | 'directory' | undefined> {
    const real = await this.#resolve(path)
    if (real === undefined) return undefined
    const state = await stat(real)
    if (state.isDirectory()) return 'directory'
    return state.isFile() ? await storedFile(real, this.#options.smallFile) : undefined
  }

  /** What is packed already is not packed again. */
  #codingsFor(type: string): readonly ContentCoding[] {
    return isCompressible(type) ? this.#options.precompressed : []
  }

  async #siblings(path: string, plain: StoredFile, codings: readonly ContentCoding[]): Promise<Map<ContentCoding, StoredFile>> {
    const files = await Promise.all(codings.map((coding) => this.#read(path + endings[coding]).catch((error: unknown) => {
      if (isMissing(error)) return undefined
      throw error
    })))
    const found = new Map<ContentCoding, StoredFile>()
    files.forEach((file, index) => {
      // Packed from content that has changed since.
      if (typeof file !== 'object' || timeOf(file) + copyTime < timeOf(plain)) return
      found.set(codings[index] as ContentCoding, file)
    })
    return found
  }

  #keep(file: ServedFile): void {
    this.forget(file.path)
    const bytes = [file.plain, ...file.packed.values()].reduce((sum, { bytes: content }) => sum + (content?.length ?? 0), entryBytes)
    const { memory } = this.#options
    if (bytes > memory) return
    this.#entries.set(file.path, { file, bytes, checked: Date.now() })
    this.#bytes += bytes
    for (const path of this.#entries.keys()) {
      if (this.#bytes <= memory) break
      this.forget(path)
    }
  }
}

function refreshed(file: ServedFile): ServedFile {
  const plain = seenAgain(file.plain)
  const packed = new Map([...file.packed].map(([coding, one]) => [coding, seenAgain(one)]))
  const same = plain === file.plain && [...packed].every(([coding, one]) => file.packed.get(coding) === one)
  return same ? file : { ...file, plain, packed }
}

function timeOf(file: StoredFile): number {
  return Number(file.state.mtimeNs / 1_000_000n)
}
