import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { projectRoot } from '../support/project.ts'
import { readSource, readSources } from './source-files.ts'

test('no declared type is any', () => {
  const declarations = readSources(join(projectRoot, 'dist'), '.d.ts')
  assert.ok(declarations.some(({ path }) => path === 'index.d.ts'))
  assert.deepEqual(declarations.filter(({ kinds }) => kinds.has('TSAnyKeyword')).map(({ path }) => path), [])
})

test('any is found where it is a type, not where it is a word', () => {
  const isAny = (code: string): boolean => readSource('x.d.ts', code).kinds.has('TSAnyKeyword')
  assert.ok(isAny('export declare function f(x: Record<string, any>): void'))
  assert.equal(isAny("/** any */ export declare const any: { any: 'any' }"), false)
})
