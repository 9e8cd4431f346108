import type { WsgiRequest } from '../request.ts'
import { Head, type HeadOptions } from './head.ts'
import { Html, type HtmlParams } from './html.ts'
import { collectChild, ContentNode, isPromise, settle, type Child, type Part } from './rendering.ts'

export interface HtmlDocumentOptions extends HeadOptions {
  /** Of the `html` element: `{ lang: 'en' }`. */
  readonly attributes?: HtmlParams
}

/**
 * A page of HTML. The body is rendered before the head, so that what stands in it may add links, scripts and meta elements:
 * its promises are waited for, then the head is sent. Only async iterables are left for their turn: what is slow and should
 * not keep the head waiting is given as one.
 */
export class HtmlDocument extends Html {
  readonly head: Head
  readonly body: Html = new Html('body')

  constructor(options: HtmlDocumentOptions = {}) {
    super('html', options.attributes ?? {})
    this.head = new Head(options)
  }

  get title(): string {
    return this.head.title
  }

  set title(title: string) {
    this.head.title = title
  }

  protected override collectContent(parts: Part[], _mode: unknown, request: WsgiRequest | undefined): void {
    const body: Part[] = []
    // What was appended to the document itself is of its body.
    this.body.append(new Html(null, this.doStream(request)))
    this.body.collect(body, 'markup', request)
    if (!body.some((part) => typeof part !== 'string' && isPromise(part.source))) {
      this.#page(body, request).collect(parts)
      return
    }
    const source = settle(body, request).then((settled): Child => this.#page(settled, request))
    source.catch(() => undefined)
    parts.push({ source, mode: 'markup' })
  }

  #page(body: readonly Part[], request: WsgiRequest | undefined): CollectedParts {
    const page: Part[] = [`<!DOCTYPE html>\n<html${this.flatatt()}>`]
    collectChild(this.head, page, 'markup', request)
    page.push(...body, '</html>')
    return new CollectedParts(page)
  }
}

/** Parts that were collected before their turn. */
class CollectedParts extends ContentNode {
  readonly #parts: readonly Part[]

  constructor(parts: readonly Part[]) {
    super()
    this.#parts = parts
  }

  override collect(parts: Part[]): void {
    for (const part of this.#parts) parts.push(part)
  }
}
