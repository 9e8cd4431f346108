/** Nothing grows with what a client sends beyond the limits: it is refused, not read, or passed on. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { CauseName } from '../../../src/http/causes.ts'
import { ExchangeClosed } from '../../../src/http/exchange-closed.ts'
import { H1Connection } from '../../../src/http/h1/connection.ts'
import type { H1Exchange } from '../../../src/http/h1/exchange.ts'
import { ResponseWriter } from '../../../src/http/h1/response-writer.ts'
import { FakeHost } from '../../support/fake-host.ts'
import { defaultLimits } from '../../support/parsed-requests.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const KIB = 1024
const MIB = 1024 * KIB
const PIECE = 16 * KIB
/** What a client sends, as long as it is read. */
const MUCH = 48 * MIB
/** What may be kept of it: the parser's parts of lines, the queue of a body, requests ahead; each is bounded below 128 KiB. */
const KEPT = 2 * MIB

interface Endless {
  readonly name: string
  /** Sent once, and then `again` for ever. */
  readonly first: string
  readonly again: string | ((number: number) => string)
  readonly application: (exchange: H1Exchange) => void
  /** How it ends: refused, no longer read, closed, or read to the end of patience. */
  readonly ends: CauseName | 'paused' | 'closed' | 'read'
  /** At most so many bytes are taken before that. */
  readonly within?: number
}

const silent = (): void => {}
const answering = (exchange: H1Exchange): void => {
  exchange.answer('200 OK', [])
}
const reading = (exchange: H1Exchange): void => {
  void (async () => {
    try {
      while ((await exchange.body.pull()) !== null);
    } catch (error) {
      if (!(error instanceof ExchangeClosed)) throw error
      return
    }
    exchange.answer('200 OK', [])
  })()
}

