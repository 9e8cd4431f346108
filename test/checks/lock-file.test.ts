import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { projectRoot } from '../support/project.ts'

type Dependencies = Readonly<Record<string, string>>

interface Manifest {
  readonly dependencies?: Dependencies
  readonly devDependencies?: Dependencies
  readonly optionalDependencies?: Dependencies
}

const read = <T>(name: string): T => JSON.parse(readFileSync(join(projectRoot, name), 'utf8')) as T
const { packages } = read<{ packages: Readonly<Record<string, Manifest>> }>('package-lock.json')

// A registry that lacks the binaries of other platforms makes npm write a lock file that `npm ci` refuses everywhere.
test('the lock file has what its packages depend on, on every platform', () => {
  const wanted = Object.values(packages).flatMap(({ dependencies, optionalDependencies }) =>
    Object.keys({ ...dependencies, ...optionalDependencies }))
  assert.ok(wanted.length > 50)
  const missing = wanted.filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)))
  assert.deepEqual(missing, [])
})

test('the lock file is of this package.json', () => {
  const { dependencies, devDependencies } = read<Manifest>('package.json')
  assert.deepEqual(packages['']?.dependencies, dependencies)
  assert.deepEqual(packages['']?.devDependencies, devDependencies)
})
