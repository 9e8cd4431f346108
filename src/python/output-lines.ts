/** What a worker prints, line by line. */
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** A line that goes on is cut into several. */
const LONGEST = 16_384

/** @param rest what was read of the stream already */
export function readLines(stream: Readable, line: (text: string) => void, rest: Buffer = Buffer.alloc(0)): void {
  const decoder = new StringDecoder('utf8')
  let unfinished = ''
  const take = (bytes: Buffer): void => {
    const lines = (unfinished + decoder.write(bytes)).split('\n')
    unfinished = lines.pop() as string
    for (const one of lines) say(one)
    while (unfinished.length > LONGEST) {
      say(unfinished.slice(0, LONGEST))
      unfinished = unfinished.slice(LONGEST)
    }
  }
  const say = (text: string): void => {
    const trimmed = text.trimEnd()
    if (trimmed !== '') line(trimmed)
  }
  if (rest.length > 0) take(rest)
  stream.on('data', take)
  // It ends when the process does, however: that is told elsewhere.
  stream.on('error', () => undefined)
  stream.once('close', () => say(unfinished + decoder.end()))
}
