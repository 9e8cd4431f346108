/** The attributes of an element, its classes, styles and data among them, and how they are written. */
import { escapeHtml } from '../../gateway/html-text.ts'
import { checkAttributeName, holdsCode, urlAttributes } from './html-elements.ts'
import { SafeMarkup } from './safe-markup.ts'
import { checkStyleName, checkStyleValue } from './style-value.ts'

/** True is an attribute without a value; false, null and undefined are none. */
export type AttributeValue = string | number | bigint | boolean | SafeMarkup | null | undefined

/** A scheme that runs what follows it; browsers pass over white space and controls in it (URL section 4.4). */
const runs = /^(?:javascript|vbscript|data):/i
/** Data that is only looked at. An SVG may hold scripts, but as an image they do not run, and nobody navigates to data. */
const harmlessData = /^data:(?:image|audio|video|font)\//i
/** In place of a URL that would run code: goes nowhere (RFC 6694 section 3.1). */
const refusedUrl = 'about:invalid'

type Data = Record<string, unknown>

export class HtmlAttributes {
  readonly #attributes = new Map<string, string | true>()
  readonly #classes = new Set<string>()
  readonly #styles = new Map<string, string>()
  readonly #data = new Map<string, unknown>()

  get(name: string): string | true | undefined {
    if (name === 'class') return this.#classes.size === 0 ? undefined : [...this.#classes].join(' ')
    if (name === 'style') return this.#styles.size === 0 ? this.#attributes.get(name) : this.#styleText()
    return this.#attributes.get(name)
  }

  /**
   * `class` is added to the classes there are, `data-*` is as data(). A URL that would run a script is replaced unless
   * marked safe().
   * @throws {TypeError} for what is no name of an attribute, and for plain text where the attribute is code
   */
  set(name: string, value: AttributeValue): void {
    checkAttributeName(name)
    const lower = name.toLowerCase()
    if (lower === 'class') return this.addClasses(value)
    if (value === null || value === undefined || value === false) {
      this.#attributes.delete(lower)
      if (lower === 'style') this.#styles.clear()
    } else if (value === true) this.#attributes.set(lower, true)
    else {
      const text = String(value)
      if (holdsCode(lower) && !(value instanceof SafeMarkup)) throw new TypeError(`${lower} is code: mark it as safe()`)
      const checked = urlAttributes.has(lower) && !(value instanceof SafeMarkup) ? checkedUrl(text) : text
      this.#attributes.set(lower, checked)
    }
  }

  /** Names separated by white space. */
  addClasses(names: AttributeValue): void {
    for (const name of words(names)) this.#classes.add(name)
  }

  removeClasses(names: string): void {
    for (const name of words(names)) this.#classes.delete(name)
  }

  hasClass(name: string): boolean {
    return this.#classes.has(name)
  }

  style(name: string): string | undefined {
    return this.#styles.get(name)
  }

  /** @throws {TypeError} for what is no property, and for a value that would end it */
  setStyle(name: string, value: string | number | null | undefined): void {
    const property = checkStyleName(name)
    if (value === null || value === undefined) this.#styles.delete(property)
    else this.#styles.set(property, checkStyleValue(String(value)))
  }

  data(name: string): unknown {
    return this.#data.get(dashed(name))
  }

  /** An object is merged, in depth, into the one that is there. `userId` is `data-user-id`, as in a browser's `dataset`. */
  setData(name: string, value: unknown): void {
    const key = dashed(name)
    checkAttributeName(`data-${key}`)
    if (value === null || value === undefined) this.#data.delete(key)
    else this.#data.set(key, merged(this.#data.get(key), value))
  }

  /** As in a start tag, sorted, with a space before each. */
  toString(): string {
    const all = new Map<string, string | true>(this.#attributes)
    for (const [name, value] of this.#data) all.set(`data-${name}`, typeof value === 'string' ? value : JSON.stringify(value))
    const classes = this.get('class')
    if (classes !== undefined) all.set('class', classes)
    if (this.#styles.size > 0) all.set('style', this.#styleText())
    return [...all].sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => (value === true ? ` ${name}` : ` ${name}="${escapeHtml(value)}"`)).join('')
  }

  #styleText(): string {
    const own = this.#attributes.get('style')
    const before = typeof own === 'string' ? [own.replace(/;\s*$/, '')] : []
    return [...before, ...[...this.#styles].map(([name, value]) => `${name}:${value}`)].join(';')
  }
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function words(text: AttributeValue): string[] {
  return text === null || text === undefined || typeof text === 'boolean' ? [] : String(text).split(/\s+/).filter(Boolean)
}

function checkedUrl(text: string): string {
  const seen = text.replace(/[\0-\x20]/g, '')
  return runs.test(seen) && !harmlessData.test(seen) ? refusedUrl : text
}

function merged(before: unknown, after: unknown): unknown {
  if (!isPlain(before) || !isPlain(after)) return after
  const result = new Map(Object.entries(before))
  for (const [key, value] of Object.entries(after)) result.set(key, merged(result.get(key), value))
  return Object.fromEntries(result)
}

function isPlain(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype
}
