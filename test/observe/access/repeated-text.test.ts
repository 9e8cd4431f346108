import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RepeatedText } from '../../../src/observe/access/repeated-text.ts'

test('a text is printed once, however often and with whatever between', () => {
  let count = 0
  const repeated = new RepeatedText((text) => { count++; return `<${text}>` })
  assert.equal(repeated.printed(''), '<>')
  count = 0
  for (let i = 0; i < 100; i++) assert.deepEqual(['a', 'b', 'a'].map((text) => repeated.printed(text)), ['<a>', '<b>', '<a>'])
  assert.equal(count, 2)
})

test('clients cannot fill it: it forgets, and long texts are not kept; what it gives is right all the same', () => {
  let count = 0
  const repeated = new RepeatedText((text) => { count++; return `<${text}>` })
  const long = 'x'.repeat(257)
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 1000; i++) assert.equal(repeated.printed(`agent ${i}`), `<agent ${i}>`)
    for (const other of ['', long, 'caf\xe9', long]) assert.equal(repeated.printed(other), `<${other}>`)
  }
  assert.ok(count > 2000, `${count}`)
})
