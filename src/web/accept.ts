/** Accept, Accept-Charset, Accept-Encoding and Accept-Language as a client weighs them (RFC 9110 section 12.5). */

export interface Accepted {
  /** In lower case, parameters other than the weight included: `text/html;level=1`. */
  readonly value: string
  /** 0 to 1; 0 is "not acceptable". */
  readonly quality: number
}

/** weight = OWS ";" OWS "q=" qvalue; a qvalue has at most three decimals (RFC 9110 section 12.4.2). */
const qvalue = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/**
 * What a field lists, best first, equals in the order of the field. It never changes. A malformed element is passed over;
 * without the field anything is acceptable.
 */
export class Accept implements Iterable<Accepted> {
  private readonly items: readonly Accepted[]
  private readonly absent: boolean

  constructor(field: string | undefined) {
    this.absent = field === undefined
    this.items = field === undefined ? [] : parsed(field)
  }

  get length(): number {
    return this.items.length
  }

  /** What the client likes best, ranges included; undefined where it named nothing that it takes. */
  get best(): string | undefined {
    return this.items.find(({ quality }) => quality > 0)?.value
  }

  /** How much a value is liked: 0 is not at all. The closest element decides (RFC 9110 section 12.5.1). */
  quality(value: string): number {
    if (this.absent) return 1
    const wanted = value.toLowerCase()
    let best = 0
    let quality = -1
    for (const item of this.items) {
      const near = this.closeness(item.value, wanted)
      if (near > best) {
        best = near
        quality = item.quality
      }
    }
    return quality < 0 ? this.unnamed(wanted) : quality
  }

  /** True for what is acceptable. */
  has(value: string): boolean {
    return this.quality(value) > 0
  }

  /** The one that is liked best, the first of equals; undefined where none is acceptable. */
  bestMatch(values: readonly string[]): string | undefined {
    let best: string | undefined
    let bestQuality = 0
    for (const value of values) {
      const quality = this.quality(value)
      if (quality > bestQuality) {
        best = value
        bestQuality = quality
      }
    }
    return best
  }

  /** All values that are acceptable, best first. */
  values(): string[] {
    return this.items.filter(({ quality }) => quality > 0).map(({ value }) => value)
  }

  /** The field as it could be sent. */
  toHeader(): string {
    return this.items.map(({ value, quality }) => (quality === 1 ? value : `${value};q=${quality}`)).join(', ')
  }

  [Symbol.iterator](): Iterator<Accepted> {
    return this.items[Symbol.iterator]()
  }

  /** 0 where a range does not cover the value, else the more the closer. */
  protected closeness(range: string, value: string): number {
    if (range === value) return 9
    return range === '*' ? 1 : 0
  }

  /** The quality of what no element covers. */
  protected unnamed(_value: string): number {
    return this.items.length === 0 ? 1 : 0
  }
}

/**
 * Accept-Encoding: `identity` is acceptable unless it is named, or `*` says otherwise; an empty field takes nothing else
 * (RFC 9110 section 12.5.3).
 */
export class EncodingAccept extends Accept {
  protected override unnamed(value: string): number {
    return value === 'identity' ? 1 : 0
  }

  protected override closeness(range: string, value: string): number {
    // RFC 9110 section 8.4.1: x-gzip and x-compress are the same as gzip and compress.
    return super.closeness(range.replace(/^x-(?=gzip$|compress$)/, ''), value.replace(/^x-(?=gzip$|compress$)/, ''))
  }
}

/** Accept: a type by name, `text/*` or any; a range with parameters covers only what has them too. */
export class ContentAccept extends Accept {
  get acceptHtml(): boolean {
    return this.has('text/html') || this.acceptXhtml
  }

  get acceptXhtml(): boolean {
    return this.has('application/xhtml+xml')
  }

  get acceptJson(): boolean {
    return this.has('application/json')
  }

  protected override closeness(range: string, value: string): number {
    const [rangeType = '', ...rangeParameters] = range.split(';')
    const [type = '', ...parameters] = value.split(';').map((part) => part.trim())
    if (rangeParameters.some((parameter) => !parameters.includes(parameter))) return 0
    const near = typeCloseness(rangeType, type)
    return near === 0 ? 0 : near + rangeParameters.length * 3
  }
}

function typeCloseness(range: string, type: string): 0 | 1 | 2 | 3 {
  if (range === type) return 3
  if (range === '*/*') return 1
  return range.endsWith('/*') && type.startsWith(range.slice(0, -1)) ? 2 : 0
}

/** Accept-Language: a range covers every tag that begins with it (RFC 4647 section 3.3.1), `en` also `en-GB`. */
export class LanguageAccept extends Accept {
  protected override closeness(range: string, value: string): number {
    const [wide, tag] = [range.replaceAll('_', '-'), value.replaceAll('_', '-')]
    if (wide === '*') return 1
    return tag === wide || tag.startsWith(`${wide}-`) ? 1 + wide.length : 0
  }
}

const charsetAliases: Readonly<Record<string, string>> = {
  utf8: 'utf-8', latin1: 'iso-8859-1', 'latin-1': 'iso-8859-1', l1: 'iso-8859-1', ascii: 'us-ascii',
}

/** Accept-Charset, with the names that charsets go by. */
export class CharsetAccept extends Accept {
  protected override closeness(range: string, value: string): number {
    return super.closeness(charsetAliases[range] ?? range, charsetAliases[value] ?? value)
  }
}

function parsed(field: string): readonly Accepted[] {
  const items: Accepted[] = []
  for (const element of field.split(',')) {
    const [value = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase())
    if (value === '' || /\s/.test(value)) continue
    const weight = parameters.findIndex((parameter) => parameter.startsWith('q='))
    const quality = weight < 0 ? '1' : (parameters[weight] as string).slice(2)
    if (!qvalue.test(quality)) continue
    // What follows the weight was an extension of the field, and is gone since RFC 9110.
    const own = weight < 0 ? parameters : parameters.slice(0, weight)
    items.push({ value: [value, ...own.filter((parameter) => parameter !== '')].join(';'), quality: Number(quality) })
  }
  return items.sort((a, b) => b.quality - a.quality)
}
