import type { WsgiRequest } from '../request.ts'
import { AsyncString } from './async-string.ts'
import { Html, type HtmlParams } from './html.ts'
import { Json } from './json.ts'
import { Media, type MediaOptions } from './media.ts'
import type { Child, Part, TextMode } from './rendering.ts'
import { safe } from './safe-markup.ts'

/** Of a script; what is not named here becomes an attribute. */
export interface ScriptParams extends HtmlParams {
  /** Default: JavaScript. `module` for a module. */
  readonly type?: string
}

/** The `script` elements of a page, each once; before them, where something is required, the configuration of RequireJS. */
export class Scripts extends AsyncString {
  readonly media: Media
  /** Modules that RequireJS is to load. */
  readonly require: string[] = []
  /** Where modules are, by name. */
  readonly paths: Record<string, string> = {}
  /** Seconds that RequireJS waits for a script. */
  wait = 200
  readonly #known = new Set<string>()

  constructor(options: MediaOptions = {}) {
    super()
    this.media = new Media('.js', options)
  }

  /**
   * Adds a script; one that is there already is not added again.
   * @param src where it is; relative ones are below the media path
   * @returns this
   */
  override append(src: Child, params: ScriptParams = {}): this {
    if (typeof src !== 'string') return super.append(src)
    const script = new Html('script', { ...params, src: this.media.absolutePath(src) })
    const text = script.flatatt()
    if (this.#known.has(text)) return this
    this.#known.add(text)
    return super.append(script)
  }

  override doStream(_request: WsgiRequest | undefined): Child {
    if (this.require.length === 0) return this.children
    return [new Html('script', safe('var require = '), new Json(this.#configuration())), this.children]
  }

  protected override collectContent(parts: Part[], _mode: TextMode, request: WsgiRequest | undefined): void {
    super.collectContent(parts, 'markup', request)
  }

  #configuration(): object {
    return {
      deps: this.require, paths: this.paths, baseUrl: this.media.mediaPath,
      minify: this.media.minified, waitSeconds: this.wait,
    }
  }
}
