/** Properties and values of a `style` attribute, so that a value stays a value. */

/** A property, or a custom one: `color`, `--accent`. */
const property = /^(?:--[a-z0-9_-]+|-?[a-z][a-z-]*)$/i
const inString = /"[^"\\\n]*"|'[^'\\\n]*'/
const plain = /[^;{}()"'\\]/
/**
 * A value of CSS without what could end it or open a block (CSS Syntax section 5.3): parentheses are balanced, three deep at
 * most, strings closed, nothing escaped. No two alternatives begin alike, so nothing is tried twice.
 */
const innermost = `(?:${plain.source}|${inString.source})*`
const nested = `(?:${plain.source}|${inString.source}|\\(${innermost}\\))*`
const value = new RegExp(`^(?:${plain.source}|${inString.source}|\\((?:[^(){}"'\\\\]|${inString.source}|\\(${nested}\\))*\\))*$`)

/** @throws {TypeError} for what is no property; `backgroundColor` is `background-color` */
export function checkStyleName(name: string): string {
  const dashed = name.startsWith('--') ? name : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  if (!property.test(dashed)) throw new TypeError(`no property of CSS: ${JSON.stringify(name)}`)
  return dashed
}

/** @throws {TypeError} for a value that would end the declaration or is not closed */
export function checkStyleValue(text: string): string {
  if (!value.test(text) || text.includes('/*')) throw new TypeError(`no value of a CSS property: ${JSON.stringify(text)}`)
  return text
}
