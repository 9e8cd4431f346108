/** How a tree of content becomes text: what is there is collected at once, what is awaited is rendered when its turn comes. */
import { escapeHtml } from '../../gateway/html-text.ts'
import type { WsgiRequest } from '../request.ts'
import { SafeMarkup } from './safe-markup.ts'

/** What may stand in content. Booleans, null and undefined are nothing, so that `condition && child` can be written. */
export type Child =
  | string | number | bigint | boolean | null | undefined
  | Uint8Array
  | SafeMarkup
  | ContentNode
  | PromiseLike<Child>
  | Iterable<Child>
  | AsyncIterable<Child>

/** What text turns into: itself; escaped for HTML; or, in `script` and `style`, where nothing can be escaped, an error. */
export type TextMode = 'text' | 'markup' | 'code'

/** A part of a tree that renders itself. */
export abstract class ContentNode {
  /**
   * Adds what this node is to `parts`, in order. Nothing is waited for.
   * @param mode that of the place where the node stands
   */
  abstract collect(parts: Part[], mode: TextMode, request: WsgiRequest | undefined): void
}

/** Finished text, or a source of children whose turn has not come. */
export type Part = string | Pending

export interface Pending {
  readonly source: PromiseLike<Child> | Iterable<Child> | AsyncIterable<Child>
  readonly mode: TextMode
}

/** In a `script` these would end it, or begin a comment that hides its end (HTML section 4.12.1.3). */
const endsCode = /<\/(?:script|style)|<!--|<script/i
const decoder = new TextDecoder()

/** @throws {TypeError} for what is no content, and for plain text where only code may stand */
export function collectChild(child: Child, parts: Part[], mode: TextMode, request: WsgiRequest | undefined): void {
  if (child === null || child === undefined || typeof child === 'boolean') return
  if (typeof child === 'string') parts.push(textOf(child, mode))
  else if (typeof child === 'number' || typeof child === 'bigint') parts.push(String(child))
  else if (child instanceof ContentNode) child.collect(parts, mode, request)
  else if (child instanceof SafeMarkup) parts.push(mode === 'code' ? codeOf(child.markup) : child.markup)
  else if (child instanceof Uint8Array) parts.push(textOf(decoder.decode(child), mode))
  else if (Array.isArray(child)) for (const one of child as readonly Child[]) collectChild(one, parts, mode, request)
  else if (isSource(child)) parts.push({ source: child, mode })
  else throw new TypeError(`no content: ${typeof child === 'object' ? 'a plain object; Json renders one' : typeof child}`)
}

/** What is to be awaited. A promise that is rejected before its turn is an error at its turn: without this it would end the process. */
export function isSource(child: unknown): child is Pending['source'] {
  if (typeof child !== 'object' || child === null) return false
  if (Symbol.asyncIterator in child || Symbol.iterator in child) return true
  if (!isPromise(child)) return false
  child.then(undefined, () => undefined)
  return true
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** True where nothing is to be awaited. */
export function isFinished(parts: readonly Part[]): parts is readonly string[] {
  return parts.every((part) => typeof part === 'string')
}

/** The text of the parts, in order, in pieces as large as can be had without waiting. */
export async function* renderParts(parts: readonly Part[], request: WsgiRequest | undefined): AsyncGenerator<string, void, undefined> {
  let text = ''
  for (const part of parts) {
    if (typeof part === 'string') {
      text += part
      continue
    }
    if (text !== '') yield text
    text = ''
    yield* renderPending(part, request)
  }
  if (text !== '') yield text
}

async function* renderPending({ source, mode }: Pending, request: WsgiRequest | undefined): AsyncGenerator<string, void, undefined> {
  if (isPromise(source)) {
    yield* renderChild((await (source as PromiseLike<unknown>)) as Child, mode, request)
    return
  }
  for await (const child of source as AsyncIterable<Child>) yield* renderChild(child, mode, request)
}

function renderChild(child: Child, mode: TextMode, request: WsgiRequest | undefined): AsyncGenerator<string, void, undefined> {
  const parts: Part[] = []
  collectChild(child, parts, mode, request)
  return renderParts(parts, request)
}

/** Waits for the promises of the parts, and for what they bring; iterables are left for their turn. */
export async function settle(parts: readonly Part[], request: WsgiRequest | undefined): Promise<Part[]> {
  const settled: Part[] = []
  for (const part of parts) {
    if (typeof part === 'string' || !isPromise(part.source)) {
      settled.push(part)
      continue
    }
    const brought: Part[] = []
    collectChild(await part.source, brought, part.mode, request)
    settled.push(...(await settle(brought, request)))
  }
  return settled
}

function textOf(text: string, mode: TextMode): string {
  if (mode === 'text') return text
  if (mode === 'markup') return escapeHtml(text)
  throw new TypeError('text in a script or style cannot be escaped: mark code as safe(), give data as Json')
}

function codeOf(code: string): string {
  if (endsCode.test(code)) throw new TypeError('code that ends its script or style element, or hides its end')
  return code
}
