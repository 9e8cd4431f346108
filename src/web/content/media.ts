/** Where the files that a page refers to are. */

export interface MediaOptions {
  /** Before paths that are relative; default `/media/`. */
  readonly mediaPath?: string
  /** Files without an ending get `.min.css` or `.min.js`. */
  readonly minified?: boolean
  /** `http:` or `https:`, before URLs that begin with `//`; without it they are left as they are. */
  readonly assetProtocol?: string
}

/** With a scheme, an authority or a path from the root. */
const absolute = /^(?:[a-z][a-z0-9+.-]*:|\/)/i

/** The files of one kind, and how their paths become URLs. */
export class Media {
  mediaPath: string
  readonly minified: boolean
  readonly assetProtocol: string
  readonly #ending: string

  /** @param ending of the files: `.css` */
  constructor(ending: string, options: MediaOptions = {}) {
    this.#ending = ending
    this.mediaPath = options.mediaPath ?? '/media/'
    this.minified = options.minified ?? false
    this.assetProtocol = options.assetProtocol ?? ''
  }

  isRelative(path: string): boolean {
    return !absolute.test(path)
  }

  /**
   * A relative path below `mediaPath`, with the ending where it has none; anything else as it is.
   * @param options `minify: false` for a file of which there is no minified one, `ending: false` for one of another kind
   */
  absolutePath(path: string, options: { readonly minify?: boolean; readonly ending?: boolean } = {}): string {
    if (path.startsWith('//')) return this.assetProtocol + path
    if (!this.isRelative(path)) return path
    const prefix = this.mediaPath.endsWith('/') ? this.mediaPath : `${this.mediaPath}/`
    return prefix + (options.ending === false ? path : this.#named(path, options.minify ?? true))
  }

  #named(path: string, minify: boolean): string {
    const [, name = '', query = ''] = /^([^?#]*)(.*)$/s.exec(path) as RegExpExecArray
    if (name === '' || name.endsWith('/') || name.endsWith(this.#ending)) return path
    return `${name}${this.minified && minify ? '.min' : ''}${this.#ending}${query}`
  }
}
