import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { causes, type Cause } from '../../src/http/causes.ts'
import { errorsPage } from '../../src/http/causes-page.ts'

test('docs/errors.md is current', () => {
  assert.equal(readFileSync('docs/errors.md', 'utf8'), errorsPage(), 'run `npm run docs`')
})

test('every cause has one row, under its status', () => {
  const sections = errorsPage().split(/^## /m)
  for (const [name, { status, fault }] of Object.entries<Cause>(causes)) {
    const holders = sections.filter((section) => section.includes(`\n| \`${name}\` | ${fault} | `))
    assert.equal(holders.length, 1, name)
    assert.ok(holders[0]?.startsWith(status === 0 ? 'Cut' : `${status} `), name)
  }
})
