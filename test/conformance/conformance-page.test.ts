import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { differencesTable } from '../fuzz/differences.ts'
import { corpusTable } from '../support/corpus-table.ts'
import { projectRoot } from '../support/project.ts'

const page = readFileSync(join(projectRoot, 'docs', 'conformance.md'), 'utf8')

for (const [name, table] of [
  ['differences from node:http', differencesTable()],
  ['cases of the corpus', corpusTable()],
] as const) {
  test(`docs/conformance.md has the table of ${name} as it is`, () => {
    assert.ok(page.includes(table), `put what \`npm run fuzz -- --tables\` prints into docs/conformance.md:\n${table}`)
  })
}

test('docs/conformance.md names only files that are there', () => {
  const paths = [...page.matchAll(/`((?:test|src|scripts|docs)\/[\w./-]+)`/g)].map(([, path]) => path as string)
  assert.ok(paths.length > 10)
  for (const path of paths) assert.doesNotThrow(() => readFileSync(join(projectRoot, path)), path)
})
