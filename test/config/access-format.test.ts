import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessAtoms, isAccessFormat, parseAccessFormat } from '../../src/config/access-format.ts'

test('a format is cut into its text and atoms', () => {
  assert.deepEqual(parseAccessFormat('%(h)s "%(r)s" 100%% %({X-Forwarded-For}i)s %({location}o)s|'), [
    { kind: 'atom', atom: 'h' },
    { kind: 'text', text: ' "' },
    { kind: 'atom', atom: 'r' },
    { kind: 'text', text: '" 100' },
    { kind: 'text', text: '%' },
    { kind: 'text', text: ' ' },
    { kind: 'request', field: 'X-Forwarded-For' },
    { kind: 'text', text: ' ' },
    { kind: 'answer', field: 'location' },
    { kind: 'text', text: '|' },
  ])
})

for (const format of ['%(nothing)s', '%h', '%(h)', '%', '%({user}e)s', '%({bad name}i)s', '%(h)s\n', '%(constructor)s', 'a\x1bb', '']) {
  test(`${JSON.stringify(format)} is no format`, () => {
    assert.equal(parseAccessFormat(format), undefined)
    assert.equal(isAccessFormat(format), false)
  })
}

test('text without an atom is no format, but for the names of those that have one', () => {
  assert.equal(isAccessFormat('common'), false)
  assert.equal(isAccessFormat('100%%'), false)
  for (const name of ['combined', 'json']) assert.equal(isAccessFormat(name), true)
  for (const atom of Object.keys(accessAtoms)) assert.equal(isAccessFormat(`%(${atom})s`), true)
})
