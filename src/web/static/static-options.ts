/** What may be said of files that are served. */
import type { HeaderInit } from '../header-names.ts'
import type { ContentCoding } from '../middleware/content-coding.ts'
import type { PathRules } from './file-path.ts'

export interface FileOptions {
  /**
   * Cache-Control of every answer with a file; default `no-cache`: a client that has the file asks whether it is still the same.
   * A function has the path below the root; empty for none.
   */
  readonly cacheControl?: string | ((path: string) => string)
  /**
   * Files whose name has a hash of their content, so that they never change: a year, and not even asked about. `true` takes
   * names such as `app.3f9a81c2.js` and `app-B7x_k29Q.css`. Default: none.
   */
  readonly immutable?: boolean | RegExp
  /** Packed siblings that are sent in a file's place, such as `app.js.br` of `app.js`, most wanted first. Default brotli, zstd, gzip. */
  readonly precompressed?: readonly ContentCoding[]
  /** Further header fields of every answer with a file. */
  readonly headers?: HeaderInit
  /** Bytes of a file that is kept in memory; longer ones are read each time. Default 1 MiB. */
  readonly smallFile?: number
  /** Bytes of all files that are kept in memory, the longest unused leaving first. Default 64 MiB. */
  readonly memory?: number
  /** Milliseconds for which what is known of a file is not looked up again. Default 1000. */
  readonly trust?: number
}

export interface MediaRouterOptions extends FileOptions, PathRules {
  /** List the files of directories without a default file. Default: no. */
  readonly showIndexes?: boolean
  /** Appended to names without a dot: `.html`. */
  readonly defaultSuffix?: string
  /** What is served for a directory; default `index.html`. */
  readonly defaultFile?: string
  /** False: what is not there is left to the next middleware. Default: 404. */
  readonly raise404?: boolean
}

const year = 31_536_000
const forever = `public, max-age=${year}, immutable`
/** A part of a name between a dot or dash and the ending, of eight characters or more, with a letter and a digit. */
const hashed = /[.-](?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{8,64}\.[A-Za-z0-9]{1,12}(?:\.map)?$/

/** The Cache-Control of a file; empty for none. */
export function cacheControlOf(path: string, options: FileOptions): string {
  const { immutable = false, cacheControl = 'no-cache' } = options
  const pattern = immutable === true ? hashed : immutable
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (pattern !== false && pattern.test(name)) return forever
  return typeof cacheControl === 'string' ? cacheControl : cacheControl(path)
}
