import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

test('what the scripts import of the build is there: dist/ has few of the modules of src/, build/ has all', () => {
  const imported = readdirSync('scripts').filter((name) => name.endsWith('.mjs')).flatMap((name) => {
    const source = readFileSync(join('scripts', name), 'utf8')
    return [...source.matchAll(/(?:from|import\() ?'\.\.\/((?:dist|build)\/[^']+)'/g)].map(([, path]) => ({ name, path: path as string }))
  })
  assert.ok(imported.some(({ name }) => name === 'generate-docs.mjs'))
  for (const { name, path } of imported) assert.ok(existsSync(path), `scripts/${name} imports ${path}`)
})
