import assert from 'node:assert/strict'
import { test } from 'node:test'
import { staffing, type Staff } from '../../src/process/staffing.ts'

interface Named extends Staff { readonly name: string }

const worker = (name: string, state: Staff['state'] = 'ready', worn: boolean = false): Named => ({ name, state, worn })

function decide(wanted: number, ...workers: readonly Named[]): readonly [number, string, string] {
  const { missing, surplus, needless } = staffing(workers, wanted)
  return [missing, surplus.map(({ name }) => name).join(), needless.map(({ name }) => name).join()]
}

test('what is missing is started, what drains does not count', () => {
  assert.deepEqual(decide(2), [2, '', ''])
  assert.deepEqual(decide(2, worker('a'), worker('b', 'starting')), [0, '', ''])
  assert.deepEqual(decide(2, worker('a'), worker('b', 'retiring')), [1, '', ''])
})

test('a worn worker serves until its replacement does', () => {
  assert.deepEqual(decide(1, worker('a', 'ready', true)), [1, '', ''])
  assert.deepEqual(decide(1, worker('a', 'ready', true), worker('b', 'opening')), [0, '', ''])
  assert.deepEqual(decide(1, worker('a', 'ready', true), worker('b')), [0, 'a', ''])
})

test('of too many the worn go first, then the oldest, and who has not served yet is not waited for', () => {
  assert.deepEqual(decide(1, worker('a'), worker('b', 'ready', true), worker('c')), [0, 'b,a', ''])
  assert.deepEqual(decide(1, worker('a'), worker('b')), [0, 'a', ''])
  assert.deepEqual(decide(1, worker('a'), worker('b', 'starting')), [0, '', 'b'])
})
