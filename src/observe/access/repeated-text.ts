/** What many requests have in common, such as their host: printed once. Bounded, because clients choose it. */
import { flat } from './text.ts'

const MOST = 256
const LONGEST = 256

export class RepeatedText {
  private readonly print: (text: string) => string
  private readonly known = new Map<string, string>()
  private last = ''
  private lastPrinted: string

  constructor(print: (text: string) => string) {
    this.print = print
    this.lastPrinted = print('')
  }

  printed(text: string): string {
    if (text === this.last) return this.lastPrinted
    if (text.length > LONGEST) return this.print(text)
    this.last = text
    return this.lastPrinted = this.known.get(text) ?? this.keep(text)
  }

  private keep(text: string): string {
    if (this.known.size >= MOST) this.known.clear()
    const printed = flat(this.print(text))
    // Made anew: a part of a request's head would keep all of it.
    this.known.set(flat(text), printed)
    return printed
  }
}
