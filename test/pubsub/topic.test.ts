import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patternMatches } from '../../src/pubsub/topic.ts'

const cases: readonly (readonly [pattern: string, matching: readonly string[], others: readonly string[]])[] = [
  ['', [''], ['a']],
  ['*', ['', 'a', 'a.b', '*'], []],
  ['room.*', ['room.', 'room.1', 'room.1.2'], ['room', 'rooms.1', 'a.room.1']],
  ['*.done', ['.done', 'a.done', 'a.b.done'], ['done', 'a.done.b']],
  ['a*b*c', ['abc', 'aXbYc', 'abcbc', 'abbcc'], ['ab', 'ac', 'acb', 'xabc', 'abcx']],
  ['a*a', ['aa', 'aba', 'aaa'], ['a', 'ab']],
  ['**', ['', 'a'], []],
  ['\\*', ['*'], ['', 'a', '\\*']],
  ['a\\\\*', ['a\\', 'a\\b'], ['a', 'ab']],
  ['end\\', ['end\\'], ['end']],
  ['?[ab]{c}', ['?[ab]{c}'], ['xa', 'xac']],
]

for (const [pattern, matching, others] of cases) {
  test(`the pattern ${JSON.stringify(pattern)} matches what it should, and nothing else`, () => {
    for (const channel of matching) assert.equal(patternMatches({ pattern }, channel), true, channel)
    for (const channel of others) assert.equal(patternMatches({ pattern }, channel), false, channel)
    assert.ok(matching.length + others.length > 0)
  })
}

test('a pattern made to keep the matcher busy does not', () => {
  assert.equal(patternMatches({ pattern: `${'a*'.repeat(10_000)}b` }, 'a'.repeat(20_000)), false)
})