const head = 'POST / HTTP/1.1\r\nHost: h\r\n'
const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`
const x = (count: number): string => 'x'.repeat(count)

const endless: readonly Endless[] = [
  { name: 'a request line', first: 'GET /', again: 'x', application: silent, ends: 'request-line-too-long', within: 8190 },
  { name: 'empty lines', first: '', again: '\r\n', application: silent, ends: 'bad-request-line', within: 64 },
  { name: 'a field line', first: `${head}X: `, again: 'x', application: silent, ends: 'field-too-long', within: 8190 },
  { name: 'field lines', first: head, again: 'X: y\r\n', application: silent, ends: 'too-many-fields', within: 8190 },
  {
    name: 'long field lines',
    first: head,
    again: `X: ${x(4000)}\r\n`,
    application: silent,
    ends: 'head-too-long',
    within: 65_536,
  },
  { name: 'a chunk line', first: chunked, again: '0', application: reading, ends: 'chunk-line-too-long', within: 1200 },
  {
    name: 'extensions of chunks',
    first: chunked,
    again: `1;${x(500)}\r\na\r\n`,
    application: reading,
    ends: 'chunk-line-too-long',
    within: 18_000,
  },
  { name: 'trailers', first: `${chunked}0\r\n`, again: 'X: y\r\n', application: reading, ends: 'too-many-fields', within: 1200 },
  {
    name: 'trailers that are dropped',
    first: `${chunked}0\r\n`,
    again: 'Cookie: y\r\n',
    application: reading,
    ends: 'too-many-fields',
    within: 2000,
  },
  {
    name: 'a body that nobody reads',
    first: `${head}Content-Length: 99999999999\r\n\r\n`,
    again: 'x',
    application: silent,
    ends: 'paused',
    within: 65_536,
  },
  {
    name: 'chunks of one byte that nobody reads',
    first: chunked,
    again: '1\r\nx\r\n',
    application: silent,
    ends: 'paused',
    within: 65_536,
  },
  {
    name: 'requests behind one that is not answered',
    first: '',
    again: 'GET / HTTP/1.1\r\nHost: h\r\n\r\n',
    application: silent,
    ends: 'paused',
    within: 65_536,
  },
  {
    name: 'the body of an answered request',
    first: `${head}Transfer-Encoding: chunked\r\n\r\n`,
    again: '1\r\nx\r\n',
    application: answering,
    ends: 'closed',
    within: 8 * 65_536,
  },
  {
    name: 'a body that is read',
    first: `${head}Content-Length: 99999999999\r\n\r\n`,
    again: 'x',
    application: reading,
    ends: 'read',
  },
  {
    name: 'a body of small chunks that is read',
    first: chunked,
    again: `10;a=b\r\n${x(16)}\r\n`,
    application: reading,
    ends: 'chunk-line-too-long',
  },
  { name: 'a body of chunks that is read', first: chunked, again: `400\r\n${x(1024)}\r\n`, application: reading, ends: 'read' },
  {
    name: 'requests that are answered',
    first: '',
    again: `GET / HTTP/1.1\r\nHost: h\r\nX: ${x(100)}\r\n\r\n`,
    application: answering,
    ends: 'read',
  },
  {
    name: 'requests with a name, a target and a Host of their own',
    first: '',
    again: (n) => `M${n} /${n} HTTP/1.1\r\nHost: h${n}\r\nX-${n}: ${x(200)}\r\nX-${x(80)}${n}:\r\n\r\n`,
    application: answering,
    ends: 'read',
  },
]

/** Many times `again`, as bytes, from the number given. */
function more(again: Endless['again'], from: number): { bytes: Buffer; next: number } {
  if (typeof again === 'string')
    return { bytes: Buffer.from(again.repeat(Math.ceil(PIECE / again.length)), 'latin1'), next: from }
  let text = ''
  let next = from
  while (text.length < PIECE) text += again(next++)
  return { bytes: Buffer.from(text, 'latin1'), next }
}

async function kept(): Promise<number> {
  // The memory of buffers is given back a little later.
  for (let i = 0; i < 3; i++) {
    collect()
    await nextTurn()
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

for (const { name, first, again, application, ends, within } of endless) {
  test(`${name} without end: ${ends}, and nothing is kept`, async () => {
    const host = new CountingHost(application)
    const connection = new H1Connection(host, defaultLimits, 'http', new ResponseWriter('test', () => 0))
    const start = Buffer.from(first, 'latin1')
    connection.receive(start, start.length)
    let taken = 0
    let number = 0
    let before = 0
    while (taken < MUCH && !host.paused && !host.ended && !host.closed) {
      const { bytes, next } = more(again, number)
      number = next
      connection.receive(bytes, bytes.length)
      taken += bytes.length
      await nextTurn()
      if (taken >= 4 * MIB && before === 0) before = await kept()
    }
    if (ends === 'read') {
      assert.ok(taken >= MUCH && host.refusals.length === 0)
      const grown = (await kept()) - before
      assert.ok(grown < KEPT, `grown by ${grown} bytes`)
      return
    }
    if (ends === 'paused') assert.ok(host.paused && host.refusals.length === 0)
    else if (ends === 'closed') assert.ok(host.ended || host.closed)
    else assert.deepEqual(host.refusals, [ends])
    assert.ok(taken <= (within ?? MUCH) + 2 * PIECE, `${taken} bytes were taken`)
    // And whatever still comes in spite of that, on its way when it ended.
    if (ends === 'paused') return
    const atEnd = await kept()
    const { bytes } = more(again, 0)
    for (let sent = 0; sent < MUCH; sent += bytes.length) connection.receive(bytes, bytes.length)
    const grown = (await kept()) - atEnd
    assert.ok(grown < KEPT, `grown by ${grown} bytes after the end`)
    assert.deepEqual(host.refusals.length, ends === 'closed' ? 0 : 1, 'said once')
  })
}

/** As FakeHost, without keeping what is sent: that would grow. */
class CountingHost extends FakeHost {
  override write(data: string | Uint8Array): boolean {
    assert.ok(data.length > 0)
    return true
  }
}
