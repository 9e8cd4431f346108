/** Serves the files below a root by their paths: what MediaRouter and FileRouter have in common. */
import type { Environ } from '../../gateway/wsgi.ts'
import { HttpError } from '../http-error.ts'
import type { ContentCoding } from '../middleware/content-coding.ts'
import type { WsgiResponse } from '../response.ts'
import { fileAnswer, fixedAnswer } from './file-answer.ts'
import { FileStore, type FileStoreOptions, type Lookup } from './file-store.ts'
import type { FileOptions } from './static-options.ts'

/** Smallest first, as a rule. */
const packings: readonly ContentCoding[] = ['br', 'zstd', 'gzip']

/** How often a file is looked up that is another each time. */
const attempts = 3

export type Served = WsgiResponse | 'directory' | undefined

export class StaticHandler {
  readonly #store: FileStore
  readonly #options: FileOptions
  readonly #status: number | undefined

  /** @param status of every answer; without it conditions and ranges are answered */
  constructor(root: string, options: FileOptions, rules: { readonly links: FileStoreOptions['links']; readonly status?: number | undefined }) {
    const { precompressed = packings, smallFile = 1_048_576, memory = 67_108_864, trust = 1000 } = options
    this.#store = new FileStore(root, { precompressed, smallFile, memory, trust, links: rules.links })
    this.#options = options
    this.#status = rules.status
  }

  /** The answer with a file; undefined where there is none. */
  serve(environ: Environ, path: string): Served | Promise<Served> {
    const found = this.#store.find(path)
    return found instanceof Promise ? this.#later(environ, path, found) : this.#answer(environ, path, found)
  }

  async #later(environ: Environ, path: string, found: Promise<Lookup>): Promise<Served> {
    return this.#answer(environ, path, await found)
  }

  #answer(environ: Environ, path: string, found: Lookup, attempt: number = 1): Served | Promise<Served> {
    if (typeof found !== 'object') return found
    const answer = this.#status === undefined ? fileAnswer(environ, found, this.#options) : fixedAnswer(environ, found, this.#options, this.#status)
    return answer instanceof Promise ? answer.then((made) => made ?? this.#again(environ, path, attempt)) : answer
  }

  /** The file was replaced since it was looked up. */
  async #again(environ: Environ, path: string, attempt: number): Promise<Served> {
    if (attempt === attempts) throw new HttpError(503, 'the file is being written', { headers: [['Retry-After', '1']] })
    this.#store.forget(path)
    return this.#answer(environ, path, await this.#store.find(path), attempt + 1)
  }
}
