/** A tree of text that need not be there yet: the base of all content. */
import { preference } from '../../http/accept.ts'
import { NotAcceptable } from '../http-error.ts'
import type { WsgiRequest } from '../request.ts'
import type { WsgiResponse } from '../response.ts'
import { collectChild, ContentNode, isFinished, isSource, renderParts, type Child, type Part, type TextMode } from './rendering.ts'

export type BeforeRender = (request: WsgiRequest | undefined, content: AsyncString) => void

/**
 * Strings, bytes, promises, iterables and other content, rendered in order. A node stands in one parent at most, and is
 * rendered once: its iterables are there once.
 */
export class AsyncString extends ContentNode {
  /** Media type without parameters. */
  protected mediaType: string = 'text/plain'
  /** The charset that is told; content is always sent in UTF-8. */
  readonly charset: string = 'utf-8'
  #children: Child[] = []
  #parent: AsyncString | null = null
  #state: 'new' | 'rendering' | 'rendered' = 'new'
  #beforeRender: BeforeRender[] | undefined

  constructor(...children: readonly Child[]) {
    super()
    for (const child of children) this.append(child)
  }

  get children(): readonly Child[] {
    return this.#children
  }

  get parent(): AsyncString | null {
    return this.#parent
  }

  /** With the charset: `text/plain; charset=utf-8`. */
  get contentType(): string {
    return this.mediaType === 'application/json' ? this.mediaType : `${this.mediaType}; charset=${this.charset}`
  }

  /** True while nobody said anything else than text. */
  get hasDefaultContentType(): boolean {
    return this.mediaType === 'text/plain'
  }

  /** @returns this */
  append(child: Child): this {
    return this.insert(this.#children.length, child)
  }

  /** @returns this */
  prepend(child: Child): this {
    return this.insert(0, child)
  }

  /**
   * Puts a child at a place; one that stands elsewhere is moved. Nothing happens for null, undefined and this node itself.
   * @returns this
   * @throws {TypeError} for a node that this one stands in; {Error} where this one was rendered, and the child would be lost
   */
  insert(index: number, child: Child): this {
    if (child === null || child === undefined || child === this) return this
    if (this.#state === 'rendered') throw new Error('content was rendered: it is too late to add to it')
    let at = index
    if (child instanceof AsyncString) {
      if (child.contains(this)) throw new TypeError('a node cannot stand in itself')
      const before = child.#parent === this ? this.#children.indexOf(child) : -1
      if (before >= 0 && before < at) at--
      child.#parent?.remove(child)
      child.#parent = this
    } else isSource(child)
    this.#children.splice(at, 0, child)
    return this
  }

  /** @returns this */
  appendTo(parent: AsyncString): this {
    parent.append(this)
    return this
  }

  /** Nothing happens for what is no child. */
  remove(child: Child): void {
    const index = this.#children.indexOf(child)
    if (index < 0) return
    this.#children.splice(index, 1)
    if (child instanceof AsyncString) child.#parent = null
  }

  removeAll(): void {
    for (const child of this.#children) if (child instanceof AsyncString) child.#parent = null
    this.#children = []
  }

  /** True for this node and all below it. */
  contains(node: AsyncString): boolean {
    for (let at: AsyncString | null = node; at !== null; at = at.#parent) if (at === this) return true
    return false
  }

  /** Called when this node is about to be rendered, in time to change it. */
  beforeRender(callback: BeforeRender): void {
    this.#beforeRender ??= []
    this.#beforeRender.push(callback)
  }

  /** The children to render: what a subclass overrides to make them of the request. */
  doStream(_request: WsgiRequest | undefined): Child {
    return this.#children
  }

  override collect(parts: Part[], mode: TextMode, request: WsgiRequest | undefined): void {
    if (this.#state !== 'new') throw new Error('content is rendered once')
    this.#state = 'rendering'
    // A callback may add another, for what it added.
    const callbacks = this.#beforeRender ?? []
    for (let i = 0; i < callbacks.length; i++) (callbacks[i] as BeforeRender)(request, this)
    this.collectContent(parts, mode, request)
    this.#state = 'rendered'
  }

  /** What the node is made of, behind beforeRender(): what a subclass overrides to put something around its children. */
  protected collectContent(parts: Part[], mode: TextMode, request: WsgiRequest | undefined): void {
    collectChild(this.doStream(request), parts, mode, request)
  }

  /**
   * The text in pieces, as they come.
   * @throws {Error} the second time
   */
  stream(request?: WsgiRequest): AsyncGenerator<string, void, undefined> {
    return renderParts(this.#parts(request), request)
  }

  /** All of the text. */
  async render(request?: WsgiRequest): Promise<string> {
    const parts = this.#parts(request)
    if (isFinished(parts)) return this.toText(parts)
    const pieces: string[] = []
    for await (const piece of renderParts(parts, request)) pieces.push(piece)
    return this.toText(pieces)
  }

  /** What this is inside of a JSON value: its text. */
  jsonValue(request: WsgiRequest | undefined): unknown {
    return this.render(request)
  }

  /** Pieces as one text. */
  toText(pieces: readonly string[]): string {
    return pieces.join('')
  }

  /**
   * The content as an answer: whole where nothing is to be awaited, else as a stream. Status, headers and cookies that were set
   * on `request.response` stay.
   * @throws {NotAcceptable} where the client does not accept the type
   */
  httpResponse(request: WsgiRequest): WsgiResponse {
    const { response } = request
    const accept = request.environ['HTTP_ACCEPT']
    // An error is told in the form that there is: a 406 would hide it (RFC 9110 section 15.5.7 asks for none).
    if (response.status < 400 && preference(typeof accept === 'string' ? accept : undefined, this.mediaType).quality === 0) {
      throw new NotAcceptable(`the answer is ${this.mediaType}`)
    }
    const parts = this.#parts(request)
    response.content = isFinished(parts) ? this.toText(parts) : renderParts(parts, request)
    response.contentType = this.contentType
    return response
  }

  #parts(request: WsgiRequest | undefined): Part[] {
    const parts: Part[] = []
    this.collect(parts, 'text', request)
    return parts
  }
}
