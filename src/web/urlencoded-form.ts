/** application/x-www-form-urlencoded (URL Standard, "application/x-www-form-urlencoded parsing"). */
import { BadRequest, ContentTooLarge } from './http-error.ts'
import { Form } from './form.ts'

const AMPERSAND = 0x26

/** @throws {HttpError} 413 for more than `parts` fields, 400 for bytes or escapes that are not UTF-8 */
export function parseUrlencoded(body: Buffer, parts: number): Form {
  let fields = body.length === 0 ? 0 : 1
  for (let i = body.indexOf(AMPERSAND); i >= 0; i = body.indexOf(AMPERSAND, i + 1)) fields++
  if (fields > parts) throw new ContentTooLarge(`the form has more than ${parts} fields`)
  const text = body.toString('latin1')
  const pairs = text.split('&').filter((field) => field !== '').map((field) => {
    const at = field.indexOf('=')
    return [decoded(at < 0 ? field : field.slice(0, at)), at < 0 ? '' : decoded(field.slice(at + 1))] as const
  })
  return new Form(pairs)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A `+` is a space; a `%` that begins no escape stands for itself. */
function decoded(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!/[%\x80-\xff]/.test(spaced)) return spaced
  const bytes = spaced.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'))
  } catch (cause) {
    throw new BadRequest('the form is not UTF-8', { cause })
  }
}
