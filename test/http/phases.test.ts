import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { H1Connection } from '../../src/http/h1/connection.ts'
import { ResponseWriter } from '../../src/http/h1/response-writer.ts'
import type { ExchangeClosing, H1Exchange } from '../../src/http/h1/exchange.ts'
import { PhaseTimes, type Phases } from '../../src/http/phases.ts'
import { FakeHost } from '../support/fake-host.ts'

const limits = { requestLine: 8190, fields: 100, fieldSize: 8190, head: 65_536, body: 0 }
const listed = ({ body, queue, application, write }: Phases): number[] => [body, queue, application, write]

class HandClock {
  now = 1000
  readonly read = (): number => this.now
  times(): PhaseTimes {
    return new PhaseTimes(this.read)
  }
}

/** One request to an application that moves the clock: how its exchange closed. */
function closingOf(application: (exchange: H1Exchange) => void): ExchangeClosing {
  let closing: ExchangeClosing | undefined
  const host = new FakeHost((exchange) => {
    exchange.onClose((known) => { closing = known })
    application(exchange)
  })
  const bytes = Buffer.from('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n')
  new H1Connection(host, limits, 'http', new ResponseWriter('test', () => 0)).receive(bytes, bytes.length)
  assert.ok(closing)
  return closing
}

suite('phases of an exchange', () => {
  test('where nobody asked for them there are none', () => {
    assert.equal(closingOf((exchange) => exchange.answer('200 OK', [])).phases, null)
  })

  test('a whole answer: all until it is given is the application', () => {
    const clock = new HandClock()
    const { phases } = closingOf((exchange) => {
      exchange.times = clock.times()
      clock.now += 7
      exchange.answer('200 OK', [], Buffer.from('hello'))
    })
    assert.deepEqual(listed(phases as Phases), [0, 0, 7, 0])
  })

  test('a streamed answer: from its beginning to its end it is written', () => {
    const clock = new HandClock()
    const { phases } = closingOf((exchange) => {
      exchange.times = clock.times()
      clock.now += 3
      const sink = exchange.begin('200 OK', [])
      clock.now += 20
      sink.write(Buffer.from('hello'))
      sink.end()
    })
    assert.deepEqual(listed(phases as Phases), [0, 0, 3, 20])
  })

  test('an exchange that ends without an answer has no time of writing', () => {
    const clock = new HandClock()
    const { phases, status } = closingOf((exchange) => {
      exchange.times = clock.times()
      clock.now += 5
      exchange.fail('client-gone', 'gone')
    })
    assert.deepEqual([status, ...listed(phases as Phases)], [0, 0, 0, 5, 0])
  })

  test('the server\'s own answer counts as one', () => {
    const clock = new HandClock()
    const { phases, cause } = closingOf((exchange) => {
      exchange.times = clock.times()
      clock.now += 30
      exchange.fail('application-timeout', 'too long')
    })
    assert.deepEqual([cause, ...listed(phases as Phases)], ['application-timeout', 0, 0, 30, 0])
  })

  test('body, queue, application and write follow one another and add up', () => {
    const clock = new HandClock()
    const times = clock.times()
    times.awaitBody()
    clock.now += 10
    times.ready({ queueTime: () => 4 })
    clock.now += 9
    times.begin()
    clock.now += 2
    times.end()
    assert.deepEqual([...listed(times), times.total], [10, 4, 5, 2, 21])
  })

  test('a request whose body never came has spent all its time on it', () => {
    const clock = new HandClock()
    const times = clock.times()
    times.awaitBody()
    clock.now += 10
    times.end()
    assert.deepEqual(listed(times), [10, 0, 0, 0])
  })

  test('a request that waited in vain has spent its time in the queue, asked at any time', () => {
    const clock = new HandClock()
    const times = clock.times()
    const since = clock.now
    times.ready({ queueTime: (now) => now - since })
    clock.now += 30
    times.begin()
    times.end()
    clock.now += 100
    assert.deepEqual(listed(times), [0, 30, 0, 0])
  })
})
