/** Runs the request parser over pieces of bytes, and holds it to what is true of every input. */
import assert from 'node:assert/strict'
import { causes } from '../../src/http/causes.ts'
import { RequestParser, type ParserLimits } from '../../src/http/h1/request-parser.ts'
import type { ReadMessage, RequestCase } from './request-cases.ts'

/** The limits that a server has unless it is told others. */
export const defaultLimits: ParserLimits = { requestLine: 8190, fields: 100, fieldSize: 8190, head: 65536, body: 0 }

export type ParsedRequests = Pick<RequestCase, 'messages' | 'outcome'>

/** Of the bytes, how many were read when they were refused. */
export interface RefusedAt { offset: number }

/** What a parser makes of pieces. Each stands in the middle of a buffer of junk that is overwritten once it was read. */
export function parse(pieces: readonly Buffer[], limits: Readonly<Record<string, number>> = {}, refusedAt: RefusedAt = { offset: 0 }): ParsedRequests {
  const parser = new RequestParser({ ...defaultLimits, ...limits }, 'http')
  const messages: ReadMessage[] = []
  let current: ReadMessage | null = null
  let before = 0
  for (const piece of pieces) {
    const margin = 3
    const bytes = Buffer.alloc(piece.length + 2 * margin, '\n')
    const to = margin + piece.copy(bytes, margin)
    for (let at = margin, stalled = 0; ;) {
      const event = parser.next(bytes, at, to)
      assert.ok(parser.position >= at && parser.position <= to, `position ${parser.position} of ${at} to ${to}`)
      stalled = parser.position === at ? stalled + 1 : 0
      assert.ok(stalled < 4, `${event} again and again`)
      at = parser.position
      if (event === 'refused') {
        refusedAt.offset = before + at - margin
        return { messages, outcome: refusal(parser) }
      }
      if (event === 'need') {
        assert.equal(at, to)
        break
      }
      if (event === 'head') messages.push(current = message(parser))
      assert.ok(current, `${event} without a head`)
      if (event === 'data') {
        assert.ok(parser.dataFrom >= margin && parser.dataFrom < parser.dataTo && parser.dataTo <= at, 'the range of data')
        current.data += bytes.toString('latin1', parser.dataFrom, parser.dataTo)
      }
      if (event !== 'end') continue
      current.ended = true
      current.trailers = [...parser.trailers]
      current = null
      parser.reset()
    }
    bytes.fill('x')
    before += piece.length
  }
  return { messages, outcome: current || !parser.idle ? 'incomplete' : 'complete' }
}

function message(parser: RequestParser): ReadMessage {
  const { head } = parser
  assert.equal(head.scheme, 'http')
  return {
    method: head.method, target: head.target, version: head.version,
    path: head.path, query: head.query, authority: head.authority,
    fields: [...head.fields], persistent: parser.persistent, expectsContinue: parser.expectsContinue,
    upgrade: parser.upgrade, length: parser.bodyLength, data: '', trailers: [], ended: false,
  }
}

/** A refused parser stays so, whatever comes. */
function refusal(parser: RequestParser): RequestCase['outcome'] {
  const { cause, detail } = parser.refusal
  assert.equal(causes[cause].fault, 'client')
  assert.ok(detail.length > 0 && /^[\x20-\x7e\xa0-\uffff]*$/.test(detail), `fit for a log: ${JSON.stringify(detail)}`)
  const more = Buffer.from('GET /next HTTP/1.1\r\nHost: next\r\n\r\n')
  assert.equal(parser.next(more, 0, more.length), 'refused')
  assert.equal(parser.refusal.cause, cause)
  return { refused: cause }
}

export const byteByByte = (input: Buffer): Buffer[] => Array.from(input, (_, i) => input.subarray(i, i + 1))
