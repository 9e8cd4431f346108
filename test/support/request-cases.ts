/** Reads the cases of test/corpus/ (its README.md says how they are written). */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './project.ts'

/** One request, as far as it came. */
export interface ReadMessage {
  method: string
  target: string
  version: string
  path: string
  query: string
  authority: string
  /** Flat: name, value, name, value. */
  fields: string[]
  persistent: boolean
  expectsContinue: boolean
  upgrade: string
  /** Null for chunks. */
  length: number | null
  /** Latin-1. */
  data: string
  trailers: string[]
  ended: boolean
}

export interface RequestCase {
  readonly name: string
  readonly file: string
  readonly input: Buffer
  readonly limits: Readonly<Record<string, number>>
  readonly messages: readonly ReadMessage[]
  /** How the input ends: between messages, within one, or refused for a cause. */
  readonly outcome: 'complete' | 'incomplete' | { readonly refused: string }
}

const directory = join(projectRoot, 'test', 'corpus')

/** All cases, in the order of the files. Throws for a malformed or repeated one. */
export function requestCases(): RequestCase[] {
  const files = readdirSync(directory).filter((name) => name.endsWith('.txt')).sort()
  const cases = files.flatMap((file) => readCases(file, readFileSync(join(directory, file), 'latin1')))
  const names = new Set<string>()
  for (const { file, name } of cases) {
    if (names.has(name)) throw new Error(`${file}: a second case is named ${name}`)
    names.add(name)
  }
  return cases
}

function readCases(file: string, text: string): RequestCase[] {
  const blocks = text.split(/\n{2,}/).map((block) => block.split('\n').filter((line) => line !== '' && !line.startsWith('#')))
  return blocks.filter((lines) => lines.length > 0).map((lines) => readCase(file, lines))
}

function readCase(file: string, [name = '', ...lines]: string[]): RequestCase {
  const input = lines.filter((line) => line.startsWith('> ')).map((line) => unescape(line.slice(2))).join('')
  const read = new Expectation(`${file}: ${name}`)
  for (const line of lines) if (!line.startsWith('> ')) read.take(line)
  if (input === '') throw new Error(`${file}: ${name} has no input`)
  const { limits, messages } = read
  return { name, file, input: Buffer.from(input, 'latin1'), limits, messages, outcome: read.outcome() }
}

class Expectation {
  readonly limits: Record<string, number> = {}
  readonly messages: ReadMessage[] = []
  readonly #title: string
  #last: RequestCase['outcome'] | null = null

  constructor(title: string) {
    this.#title = title
  }

  take(line: string): void {
    if (this.#last !== null) throw new Error(`${this.#title}: ${line} behind the last line`)
    const space = line.indexOf(' ')
    const word = space < 0 ? line : line.slice(0, space)
    const rest = space < 0 ? '' : line.slice(space + 1)
    if (word === 'limits') this.#takeLimits(rest)
    else if (word === 'incomplete') this.#last = 'incomplete'
    else if (word === 'nothing') this.#last = 'complete'
    else if (word === 'refused') this.#last = { refused: rest }
    else if (word === 'head') this.messages.push(newMessage(rest))
    else this.#takeOfMessage(word, unescape(rest))
  }

  outcome(): RequestCase['outcome'] {
    const last = this.messages.at(-1)
    if (this.#last === null && !last?.ended) throw new Error(`${this.#title} does not say how it ends`)
    if (this.messages.slice(0, -1).some((message) => !message.ended)) throw new Error(`${this.#title}: no end before a head`)
    return this.#last ?? 'complete'
  }

  #takeLimits(text: string): void {
    for (const limit of text.split(' ')) {
      const [name = '', value] = limit.split('=')
      this.limits[name] = Number(value)
    }
  }

  #takeOfMessage(word: string, text: string): void {
    const message = this.messages.at(-1)
    if (!message || message.ended) throw new Error(`${this.#title}: ${word} without a head`)
    switch (word) {
      case 'path': case 'query': case 'authority': case 'upgrade': case 'data': message[word] = text; break
      case 'field': takeField(message, ...nameAndValue(text)); break
      case 'no': message.fields = []; break
      case 'close': message.persistent = false; break
      case 'persistent': message.persistent = true; break
      case 'continue': message.expectsContinue = true; break
      case 'length': message.length = text === 'chunked' ? null : Number(text); break
      case 'chunked': message.length = null; message.fields.push('Transfer-Encoding', 'chunked'); break
      case 'trailer': message.trailers.push(...nameAndValue(text)); break
      case 'end': message.ended = true; break
      default: throw new Error(`${this.#title}: ${word}`)
    }
  }
}

function newMessage(text: string): ReadMessage {
  const [method = '', target = '', version = ''] = text.split(' ').map(unescape)
  return {
    method, target, version, path: target, query: '', authority: 'h', fields: ['Host', 'h'], persistent: true,
    expectsContinue: false, upgrade: '', length: 0, data: '', trailers: [], ended: false,
  }
}

/** The first mention of a Host says that all fields are listed: those before it have been taken after the default one. */
function takeField(message: ReadMessage, name: string, value: string): void {
  const standsIn = message.fields[0] === 'Host' && message.fields[1] === 'h'
  if (name.toLowerCase() === 'host' && standsIn) message.fields.splice(0, 2)
  message.fields.push(name, value)
}

function nameAndValue(text: string): [string, string] {
  const colon = text.indexOf(':')
  return [text.slice(0, colon), text.slice(colon + 1).replace(/^ /, '')]
}

function unescape(text: string): string {
  return text
    .replace(/\\\{(.*?)\*(\d+)\}/g, (_, piece: string, times: string) => piece.repeat(Number(times)))
    .replace(/\\(?:x([0-9a-f]{2})|([rnt0\\]))/g, (_, hex: string | undefined, letter: string) =>
      hex ? String.fromCharCode(Number.parseInt(hex, 16)) : { r: '\r', n: '\n', t: '\t', 0: '\0', '\\': '\\' }[letter] as string)
}
