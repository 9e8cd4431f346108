import { AsyncString } from './async-string.ts'
import { Html, type HtmlParams } from './html.ts'
import { Media, type MediaOptions } from './media.ts'
import type { Child } from './rendering.ts'

/** Of a link; what is not named here becomes an attribute. */
export interface LinkParams extends HtmlParams {
  /** Default `stylesheet`. */
  readonly rel?: string
  readonly type?: string
  readonly media?: string
}

/** The `link` elements of a page, each once. */
export class Links extends AsyncString {
  readonly media: Media
  readonly #known = new Set<string>()

  constructor(options: MediaOptions = {}) {
    super()
    this.media = new Media('.css', options)
  }

  /**
   * Adds a link: a style sheet unless told otherwise. One that is there already is not added again.
   * @param href where it leads; relative ones are below the media path
   * @returns this
   */
  override append(href: Child, params: LinkParams = {}): this {
    if (typeof href !== 'string') return super.append(href)
    const rel = params.rel ?? 'stylesheet'
    const link = new Html('link', { ...params, rel, href: this.media.absolutePath(href, { ending: rel === 'stylesheet' }) })
    const text = link.flatatt()
    if (this.#known.has(text)) return this
    this.#known.add(text)
    return super.append(link)
  }
}
