/** Accept (RFC 9110 section 12.5.1): which media type a client would rather have. */

/** How well a type is liked, and how closely it was named: 0 not at all, 1 `*` for all, 2 `text/*`, 3 by name. */
export interface Preference {
  /** 0 to 1; 0 is "not acceptable". */
  readonly quality: number
  readonly closeness: 0 | 1 | 2 | 3
}

/** weight = OWS ";" OWS "q=" qvalue; a qvalue has at most three decimals. */
const qvalue = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/**
 * The preference for one media type: the closest range of the field decides. Parameters other than the weight are passed
 * over, and so is an element that is malformed. Without the field everything is acceptable.
 * @param type in lower case, without parameters: `text/html`
 */
export function preference(accept: string | undefined, type: string): Preference {
  if (accept === undefined || accept.trim() === '') return { quality: 1, closeness: 0 }
  let best: Preference = { quality: 0, closeness: 0 }
  for (const element of accept.split(',')) {
    const [range = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase())
    const near = closeness(range, type)
    if (near === 0 || near < best.closeness) continue
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1'
    if (!qvalue.test(weight)) continue
    const quality = Number(weight)
    if (near > best.closeness || quality > best.quality) best = { quality, closeness: near }
  }
  return best
}

/** True where HTML is what the client would rather have than plain text; a client that takes anything alike gets text. */
export function prefersHtml(accept: string | undefined): boolean {
  const html = preference(accept, 'text/html')
  if (html.quality === 0 || html.closeness === 0) return false
  const plain = preference(accept, 'text/plain')
  return html.quality > plain.quality || (html.quality === plain.quality && html.closeness === 3 && plain.closeness < 3)
}

function closeness(range: string, type: string): 0 | 1 | 2 | 3 {
  if (range === type) return 3
  if (range === '*/*') return 1
  return range.endsWith('/*') && type.startsWith(range.slice(0, -1)) ? 2 : 0
}
