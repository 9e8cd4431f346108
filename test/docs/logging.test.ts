/** The examples of the page do what it says of them, and its table has every atom. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { accessAtoms, isAccessFormat } from '../../src/config/access-format.ts'
import { testPage } from '../support/page-examples.ts'

await testPage('logging.md')

const page = readFileSync('docs/logging.md', 'utf8')

test('logging.md has every atom of the access log, and none that there is not', () => {
  const table = page.slice(page.indexOf('| Atom |'), page.indexOf('### Phases'))
  const named = [...table.matchAll(/`%\((\w+)\)s`/g)].map(([, atom]) => atom)
  // It says what gunicorn has and Pulsar has not.
  assert.deepEqual(named.sort(), Object.keys(accessAtoms).sort())
})

test('the format that logging.md gives for Apache\'s combined is one', () => {
  const [, format = ''] = /take their own format:\n`([^`]+)`/.exec(page) ?? []
  assert.equal(isAccessFormat(format), true)
})
