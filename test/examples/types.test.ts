import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { projectRoot } from '../support/project.ts'

test('the examples are right in their types, as users of the package would check them', () => {
  const directory = join(projectRoot, 'build', 'examples-types')
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({
    extends: '../../tsconfig.json', include: ['../../examples/**/*.ts'], exclude: [],
    compilerOptions: {
      noEmit: true, isolatedDeclarations: false, declaration: false, noUnusedParameters: false, rootDir: '../..',
    },
  }))
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', directory], { encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
})
