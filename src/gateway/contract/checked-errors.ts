/** `wsgi.errors`, with the application's use of it watched. */
import type { ErrorStream } from '../wsgi.ts'
import { shown, source, WSGIContractError } from './contract-error.ts'

/** Has the methods of the contract and no others; `close` says why it is not there. */
export class CheckedErrors implements ErrorStream {
  readonly #errors: ErrorStream

  constructor(errors: ErrorStream) {
    this.#errors = errors
  }

  write(...args: [text: string]): void {
    if (args.length !== 1) throw broken(`write() takes one argument, not ${args.length}`)
    this.#errors.write(checkText(args[0]))
  }

  writelines(...args: [lines: Iterable<string>]): void {
    if (args.length !== 1) throw broken(`writelines() takes one argument, not ${args.length}`)
    const lines: unknown = args[0]
    // A string is an iterable of strings, one for each character: never what was meant.
    if (typeof lines !== 'object' || lines === null || !(Symbol.iterator in lines)) {
      throw broken(`writelines() takes an iterable of strings, not ${shown(lines)}`)
    }
    this.#errors.writelines(Array.from(lines as Iterable<unknown>, checkText))
  }

  flush(...args: []): void {
    if (args.length !== 0) throw broken(`flush() takes no argument`)
    this.#errors.flush()
  }

  /** @throws {WSGIContractError} always */
  close(): never {
    throw broken('must not be closed: it is the server\'s')
  }
}

function checkText(text: unknown): string {
  if (typeof text !== 'string') throw broken(`takes strings, not ${shown(text)}`)
  return text
}

function broken(rule: string): WSGIContractError {
  return new WSGIContractError('application', `wsgi.errors ${rule}`, source.streams)
}
