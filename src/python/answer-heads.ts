/** Heads of answers as their texts say; most applications give the same few again and again. */
import { parseHead, type AnswerHead } from './wire/answer.ts'

const ENTRIES = 256
const LONGEST = 2048

export class AnswerHeads {
  private readonly known = new Map<string, AnswerHead>()

  /** @throws {WireError} for what is no head */
  read(text: string): AnswerHead {
    const known = this.known.get(text)
    if (known !== undefined) return known
    const head = parseHead(text)
    // Each may have a length or a date in it: what came first is given up for what comes now.
    if (this.known.size >= ENTRIES) this.known.clear()
    if (text.length <= LONGEST) this.known.set(text, head)
    return head
  }
}
