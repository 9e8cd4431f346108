import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { H1Connection } from '../../../src/http/h1/connection.ts'
import type { H1Exchange } from '../../../src/http/h1/exchange.ts'
import { ResponseWriter } from '../../../src/http/h1/response-writer.ts'
import { FakeHost } from '../../support/fake-host.ts'
import { cutAt, generatedRequest, type GeneratedRequest } from '../../support/generated-requests.ts'
import { defaultLimits } from '../../support/parsed-requests.ts'
import { readResponse, valuesOf, type RawResponse } from '../../support/response-reader.ts'

const seed = Number(process.env.PULSAR_TEST_SEED ?? Date.now() % 2 ** 31)

/** How the application takes one request. */
interface Manner {
  readonly reads: boolean
  readonly streams: boolean
  /** Turns of the loop before it does anything, and between reading and answering. */
  readonly before: number
  readonly between: number
}

const manner: fc.Arbitrary<Manner> = fc.record({
  reads: fc.boolean(),
  streams: fc.boolean(),
  before: fc.constantFrom(0, 0, 0, 1, 3),
  between: fc.constantFrom(0, 0, 1, 2),
})
const conversation = fc.record({
  requests: fc.array(fc.tuple(generatedRequest, manner), { minLength: 1, maxLength: 6 }),
  cuts: fc.array(fc.nat(), { maxLength: 6 }),
  /** Turns of the loop before each piece of input. */
  pauses: fc.array(fc.constantFrom(0, 0, 1, 4), { minLength: 7, maxLength: 7 }),
})

/** An application that says which request it answers, and what it read of it. */
class Application {
  /** What it was given, in order. */
  readonly taken: string[] = []
  running = 0
  readonly #manners: readonly Manner[]

  constructor(manners: readonly Manner[]) {
    this.#manners = manners
  }

  take(exchange: H1Exchange): void {
    const number = this.taken.length
    this.taken.push(`${exchange.head.method} ${exchange.head.target}`)
    assert.equal(++this.running, 1, 'one request at a time')
    exchange.onClose(() => {
      this.running--
    })
    const manner = this.#manners[number] as Manner
    if (manner.reads || manner.before > 0) void this.#later(exchange, number, manner)
    else this.#answer(exchange, number, manner, 'unread')
  }

  async #later(exchange: H1Exchange, number: number, manner: Manner): Promise<void> {
    for (let i = 0; i < manner.before; i++) await nextTurn()
    let read = 'unread'
    if (manner.reads) {
      read = ''
      for (let piece = await exchange.body.pull(); piece !== null; piece = await exchange.body.pull())
        read += Buffer.from(piece).toString('latin1')
    }
    for (let i = 0; i < manner.between; i++) await nextTurn()
    this.#answer(exchange, number, manner, read)
  }

  #answer(exchange: H1Exchange, number: number, { streams }: Manner, read: string): void {
    const fields = [
      ['X-Number', `${number}`],
      ['X-Request', `${exchange.head.method} ${exchange.head.target}`],
    ] as const
    const content = Buffer.from(read, 'latin1')
    if (!streams) {
      exchange.answer('200 OK', fields, content)
      return
    }
    const sink = exchange.begin('200 OK', fields)
    sink.write(content.subarray(0, 3))
    sink.write(content.subarray(3))
    sink.end()
  }
}

/** All final answers, each read as the answer to the request at its place. */
function answersIn(bytes: Buffer, requests: readonly GeneratedRequest[]): RawResponse[] {
  const found: RawResponse[] = []
  for (let rest = bytes; rest.length > 0;) {
    const request = requests[found.length]
    assert.ok(request, `bytes behind the last answer: ${rest.toString('latin1')}`)
    const response = readResponse(rest, { method: request.message.method, ended: true }) as RawResponse
    if (response.status >= 200) found.push(response)
    else assert.ok(response.status === 100 && request.message.expectsContinue, 'a 100 only for who expects it')
    rest = rest.subarray(response.size)
  }
  return found
}

const closesAfter = ({ message }: GeneratedRequest, { streams, reads }: Manner): boolean =>
  !message.persistent ||
  (message.version === '1.0' && streams && message.method !== 'HEAD') ||
  // Nobody asked for the body that the client holds back: it may come or not (RFC 9110 section 10.1.1).
  (message.expectsContinue && !reads)

test('pipelined requests are answered in order, each exactly once, however the application takes its time', async () => {
  let kept = 0
  await fc.assert(
    fc.asyncProperty(conversation, async ({ requests: pairs, cuts, pauses }) => {
      const all = pairs.map(([request]) => request).filter(({ message }) => message.method !== 'CONNECT')
      const manners = pairs.filter(([{ message }]) => message.method !== 'CONNECT').map(([, manner]) => manner)
      const application = new Application(manners)
      const host = new FakeHost((exchange) => application.take(exchange))
      const connection = new H1Connection(host, defaultLimits, 'http', new ResponseWriter('test', () => 0))
      const input = Buffer.concat(all.map(({ bytes }) => bytes))
      for (const [i, piece] of cutAt(input, cuts).entries()) {
        for (let turn = 0; turn < (pauses[i] ?? 0); turn++) await nextTurn()
        const borrowed = Buffer.from(piece)
        if (!host.ended && !host.closed) connection.receive(borrowed, borrowed.length)
        borrowed.fill('!')
      }
      for (let turn = 0; turn < 60 && (application.running > 0 || !connection.idle) && !host.ended && !host.closed; turn++)
        await nextTurn()

      const responses = answersIn(host.sent(), all)
      // An expectation that nobody heeded ends the connection only if the body had not come by then.
      const possible = all.flatMap((request, i) => (closesAfter(request, manners[i] as Manner) ? [i] : []))
      const must = all.findIndex((request, i) => closesAfter(request, { ...(manners[i] as Manner), reads: true }))
      const ends = responses.length - 1
      assert.ok(
        responses.length === all.length || possible.includes(ends),
        `${responses.length} answers to ${all.length} requests, closing possible behind ${possible.join()}`,
      )
      assert.ok(must < 0 || ends <= must, 'no answer behind the last one')
      assert.equal(application.taken.length, responses.length, 'the application saw what was answered')
      for (const [i, response] of responses.entries()) {
        const { message } = all[i] as GeneratedRequest
        assert.deepEqual([response.status, ...valuesOf(response, 'x-number')], [200, `${i}`])
        assert.deepEqual(valuesOf(response, 'x-request'), [`${message.method} ${message.target}`])
        const wanted = manners[i]?.reads ? message.data : 'unread'
        assert.equal(response.body.toString('latin1'), message.method === 'HEAD' ? '' : wanted)
        const closed = valuesOf(response, 'connection').includes('close')
        assert.equal(closed, i === ends && (host.ended || host.closed), 'close is said of the last answer, and meant')
      }
      assert.deepEqual(host.refusals, [])
      if (responses.length === all.length && !host.ended) kept++
    }),
    { seed, numRuns: 500 },
  )
  assert.ok(kept > 50, `connections were kept: ${kept}`)
})
