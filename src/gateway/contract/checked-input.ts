/** `wsgi.input` with both sides watched: how the application calls it, and what the server gives back. */
import type { InputStream } from '../wsgi.ts'
import { shown, source, WSGIContractError } from './contract-error.ts'

const LF = 0x0a

/** Has the methods of the contract and no others, so that nothing else can be relied on; `close` says why it is not there. */
export class CheckedInput implements InputStream {
  readonly #input: InputStream

  constructor(input: InputStream) {
    this.#input = input
  }

  async read(...args: [size?: number]): Promise<Buffer> {
    const size = checkSize('read', args)
    const bytes = checkBytes('read', await this.#input.read(...args))
    checkLimit('read', bytes, size)
    return bytes
  }

  async readline(...args: [size?: number]): Promise<Buffer> {
    const size = checkSize('readline', args)
    const line = checkLine('readline', await this.#input.readline(...args))
    checkLimit('readline', line, size)
    return line
  }

  async readlines(...args: [hint?: number]): Promise<Buffer[]> {
    checkSize('readlines', args)
    const lines: unknown = await this.#input.readlines(...args)
    if (!Array.isArray(lines)) throw byServer(`readlines() must give an array, not ${shown(lines)}`)
    return lines.map((line: unknown) => checkLine('readlines', line))
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for await (const line of this.#input) yield checkBytes('iteration', line)
  }

  /** @throws {WSGIContractError} always */
  close(): never {
    throw byApplication('must not be closed: it is the server\'s')
  }
}

function checkSize(method: string, args: readonly unknown[]): number {
  if (args.length > 1) throw byApplication(`${method}() takes one argument at most, not ${args.length}`)
  const size = args[0]
  if (size === undefined) return -1
  if (typeof size !== 'number' || !Number.isInteger(size)) {
    throw byApplication(`${method}() takes a whole number of bytes, not ${shown(size)}`)
  }
  return size
}

function checkBytes(method: string, value: unknown): Buffer {
  if (!Buffer.isBuffer(value)) throw byServer(`${method} must give a Buffer, not ${shown(value)}`)
  return value
}

function checkLine(method: string, value: unknown): Buffer {
  const line = checkBytes(method, value)
  const end = line.indexOf(LF)
  if (end >= 0 && end !== line.length - 1) throw byServer(`${method} must give one line at a time`)
  return line
}

function checkLimit(method: string, bytes: Buffer, size: number): void {
  if (size >= 0 && bytes.length > size) throw byServer(`${method}(${size}) must not give ${bytes.length} bytes`)
}

function byApplication(rule: string): WSGIContractError {
  return new WSGIContractError('application', `wsgi.input ${rule}`, source.streams)
}

function byServer(rule: string): WSGIContractError {
  return new WSGIContractError('server', `wsgi.input ${rule}`, source.streams)
}
