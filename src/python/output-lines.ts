/** What a worker prints, line by line. */
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** A line that goes on is cut into several. */
const LONGEST = 16_384

export class OutputLines {
  private readonly line: (text: string) => void
  private readonly decoder = new StringDecoder('utf8')
  private unfinished = ''

  constructor(line: (text: string) => void) {
    this.line = line
  }

  take(bytes: Buffer): void {
    const lines = (this.unfinished + this.decoder.write(bytes)).split('\n')
    this.unfinished = lines.pop() as string
    for (const one of lines) this.say(one)
    while (this.unfinished.length > LONGEST) {
      this.say(this.unfinished.slice(0, LONGEST))
      this.unfinished = this.unfinished.slice(LONGEST)
    }
  }

  end(): void {
    this.say(this.unfinished + this.decoder.end())
    this.unfinished = ''
  }

  private say(text: string): void {
    const trimmed = text.trimEnd()
    if (trimmed !== '') this.line(trimmed)
  }
}

/** Until the stream ends, which it does when the process does, however: that is told elsewhere. */
export function readLines(stream: Readable, line: (text: string) => void): void {
  const lines = new OutputLines(line)
  stream.on('data', (bytes: Buffer) => lines.take(bytes)).on('error', () => undefined).once('close', () => lines.end())
}
