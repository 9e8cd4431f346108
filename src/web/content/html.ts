import { AsyncString } from './async-string.ts'
import { HtmlAttributes, type AttributeValue } from './html-attributes.ts'
import { checkTagName, leadingLineFeed, rawElements, voidElements } from './html-elements.ts'
import { formValue, setFormValue } from './form-value.ts'
import { collectChild, ContentNode, isPromise, type Child, type Part } from './rendering.ts'
import { SafeMarkup } from './safe-markup.ts'
import type { WsgiRequest } from '../request.ts'

/** Attributes by name, and three that are more than one. */
export interface HtmlParams {
  /** Classes, separated by white space. */
  readonly cn?: string
  /** Properties of CSS. */
  readonly css?: Readonly<Record<string, string | number | null | undefined>>
  /** `data-*`: what is not text is written as JSON. */
  readonly data?: Readonly<Record<string, unknown>>
  readonly [attribute: string]: AttributeValue | Readonly<Record<string, unknown>>
}

/**
 * An element of HTML, or, without a tag, its children alone. Text in it is escaped unless it is marked safe(); the items of
 * `ul` and `ol` need no `li`.
 */
export class Html extends AsyncString {
  protected override mediaType: string = 'text/html'
  /** In lower case; null for a fragment. */
  readonly tag: string | null
  /** What stands in the start tag. */
  readonly attributes: HtmlAttributes = new HtmlAttributes()

  constructor(tag: string | null, ...content: readonly [HtmlParams, ...Child[]] | readonly Child[])
  constructor(tag: string | null, ...content: readonly unknown[]) {
    super()
    this.tag = tag === null ? null : checkTagName(tag)
    const [first, ...rest] = content
    const params = isParams(first)
    if (params) this.attr(first)
    for (const child of params ? rest : content) this.append(child as Child)
  }

  /** The value of an attribute; undefined where there is none. */
  attr(name: string): string | true | undefined
  /** Sets an attribute, or many. @returns this */
  attr(name: string, value: AttributeValue): this
  attr(attributes: HtmlParams): this
  attr(...given: readonly [string | HtmlParams, AttributeValue?]): string | true | undefined | this {
    const [name, value] = given
    if (typeof name === 'string') {
      if (given.length === 1) return this.attributes.get(name)
      this.attributes.set(name, value)
      return this
    }
    const { cn, css, data, ...attributes } = name
    if (cn !== undefined) this.addClass(cn)
    if (css !== undefined) this.css(css)
    if (data !== undefined && isPlain(data)) this.data(data)
    for (const [key, one] of Object.entries(attributes)) {
      if (isPlain(one)) throw new TypeError(`an attribute is text: ${key}`)
      this.attributes.set(key, one as AttributeValue)
    }
    return this
  }

  /** A property of `style`. */
  css(name: string): string | undefined
  /** Sets a property, or many; null takes one away. @returns this */
  css(name: string, value: string | number | null): this
  css(properties: Readonly<Record<string, string | number | null | undefined>>): this
  css(
    ...given: readonly [string | Readonly<Record<string, string | number | null | undefined>>, (string | number | null)?]
  ): string | undefined | this {
    const [name, value] = given
    if (typeof name === 'string') {
      if (given.length === 1) return this.attributes.style(name)
      this.attributes.setStyle(name, value)
      return this
    }
    for (const [key, one] of Object.entries(name)) this.attributes.setStyle(key, one)
    return this
  }

  /** What was said of `data-name`. */
  data(name: string): unknown
  /** Sets it, or many; objects are merged in depth. @returns this */
  data(name: string, value: unknown): this
  data(values: Readonly<Record<string, unknown>>): this
  data(...given: readonly [string | Readonly<Record<string, unknown>>, unknown?]): unknown {
    const [name, value] = given
    if (typeof name === 'string') {
      if (given.length === 1) return this.attributes.data(name)
      this.attributes.setData(name, value)
      return this
    }
    for (const [key, one] of Object.entries(name)) this.attributes.setData(key, one)
    return this
  }

  /** @returns this */
  addClass(names: string): this {
    this.attributes.addClasses(names)
    return this
  }

  /** @returns this */
  removeClass(names: string): this {
    this.attributes.removeClasses(names)
    return this
  }

  hasClass(name: string): boolean {
    return this.attributes.hasClass(name)
  }

  /** @returns this */
  hide(): this {
    return this.css('display', 'none')
  }

  /** @returns this */
  show(): this {
    return this.css('display', null)
  }

  /** What a form would send for this control; undefined where nothing is said. See {@link formValue}. */
  getFormValue(): string | undefined {
    return formValue(this)
  }

  /** Sets what a form would send for this control. @returns this */
  setFormValue(value: string): this {
    setFormValue(this, value)
    return this
  }

  /** The attributes as in the start tag, with a space before each. */
  flatatt(): string {
    return this.attributes.toString()
  }

  protected override collectContent(parts: Part[], _mode: unknown, request: WsgiRequest | undefined): void {
    const { tag } = this
    if (tag === null) {
      collectChild(this.doStream(request), parts, 'markup', request)
      return
    }
    parts.push(`<${tag}${this.flatatt()}>${leadingLineFeed.has(tag) ? '\n' : ''}`)
    if (voidElements.has(tag)) {
      if (this.children.length > 0) throw new TypeError(`<${tag}> has no content (HTML section 13.1.2)`)
      return
    }
    const content = this.doStream(request)
    const listed = tag === 'ul' || tag === 'ol' ? items(content) : content
    collectChild(listed, parts, rawElements.has(tag) ? 'code' : 'markup', request)
    parts.push(`</${tag}>`)
  }
}

/** Makes elements of one kind: `const p = htmlFactory('p', { cn: 'lead' })`, `p('text')`. */
export function htmlFactory(
  tag: string | null,
  defaults: HtmlParams = {}
): (...content: readonly [HtmlParams, ...Child[]] | readonly Child[]) => Html {
  return (...content) => {
    const [first, ...rest] = content
    const html = new Html(tag, defaults, ...((isParams(first) ? rest : content) as readonly Child[]))
    return isParams(first) ? html.attr(first) : html
  }
}

/** What children of a list stand in: each in an `li`, which some are already. */
function items(content: Child): Child {
  if (content === null || content === undefined || typeof content === 'boolean' || content instanceof SafeMarkup) return content
  if (content instanceof Html && (content.tag === 'li' || content.tag === null)) return content
  if (Array.isArray(content)) return (content as readonly Child[]).map(items)
  if (typeof content !== 'object' || content instanceof ContentNode || content instanceof Uint8Array) {
    return [safeStart, content, safeEnd]
  }
  return isPromise(content) ? content.then((child) => items(child as Child)) : eachItem(content as AsyncIterable<Child>)
}

async function* eachItem(children: AsyncIterable<Child> | Iterable<Child>): AsyncGenerator<Child, void, undefined> {
  for await (const child of children) yield items(child)
}

const safeStart = new SafeMarkup('<li>')
const safeEnd = new SafeMarkup('</li>')

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function isParams(value: unknown): value is HtmlParams {
  return isPlain(value) && !('then' in value) && !(Symbol.iterator in value) && !(Symbol.asyncIterator in value)
}
