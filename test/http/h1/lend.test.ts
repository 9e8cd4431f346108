/** A connection that is lent for the body of an answer. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { H1Connection } from '../../../src/http/h1/connection.ts'
import type { ExchangeClosing, H1Exchange } from '../../../src/http/h1/exchange.ts'
import { ResponseWriter } from '../../../src/http/h1/response-writer.ts'
import { FakeHost } from '../../support/fake-host.ts'

const limits = { requestLine: 8190, fields: 100, fieldSize: 8190, head: 65_536, body: 0 }
const handle = {}

class LendingHost extends FakeHost {
  /** What had been sent when it was lent. */
  before = ''
  lend(): object {
    this.before = this.sent().toString('latin1')
    return handle
  }
}

interface Given {
  readonly host: LendingHost
  readonly closing: ExchangeClosing | undefined
}

/** The answer to one request out of two that came at once. */
function given(fields: [string, string][], work: (exchange: H1Exchange) => void, method: string = 'GET'): Given {
  let closing: ExchangeClosing | undefined
  let first = true
  const host = new LendingHost((exchange) => {
    if (!first) return exchange.answer('200 OK', [], Buffer.from('second'))
    first = false
    exchange.onClose((known) => { closing = known })
    exchange.begin('200 OK', fields)
    work(exchange)
  })
  const bytes = Buffer.from(`${method} / HTTP/1.1\r\nHost: a.example\r\n\r\nGET / HTTP/1.1\r\nHost: a.example\r\n\r\n`)
  new H1Connection(host, limits, 'http', new ResponseWriter('test', () => 0)).receive(bytes, bytes.length)
  return { host, closing }
}

const LENGTH: [string, string][] = [['Content-Length', '10']]

test('the head leaves before it is lent; what the other has written counts, and the next answer follows', () => {
  const { host, closing } = given(LENGTH, (exchange) => {
    assert.equal(exchange.lend(), handle)
    assert.equal(exchange.wrote(4), true)
    assert.equal(exchange.wrote(6), true)
    exchange.end()
  })
  assert.match(host.before, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/)
  assert.deepEqual([closing?.cause, closing?.bytes], [null, 10])
  assert.match(host.sent().toString('latin1').slice(host.before.length), /^HTTP\/1\.1 200 OK\r\n[^]*second$/)
})

test('the rest may be written here again, and no more than the length', () => {
  const { host, closing } = given(LENGTH, (exchange) => {
    exchange.lend()
    exchange.wrote(8)
    exchange.write(Buffer.from('90 and more'))
    exchange.end()
  })
  assert.equal(closing?.bytes, 10)
  assert.equal(host.sent().toString('latin1').slice(host.before.length, host.before.length + 6), '90HTTP')
})

test('more than is left is refused; less is a cut, behind which nothing follows', () => {
  const { host, closing } = given(LENGTH, (exchange) => {
    exchange.lend()
    assert.equal(exchange.wrote(11), false)
    assert.equal(exchange.wrote(9), true)
    exchange.end()
  })
  assert.deepEqual([closing?.cause, closing?.bytes, host.closed], ['short-answer', 9, true])
  assert.equal(host.sent().toString('latin1'), host.before)
})

test('it is not lent where the bytes on the wire are not those of the body, nor when it is over', () => {
  given([], (exchange) => assert.equal(exchange.lend(), null))
  given(LENGTH, (exchange) => assert.equal(exchange.lend(), null), 'HEAD')
  given(LENGTH, (exchange) => {
    exchange.fail('application-error', 'broken')
    assert.equal(exchange.lend(), null)
  })
})
