import type { WsgiRequest } from '../request.ts'
import { AsyncString } from './async-string.ts'
import { Html, type HtmlParams } from './html.ts'
import { Links } from './links.ts'
import type { MediaOptions } from './media.ts'
import type { Child } from './rendering.ts'
import { safe } from './safe-markup.ts'
import { Scripts } from './scripts.ts'

export interface HeadOptions extends MediaOptions {
  readonly title?: string
}

/**
 * The `head` of a page: charset, title, meta, links, css, js, scripts, and last what else was appended. Code that is
 * embedded is marked safe(), as in any `style` and `script`.
 */
export class Head extends Html {
  title: string
  readonly meta: Html = new Html(null)
  readonly links: Links
  readonly embeddedCss: AsyncString = new AsyncString()
  readonly embeddedJs: AsyncString = new AsyncString()
  readonly scripts: Scripts

  constructor(options: HeadOptions = {}) {
    super('head')
    this.title = options.title ?? ''
    this.links = new Links(options)
    this.scripts = new Scripts(options)
  }

  /** Where relative links and scripts are. */
  get mediaPath(): string {
    return this.links.media.mediaPath
  }

  set mediaPath(path: string) {
    this.links.media.mediaPath = path
    this.scripts.media.mediaPath = path
  }

  /** @returns this */
  addMeta(attributes: HtmlParams): this {
    this.meta.append(new Html('meta', attributes))
    return this
  }

  /** The content of a meta element; undefined where there is none. */
  getMeta(name: string, metaKey: string = 'name'): string | undefined {
    const content = this.#meta(name, metaKey)?.attr('content')
    return content === true ? '' : content
  }

  /** Changes the content of a meta element, or adds one. @returns this */
  replaceMeta(name: string, content: string, metaKey: string = 'name'): this {
    const meta = this.#meta(name, metaKey)
    if (meta === undefined) return this.addMeta({ [metaKey]: name, content })
    meta.attr('content', content)
    return this
  }

  override doStream(request: WsgiRequest | undefined): Child {
    // HTML section 4.2.5.4: the charset is looked for in the first 1024 bytes.
    const code = (tag: string, content: AsyncString): Child => content.children.length > 0 && new Html(tag, content)
    return [
      safe(`<meta charset="${this.charset}">`), new Html('title', this.title), this.meta, this.links,
      code('style', this.embeddedCss), code('script', this.embeddedJs), this.scripts, super.doStream(request),
    ]
  }

  #meta(name: string, key: string): Html | undefined {
    return this.meta.children.find((child): child is Html => child instanceof Html && child.attr(key) === name)
  }
}
