import assert from 'node:assert/strict'
import { test } from 'node:test'
import { questions } from '../../src/config/questions.ts'
import { sections, settingNames, table } from '../../src/config/table.ts'

test('every row of a section is in the table, and no name stands in two', () => {
  const names = sections.flatMap(({ rows }) => Object.keys(rows))
  assert.deepEqual(names, [...settingNames])
  assert.equal(new Set(names).size, names.length)
})

test('no short flag is used twice', () => {
  const rows = [...settingNames.map((name) => table[name]), ...questions]
  const letters = rows.map(({ short }) => short).filter((one) => one !== undefined)
  assert.equal(new Set(letters).size, letters.length)
  for (const letter of letters) assert.match(letter, /^[a-zA-Z]$/)
})

test('every null default says what it means, and every choice has its names', () => {
  for (const name of settingNames) {
    assert.equal(table[name].default === null, table[name].unset !== undefined, name)
    assert.equal(table[name].type === 'choice', table[name].choices !== undefined, name)
    assert.match(table[name].text, /\.$/, name)
  }
})
