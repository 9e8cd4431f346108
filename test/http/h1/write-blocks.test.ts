import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { H1Connection } from '../../../src/http/h1/connection.ts'
import type { ExchangeClosing, H1Exchange } from '../../../src/http/h1/exchange.ts'
import { ResponseWriter } from '../../../src/http/h1/response-writer.ts'
import { FakeHost } from '../../support/fake-host.ts'

const limits = { requestLine: 8190, fields: 100, fieldSize: 8190, head: 65_536, body: 0 }

/** A host that can write several blocks at once, and counts how often it was asked to. */
class GatheringHost extends FakeHost {
  gathered = 0
  writeBlocks(text: string, blocks: readonly Uint8Array[]): boolean {
    this.gathered++
    if (text !== '') this.write(text)
    for (const block of blocks) this.write(block)
    return true
  }
}

/** The body, as it is on the wire, of the answer to one request. */
function answered(host: FakeHost, request: string = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'): string {
  const bytes = Buffer.from(request)
  new H1Connection(host, limits, 'http', new ResponseWriter('test', () => 0)).receive(bytes, bytes.length)
  const sent = host.sent().toString('latin1')
  return sent.slice(sent.indexOf('\r\n\r\n') + 4)
}

const large = [Buffer.alloc(10_000, 'a'), Buffer.alloc(10_000, 'b'), Buffer.from('c')]
const text = large.join('')

for (const Host of [GatheringHost, FakeHost]) {
  suite(`blocks that are there at once, on a ${Host.name}`, () => {
    let closing: ExchangeClosing | undefined
    const of = (fields: [string, string][], blocks: readonly Buffer[]) => new Host((exchange: H1Exchange) => {
      exchange.onClose((known) => { closing = known })
      const sink = exchange.begin('200 OK', fields)
      sink.writeBlocks(blocks)
      sink.end()
    })

    test('are one chunk', () => {
      const host = of([], large)
      assert.equal(answered(host), `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`)
      if (host instanceof GatheringHost) assert.equal(host.gathered, 1)
      assert.equal(closing?.bytes, text.length)
    })

    test('are themselves where the length is known, and no more of them than that', () => {
      assert.equal(answered(of([['Content-Length', String(text.length)]], large)), text)
      assert.equal(answered(of([['Content-Length', '15000']], large)), text.slice(0, 15_000))
      assert.equal(closing?.bytes, 15_000)
      assert.equal(closing?.cause, null)
    })

    test('are themselves to HTTP/1.0, and nothing to HEAD', () => {
      assert.equal(answered(of([], large), 'GET / HTTP/1.0\r\nHost: a.example\r\n\r\n'), text)
      assert.equal(answered(of([], large), 'HEAD / HTTP/1.1\r\nHost: a.example\r\n\r\n'), '')
    })

    test('are joined where they are small, or many', () => {
      assert.equal(answered(of([], [Buffer.from('one '), Buffer.from('two')])), '7\r\none two\r\n0\r\n\r\n')
      const many = Array.from({ length: 1000 }, (_, index) => Buffer.from(`${index}`.padStart(50)))
      assert.equal(answered(of([['Content-Length', '50000']], many)), many.join(''))
    })
  })
}
