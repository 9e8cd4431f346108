/**
 * A parser for whoever reads: between two requests nothing is in it, so that ten thousand idle connections need none, and those
 * that are read one after the other share one.
 */
import { RequestParser, type ParserLimits } from './request-parser.ts'

let spare: RequestParser | null = null

export function takeParser(limits: ParserLimits, scheme: 'http' | 'https'): RequestParser {
  const parser = spare
  if (parser === null || !parser.isFor(limits, scheme)) return new RequestParser(limits, scheme)
  spare = null
  return parser
}

/** @param parser unused: nothing of a request is in it */
export function giveParser(parser: RequestParser): void {
  spare = parser
}
