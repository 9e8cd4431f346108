import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestName } from '../../src/config/nearest-name.ts'

const known = ['headerTimeout', 'timeout', 'keepAlive', 'bind', 'logFile', 'logFormat']

test('a letter missing, surplus, wrong or swapped is forgiven, and so are case and signs', () => {
  const near = {
    headrTimeout: 'headerTimeout', timeoutt: 'timeout', bimd: 'bind', bnid: 'bind', KEEP_ALIVE: 'keepAlive', 'log-file': 'logFile',
  }
  for (const [wrong, right] of Object.entries(near)) assert.equal(nearestName(wrong, known), right, wrong)
})

test('what is like nothing has no nearest name', () => {
  for (const wrong of ['', 'x', 'workers', 'certificate', 'zzzzzzzzzzzz']) {
    assert.equal(nearestName(wrong, known), undefined, wrong)
  }
})

test('of two that are near the nearer is taken', () => {
  assert.equal(nearestName('logForma', known), 'logFormat')
  assert.equal(nearestName('logFil', known), 'logFile')
})
