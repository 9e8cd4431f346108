/** Text that is markup already: rendered as it is. */
export class SafeMarkup {
  readonly markup: string

  constructor(markup: string) {
    if (typeof markup !== 'string') throw new TypeError(`markup is a string, not ${typeof markup}`)
    this.markup = markup
  }

  toString(): string {
    return this.markup
  }
}

/**
 * Marks text as markup, or in a `script` or `style` as code, so that it is not escaped. Never for text that a user wrote:
 * it would run in the browsers of others.
 */
export function safe(markup: string): SafeMarkup {
  return new SafeMarkup(markup)
}
