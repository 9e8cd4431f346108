import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { counter, gauge, histogram, applicationFamilies, Metric, MOST_SERIES } from '../../src/observe/application-metrics.ts'
import { History } from '../../src/observe/admin/history.ts'
import { bounds, bucketOf, quantile, shownBounds } from '../../src/observe/metrics/buckets.ts'
import { added, totalOf, type Family } from '../../src/observe/metrics/families.ts'
import { exposition } from '../../src/observe/metrics/exposition.ts'
import { RequestCounters } from '../../src/observe/metrics/request-counters.ts'
import { Totals } from '../../src/observe/metrics/totals.ts'

/** In seconds: body, queue, application, write. */
const phases = [0.001, 0.002, 0.03, 0.004] as const
const time = (counters: RequestCounters, [body, queue, application, write]: readonly [number, number, number, number]): void =>
  counters.time(body, queue, application, write, body + queue + application + write)
const total = (families: readonly Family[], name: string): number => totalOf(families, name)

test('a time falls into the first bucket whose bound is not below it', () => {
  assert.deepEqual([...bounds], [...bounds].sort((a, b) => a - b))
  fc.assert(fc.property(fc.double({ min: 0, max: 200, noNaN: true }), (seconds) => {
    const at = bucketOf(seconds)
    assert.ok(at === bounds.length || seconds <= (bounds[at] as number))
    assert.ok(at === 0 || seconds > (bounds[at - 1] as number))
  }))
  for (const [i, bound] of bounds.entries()) assert.equal(bucketOf(bound), i)
})

test('those that are shown outside are 1, 2.5 and 5 of each power of ten', () => {
  assert.deepEqual(shownBounds.slice(0, 4), [0.0001, 0.00025, 0.0005, 0.001])
  assert.deepEqual(shownBounds.slice(-3), [25, 50, 100])
})

test('a percentile is as near as its bucket is wide', () => {
  const counts = new Array<number>(bounds.length + 1).fill(0)
  for (let i = 1; i <= 1000; i++) counts[bucketOf(i / 1000)] = (counts[bucketOf(i / 1000)] ?? 0) + 1
  for (const part of [0.5, 0.95, 0.99]) assert.ok(Math.abs(quantile(counts, part) - part) < part * 0.26, String(quantile(counts, part)))
  assert.equal(quantile(new Array<number>(bounds.length + 1).fill(0), 0.5), 0)
})

test('requests are counted by method, status, route and kind; names that clients choose make no series', () => {
  const counters = new RequestCounters('wsgi')
  for (let i = 0; i < 3; i++) counters.count('GET', 200, '/users/<id>')
  counters.count('GET', 404, '')
  for (let i = 0; i < 50; i++) counters.count(`X${i}`, 200, '')
  for (let i = 0; i < 1000; i++) counters.count('POST', 201, `/r${i}`)
  const family = counters.families().find(({ name }) => name === 'pulsar_requests_total') as Family
  const of = (...labels: string[]): number => family.series.find(([own]) => own.join() === labels.join())?.[1][0] ?? 0
  assert.equal(of('GET', '200', '/users/<id>', 'wsgi'), 3)
  assert.equal(of('GET', '404', '', 'wsgi'), 1)
  assert.equal(of('other', '200', '', 'wsgi'), 50)
  assert.ok(of('POST', '201', 'other', 'wsgi') > 400)
  assert.equal(total(counters.families(), 'pulsar_requests_total'), 1054)
  for (const kind of ['python', 'wsgi', 'python']) counters.count('GET', 200, '/users/<id>', kind)
  const kinds = counters.families().find(({ name }) => name === 'pulsar_requests_total')?.series.filter(([[method, status, route]]) => `${method} ${status} ${route}` === 'GET 200 /users/<id>')
  assert.deepEqual(kinds?.map(([labels, [count]]) => [labels[3], count]), [['wsgi', 4], ['python', 2]])
})

test('what had no phase but the application\'s is counted in all of them', () => {
  const one = new RequestCounters('wsgi')
  const other = new RequestCounters('wsgi')
  for (const whole of [0, 0.000005, 0.00002, 0.0123, 3, 500]) {
    one.timeUndivided(whole)
    other.time(0, 0, whole, 0, whole)
  }
  for (const counters of [one, other]) time(counters, phases)
  const histograms = (counters: RequestCounters): Family[] => counters.families().filter(({ type }) => type === 'histogram')
  for (const [i, { name, series }] of histograms(one).entries()) {
    for (const [j, [labels, values]] of series.entries()) {
      const wanted = histograms(other)[i]?.series[j]?.[1] ?? []
      assert.deepEqual(values.slice(0, -1), wanted.slice(0, -1), `${name} ${labels.join()}`)
      assert.ok(Math.abs((values.at(-1) as number) - (wanted.at(-1) as number)) < 1e-9)
    }
  }
})

test('more statuses than anybody has are counted together', () => {
  const counters = new RequestCounters('wsgi')
  for (let status = 200; status < 400; status++) counters.count('GET', status, '')
  assert.equal(total(counters.families(), 'pulsar_requests_total'), 200)
})

