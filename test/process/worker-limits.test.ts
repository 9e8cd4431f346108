import assert from 'node:assert/strict'
import { test } from 'node:test'
import { overdue, type Watched } from '../../src/process/worker-limits.ts'

const serving: Watched = { startedAt: 0, readyAt: 100, lastAlive: 100, serving: true, deadline: 0 }
const loading: Watched = { startedAt: 0, readyAt: null, lastAlive: 0, serving: false, deadline: 0 }

test('a worker whose loop is silent is killed some seconds after the limit, in which its own report would have come', () => {
  assert.equal(overdue(serving, 2, 6100), null)
  assert.match(overdue(serving, 2, 6101) ?? '', /blocked for 6 s; no stack is available/)
  assert.equal(overdue(serving, 0, 1e9), null)
})

test('a worker may load for a minute, or for as long as the time limit where that is longer', () => {
  assert.equal(overdue(loading, 30, 60_000), null)
  assert.equal(overdue(loading, 30, 60_001), 'it did not become ready in time')
  assert.equal(overdue(loading, 90, 90_000), null)
  assert.equal(overdue(loading, 90, 90_001), 'it did not become ready in time')
})

test('a worker that was told to end is killed when its time is over, also where it never served', () => {
  assert.equal(overdue({ ...loading, deadline: 500 }, 30, 500), null)
  assert.equal(overdue({ ...loading, deadline: 500 }, 30, 501), 'it did not end in time')
})
