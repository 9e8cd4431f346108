import { escapeHtml } from '../../gateway/html-text.ts'
import type { WsgiRequest } from '../request.ts'
import { AsyncString } from './async-string.ts'
import { resolveValue } from './json-value.ts'
import { isPromise, isSource, type Part, type TextMode } from './rendering.ts'
import { SafeMarkup } from './safe-markup.ts'

/**
 * Values as JSON: one as it is, several as a list. In them, however deep, may stand promises, async iterables, which become
 * lists, and other content, which becomes its text. In a `script` it is written so that it cannot end it.
 */
export class Json extends AsyncString {
  protected override mediaType: string = 'application/json'
  readonly value: unknown

  constructor(...values: readonly unknown[]) {
    super()
    // Each may be a promise that is rejected before its turn.
    for (const value of values) isSource(value)
    this.value = values.length === 1 ? values[0] : values
  }

  /** A list of the values, even of one. */
  static list(...values: readonly unknown[]): Json {
    return new Json(values)
  }

  override jsonValue(_request: WsgiRequest | undefined): unknown {
    return this.value
  }

  protected override collectContent(parts: Part[], mode: TextMode, request: WsgiRequest | undefined): void {
    const resolved = resolveValue(this.value, request)
    if (!isPromise(resolved)) {
      parts.push(jsonText(resolved, mode))
      return
    }
    const source = resolved.then((value) => new SafeMarkup(jsonText(value, mode)))
    source.then(undefined, () => undefined)
    parts.push({ source, mode })
  }
}

function jsonText(value: unknown, mode: TextMode): string {
  // JSON.stringify gives undefined, whatever its type says, for undefined and functions.
  const text = (JSON.stringify(value) as string | undefined) ?? 'null'
  if (mode === 'text') return text
  return mode === 'markup' ? escapeHtml(text) : text.replaceAll('<', '\\u003c')
}
