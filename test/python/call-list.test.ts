import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Call, type Caller } from '../../src/python/call.ts'
import { CallList } from '../../src/python/call-list.ts'

const call = (since: number, id = since): Call => {
  const one = new Call({} as Caller, { environ: '{0', kind: 0, body: 'N' }, since)
  one.id = id
  return one
}
const ids = (list: CallList): number[] => [...list].map(({ id }) => id)

describe('a list of calls', () => {
  test('is in order, whoever leaves it', () => {
    const list = new CallList()
    const calls = [1, 2, 3, 4, 5].map((id) => call(id))
    for (const one of calls) list.add(one)
    const [first, , middle, , last] = calls as [Call, Call, Call, Call, Call]
    assert.deepEqual(ids(list), [1, 2, 3, 4, 5])
    assert.equal(list.remove(middle), true)
    assert.deepEqual(ids(list), [1, 2, 4, 5])
    assert.equal(list.remove(first), true)
    assert.equal(list.first?.id, 2)
    assert.equal(list.remove(last), true)
    list.add(call(6))
    assert.deepEqual([ids(list), list.size], [[2, 4, 6], 3])
  })

  test('tells who is in it, and lets nobody leave twice', () => {
    const list = new CallList()
    const one = call(1)
    assert.equal(list.remove(one), false)
    list.add(one)
    assert.equal(list.has(one), true)
    assert.equal(new CallList().has(one), false)
    assert.equal(new CallList().remove(one), false)
    assert.equal(list.remove(one), true)
    assert.deepEqual([list.remove(one), list.has(one), list.size, list.first], [false, false, 0, undefined])
  })

  test('holds nothing of those that have left it', () => {
    const list = new CallList()
    const [one, two] = [call(1), call(2)]
    list.add(one)
    list.add(two)
    list.remove(one)
    assert.deepEqual([one.before, one.after, one.list, two.before], [undefined, undefined, undefined, undefined])
  })

  test('takes a call from the list that it was in', () => {
    const [from, to] = [new CallList(), new CallList()]
    const calls = [1, 2, 3].map((id) => call(id))
    for (const one of calls) from.add(one)
    to.add(calls[1] as Call)
    assert.deepEqual([ids(from), from.size, ids(to), to.size], [[1, 3], 2, [2], 1])
  })

  test('finds one by its id', () => {
    const list = new CallList()
    const calls = [7, 8, 9].map((id) => call(id))
    for (const one of calls) list.add(one)
    assert.equal(list.find(8), calls[1])
    assert.equal(list.find(6), undefined)
  })

  test('has what is given back in the order of waiting, before those that came later', () => {
    const list = new CallList()
    list.add(call(5))
    list.add(call(6))
    list.giveBack([call(2), call(4)])
    assert.deepEqual(ids(list), [2, 4, 5, 6])
    list.giveBack([call(1), call(3), call(7)])
    assert.deepEqual(ids(list), [1, 2, 3, 4, 5, 6, 7])
  })

  test('has what is given back before those that have waited equally long, in order', () => {
    const list = new CallList()
    list.add(call(1, 10))
    list.giveBack([call(1, 11), call(1, 12)])
    assert.deepEqual(ids(list), [11, 12, 10])
  })
})
