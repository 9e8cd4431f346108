import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ResponseHeaders } from '../../src/web/response-headers.ts'

test('names are found in any case, and sent as they were written', () => {
  const headers = new ResponseHeaders({ 'X-Kind': 'a' })
  assert.equal(headers.get('x-kind'), 'a')
  assert.equal(headers.has('X-KIND'), true)
  assert.deepEqual(headers.toFields(), [['X-Kind', 'a']])
})

test('set() takes the place of all lines of a name, append() adds one', () => {
  const headers = new ResponseHeaders([['A', '1'], ['B', '2'], ['a', '3']])
  assert.equal(headers.get('A'), '1, 3')
  headers.set('a', 4)
  assert.deepEqual(headers.toFields(), [['a', '4'], ['B', '2']])
  headers.append('B', '5')
  assert.deepEqual(headers.getAll('b'), ['2', '5'])
  assert.equal(headers.delete('B'), true)
  assert.equal(headers.delete('B'), false)
  assert.deepEqual([...headers], [['a', '4']])
})

test('headers are made of pairs, of an object with lists, or of a web Headers', () => {
  assert.deepEqual(new ResponseHeaders({ Link: ['</a>', '</b>'], 'Retry-After': 5, ETag: undefined }).toFields(), [
    ['Link', '</a>'], ['Link', '</b>'], ['Retry-After', '5'],
  ])
  assert.deepEqual(new ResponseHeaders(new Headers({ 'X-A': 'b' })).toFields(), [['x-a', 'b']])
})

test('update() takes the place of what was there, line for line', () => {
  const headers = new ResponseHeaders([['A', '1'], ['A', '2'], ['B', '3']])
  headers.update([['A', '4'], ['A', '5']])
  assert.deepEqual(headers.toFields(), [['A', '4'], ['B', '3'], ['A', '5']])
})

test('vary() adds what is not there, and nothing to a star', () => {
  const headers = new ResponseHeaders({ Vary: 'Accept' })
  headers.vary('accept', 'Accept-Encoding')
  assert.equal(headers.get('vary'), 'Accept, Accept-Encoding')
  assert.equal(new ResponseHeaders({ Vary: '*' }).vary('Accept').get('vary'), '*')
})

test('a changed copy of the fields does not change the headers', () => {
  const headers = new ResponseHeaders({ A: '1' })
  ;(headers.toFields() as [string, string][]).push(['B', '2'])
  assert.equal(headers.has('B'), false)
})

const ways: readonly ((name: string, value: string) => ResponseHeaders)[] = [
  (name, value) => new ResponseHeaders().set(name, value),
  (name, value) => new ResponseHeaders().append(name, value),
  (name, value) => new ResponseHeaders([[name, value]]),
  (name, value) => new ResponseHeaders({ [name]: value }),
  (name, value) => new ResponseHeaders().update({ [name]: [value] }),
]

test('no way in takes a value that would end its line, or is not latin-1', () => {
  for (const way of ways) {
    for (const value of ['a\r\nX-B: c', 'a\nb', 'a\rb', 'a\0b', 'a\x7f', 'a\u2028b', 'ā']) assert.throws(() => way('X-A', value), TypeError, JSON.stringify(value))
    for (const name of ['', 'X A', 'X:A', 'X\r\nA', 'Ä']) assert.throws(() => way(name, 'a'), TypeError, JSON.stringify(name))
  }
  assert.throws(() => new ResponseHeaders().vary('A\r\nB: c'), TypeError)
  assert.throws(() => new ResponseHeaders().set('X-A', undefined as unknown as string), TypeError)
})

test('whatever is taken stands on one line, whatever is refused changes nothing', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.nat(ways.length - 1), (name, value, way) => {
    try {
      const text = (ways[way] as (typeof ways)[0])(name, value).toFields().map(([n, v]) => `${n}: ${v}`).join('\r\n')
      assert.match(text, /^[!#$%&'*+\-.^_`|~\w]+: [\t\x20-\x7e\x80-\xff]*$/)
    } catch (error) {
      assert.ok(error instanceof TypeError)
    }
  }))
})
