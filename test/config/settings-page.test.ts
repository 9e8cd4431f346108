import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { flagOf, variableOf } from '../../src/config/names.ts'
import { settingsPage } from '../../src/config/settings-page.ts'
import { settingNames } from '../../src/config/table.ts'

test('docs/settings.md is what the table of settings gives; `npm run docs` writes it', () => {
  assert.equal(readFileSync('docs/settings.md', 'utf8'), settingsPage())
})

test('the page has every setting with its flag and its variable', () => {
  const page = settingsPage()
  for (const name of settingNames) {
    const entry = page.split(/^### /m).find((part) => part.startsWith(`${name}\n`)) ?? assert.fail(name)
    assert.ok(entry.includes(`\`${flagOf(name)}`) && entry.includes(`\`${variableOf(name)}\``), name)
  }
})