test('what has ended still counts, and its gauges do not', () => {
  const report = (requests: number, inFlight: number): { families: Family[], own: Family[] } => ({
    families: [
      { name: 'c', type: 'counter', help: '', labels: ['a'], series: [[['x'], [requests]]] },
      { name: 'g', type: 'gauge', help: '', labels: [], series: [[[], [inFlight]]] },
      { name: 'h', type: 'histogram', help: '', labels: [], bounds: [1], series: [[[], [requests, 1, 2]]] },
    ],
    own: [{ name: 'o', type: 'gauge', help: '', labels: [], series: [[[], [7]]] }],
  })
  const totals = new Totals()
  totals.reported(1, report(10, 1))
  totals.reported(1, report(15, 2))
  totals.reported(2, report(100, 4))
  totals.left(1)
  totals.left(1)
  totals.reported(3, report(1000, 8))
  const families = totals.families()
  assert.equal(total(families, 'c'), 1115)
  assert.equal(total(families, 'g'), 12)
  assert.deepEqual(families.find(({ name }) => name === 'h')?.series, [[[], [1115, 3, 6]]])
  assert.deepEqual(families.find(({ name }) => name === 'o')?.series, [[['2'], [7]], [['3'], [7]]])
})

test('a metric that an old worker has for something else is left out, not added', () => {
  const one: Family = { name: 'm', type: 'counter', help: '', labels: [], series: [[[], [1]]] }
  assert.deepEqual(added([[one], [{ ...one, type: 'gauge' }], [{ ...one, labels: ['x'], series: [[['y'], [5]]] }]]), [one])
})

test('a histogram is cumulative outside, in both formats', async () => {
  const counters = new RequestCounters('wsgi')
  time(counters, phases)
  time(counters, [0.001, 0.002, 200, 0.004])
  const { text, contentType } = await exposition(counters.families(), 'text/plain')
  assert.match(contentType, /^text\/plain; version=0\.0\.4/)
  assert.match(text, /pulsar_request_phase_seconds_bucket\{phase="application",le="0\.025"\} 0\n/)
  assert.match(text, /pulsar_request_phase_seconds_bucket\{phase="application",le="0\.05"\} 1\n/)
  assert.match(text, /pulsar_request_phase_seconds_bucket\{phase="application",le="\+Inf"\} 2\n/)
  assert.match(text, /pulsar_request_phase_seconds_sum\{phase="application"\} 200\.03\n/)
  counters.count('GET', 200, '')
  const open = await exposition(counters.families(), 'application/openmetrics-text; version=1.0.0')
  assert.match(open.contentType, /^application\/openmetrics-text/)
  assert.match(open.text, /# TYPE pulsar_requests counter\npulsar_requests_total\{[^}]*\} 1\n/)
  assert.match(open.text, /# EOF\n$/)
})

test('an application has its own metrics, the same one by the same name', async () => {
  const sold = counter('shop_sold_total', { help: 'Sold.', labels: ['colour'] })
  sold.add(2, { colour: 'red' })
  counter('shop_sold_total', { labels: ['colour'] }).add(1, { colour: 'red' })
  gauge('shop_open').set(1)
  histogram('shop_price', { bounds: [1, 10] }).observe(10)
  const { text } = await exposition(applicationFamilies(), '')
  assert.match(text, /# HELP shop_sold_total Sold\.\n# TYPE shop_sold_total counter\nshop_sold_total\{colour="red"\} 3\n/)
  assert.match(text, /shop_open 1\n/)
  assert.match(text, /shop_price_bucket\{le="1"\} 0\nshop_price_bucket\{le="10"\} 1\nshop_price_bucket\{le="\+Inf"\} 1\nshop_price_sum 10\nshop_price_count 1\n/)
})

test('what would be no metric is refused at once', () => {
  assert.throws(() => counter('no name'), TypeError)
  assert.throws(() => counter('pulsar_mine_total'), /are the server's/)
  assert.throws(() => gauge('g1', { labels: ['le'] }), TypeError)
  assert.throws(() => histogram('h1', { bounds: [2, 1] }), /must rise/)
  counter('twice_total')
  assert.throws(() => gauge('twice_total'), /is a counter/)
  assert.throws(() => counter('twice_total').add(-1), RangeError)
  assert.throws(() => counter('twice_total').add(1, { colour: 'red' }), TypeError)
})

test('a metric with too many combinations of labels drops values and counts them', () => {
  let dropped = 0
  const metric = new Metric('m', 'counter', { labels: ['user'] }, () => { dropped++ })
  for (let i = 0; i < MOST_SERIES + 5; i++) metric.valuesOf({ user: i })
  assert.equal(metric.family().series.length, MOST_SERIES)
  assert.equal(dropped, 5)
})

test('the history has what was new in each second', () => {
  const counters = new RequestCounters('wsgi')
  const history = new History()
  history.take(counters.families(), 0, 1000)
  for (let i = 0; i < 10; i++) {
    counters.count('GET', i === 0 ? 504 : 200, '')
    time(counters, phases)
  }
  counters.refuse('application-timeout')
  counters.applicationError(500)
  history.take(counters.families(), 3, 2000)
  history.take(counters.families(), 0, 3000)
  const [busy, quiet] = history.all()
  assert.deepEqual([busy?.at, busy?.requests, busy?.errors, busy?.queue, busy?.causes], [2000, 10, 1, 3, { 'application-timeout': 1, 'answered 500': 1 }])
  assert.ok((busy?.p50 ?? 0) > 0.03 && (busy?.p99 ?? 0) < 0.05, JSON.stringify(busy))
  assert.deepEqual([quiet?.requests, quiet?.errors, quiet?.causes, quiet?.p50], [0, 0, {}, 0])
})
