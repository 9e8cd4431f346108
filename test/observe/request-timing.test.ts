import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventMap } from '../../src/events.ts'
import { Events } from '../../src/events.ts'
import type { Exchange, Gateway } from '../../src/gateway/exchange.ts'
import { traceOf } from '../../src/http/trace-context.ts'
import { timed } from '../../src/observe/request-timing.ts'
import { RecordingExchange } from '../support/recording-exchange.ts'

const answering: Gateway = (exchange) => exchange.answer('200 OK', [['X', 'y']], Buffer.from('hello'))
const streaming: Gateway = (exchange) => exchange.begin('200 OK', []).end()

function slowOf(gateway: Gateway, slowLog: number): EventMap['slowRequest'][] {
  const events = new Events()
  const slow: EventMap['slowRequest'][] = []
  events.subscribe('slowRequest', (event) => slow.push(event))
  timed(gateway, { slowLog, serverTiming: false }, events)(new RecordingExchange() as Exchange)
  return slow
}

test('where nothing is asked for the gateway is the one that it was', () => {
  assert.equal(timed(answering, { slowLog: 0, serverTiming: false }, new Events()), answering)
})

test('Server-Timing is with every answer, whole or streamed, behind the application\'s own fields', () => {
  for (const gateway of [answering, streaming]) {
    const exchange = new RecordingExchange()
    timed(gateway, { slowLog: 0, serverTiming: true }, new Events())(exchange as Exchange)
    const [name, value] = exchange.fields.at(-1) ?? []
    assert.equal(name, 'Server-Timing')
    assert.match(value ?? '', /^app;dur=\d+\.\d$/)
    assert.equal(exchange.closed, true)
  }
})

test('a request that took longer than the setting is told with its phases, another one is not', () => {
  const busy: Gateway = (exchange) => {
    for (const until = performance.now() + 20; performance.now() < until;);
    answering(exchange)
  }
  const [slow, ...more] = slowOf(busy, 0.02)
  assert.deepEqual(more, [])
  assert.equal(slow?.status, 200)
  assert.ok((slow?.phases.application ?? 0) >= 19)
  assert.deepEqual(slowOf(answering, 60), [])
})

test('the trace of a request is that of a well-formed traceparent', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const of = (value: string): string | undefined => traceOf({ ...new RecordingExchange().head, fields: ['TraceParent', value] })
  assert.equal(of(`00-${trace}-00f067aa0ba902b7-01`), trace)
  assert.equal(of(`01-${trace}-00f067aa0ba902b7-01-what.may.come`), trace, 'a later version may say more')
  for (const wrong of [
    `00-${trace}-00f067aa0ba902b7-01-more`, `ff-${trace}-00f067aa0ba902b7-01`, `00-${trace.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `00-${trace}-${'0'.repeat(16)}-01`, `00-${trace}-00f067aa0ba902b7`, '', 'x',
  ]) assert.equal(of(wrong), undefined, wrong)
})
