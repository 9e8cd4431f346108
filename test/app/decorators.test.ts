/** Decorators as TypeScript's `experimentalDecorators` has them: what they are called with, and what keeps their metadata. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { loadModule } from '../../src/app/load-module.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'pulsar-decorators-')))
after(() => rmSync(root, { recursive: true }))

function folder(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(root, 'case-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  return directory
}

const ON = '{ "compilerOptions": { "experimentalDecorators": true } }'

const source = `
export const calls: unknown[] = []
const note = (name: string): any => (...on: unknown[]) => { calls.push([name, ...on.slice(1)]) }
const twice: any = (_target: object, _key: string, descriptor: PropertyDescriptor) => ({ ...descriptor, value: () => 2 * descriptor.value() })
const renamed: any = (one: new () => object) => class Renamed extends one { extra = 1 }
@note('class') @renamed
export class Shown {
  @note('property') a: number = 1
  @note('outer') @twice @note('inner') two(): number { return 1 }
  @note('accessor') get b(): number { return 3 }
  @note('static') static c(@note('first') _x?: number, @note('second') _y?: string): void {}
}
export const found = [Shown.name, new Shown().two(), (new Shown() as any).extra, new Shown().b]
`

test('they are called as tsc calls them', async () => {
  const { calls, found } = await loadModule(join(folder({ 'tsconfig.json': ON, 'app.ts': source }), 'app.ts'))
  assert.deepEqual(found, ['Renamed', 2, 1, 3])
  const shown = (calls as unknown[][]).map(([name, key, third]) => [name, key, typeof third === 'object' ? Object.keys(third ?? {}).sort().join() : third])
  const method = 'configurable,enumerable,value,writable'
  assert.deepEqual(shown, [
    ['property', 'a', undefined], ['inner', 'two', method], ['outer', 'two', method], ['accessor', 'b', 'configurable,enumerable,get,set'],
    ['second', 'c', 1], ['first', 'c', 0], ['static', 'c', method], ['class', undefined, undefined],
  ])
})

test('tsconfig.json may have comments, stand further up, and extend others', async () => {
  const directory = folder({
    'base/strict.json': ON,
    'tsconfig.json': '{\n  // as tsc --init writes it\n  "extends": ["./base/strict"], /* with "more" */\n  "compilerOptions": { "paths": { "@/*": ["./*"] }, },\n}',
    'deep/down/app.ts': source,
  })
  assert.deepEqual((await loadModule(join(directory, 'deep/down/app.ts')))['found'], ['Renamed', 2, 1, 3])
})

test('the types of parameters are kept where tsconfig.json asks for it', async () => {
  const app = `import 'reflect-metadata'
import { Names } from './names'
const injectable: any = () => {}
@injectable export class App { constructor(readonly names: Names, readonly n: number) {} }
export const types = (Reflect as any).getMetadata('design:paramtypes', App)?.map((type: { name: string }) => type.name)`
  for (const emitDecoratorMetadata of [true, false]) {
    const directory = folder({
      'tsconfig.json': JSON.stringify({ compilerOptions: { experimentalDecorators: true, emitDecoratorMetadata } }),
      'names.ts': 'export class Names {}', 'app.ts': app.replace("'./names'", "'./names.js'"),
    })
    symlinkSync(resolve('node_modules'), join(directory, 'node_modules'))
    assert.deepEqual((await loadModule(join(directory, 'app.ts')))['types'], emitDecoratorMetadata ? ['Names', 'Number'] : undefined)
  }
})

test('without the setting it is said what is missing, and text that only looks like one changes nothing', async () => {
  const directory = folder({ 'package.json': '{}', 'app.ts': source, 'mail.ts': "export const to = 'a@b.example' // @see docs\n" })
  await assert.rejects(loadModule(join(directory, 'app.ts')), (error: Error) => {
    assert.match(error.message, /app\.ts has decorators.*experimentalDecorators.*tsconfig\.json/)
    return error instanceof SyntaxError
  })
  assert.equal((await loadModule(join(directory, 'mail.ts')))['to'], 'a@b.example')
  const broken = folder({ 'tsconfig.json': '{ "compilerOptions": ', 'app.ts': source })
  await assert.rejects(loadModule(join(broken, 'app.ts')), /tsconfig\.json: /)
  const circle = folder({ 'tsconfig.json': '{ "extends": "./tsconfig.json" }', 'app.ts': source })
  await assert.rejects(loadModule(join(circle, 'app.ts')), /extends itself/)
})

test('an error in a decorated file is at its own line', async () => {
  const directory = folder({ 'tsconfig.json': ON, 'app.ts': `const d: any = () => {}\n@d class A {}\n\nexport const fail = (): never => { throw new Error(A.name) }` })
  const { fail } = await loadModule(join(directory, 'app.ts'))
  assert.throws(fail as () => never, (error: Error) => /app\.ts:4:/.test(error.stack ?? ''))
})

test('route() says that it is not one of them', async () => {
  const directory = folder({
    'tsconfig.json': ON,
    'app.ts': "import { route, Router } from 'pulsar-wsgi'\nexport class Users extends Router {\n  @(route('<int:id>') as any) show(): object { return {} }\n}\n",
  })
  mkdirSync(join(directory, 'node_modules'))
  symlinkSync(resolve('.'), join(directory, 'node_modules', 'pulsar-wsgi'))
  await assert.rejects(loadModule(join(directory, 'app.ts')), /@route\(\) is a decorator of the standard/)
})
