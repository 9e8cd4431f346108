/** Methods with schemas of two libraries that know nothing of each other. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { z } from 'zod'
import { method, MethodTable } from '../../src/rpc/method-table.ts'
import { inject } from '../../src/testing/inject.ts'
import { Router } from '../../src/web/router/router.ts'
import { Calculator } from './specimen.ts'

const table = new MethodTable({
  version: method(() => 'one'),
  path: method((request) => request.path),
  add: method({ params: z.tuple([z.number(), z.number()]), result: z.number() }, ([a, b]) => a + b),
  either: method({ params: z.tuple([z.number(), z.number().optional()]), parameters: ['a', 'b?'] }, ([a, b = 10]) => a * b),
  register: method(
    { params: z.object({ name: z.string().trim().min(1), age: z.coerce.number().int() }), parameters: ['name', 'age'], text: 'Adds a user.' },
    async ({ name, age }) => ({ name, next: age + 1 }),
  ),
  area: method({ params: v.object({ width: v.number(), height: v.pipe(v.number(), v.minValue(0)) }) }, ({ width, height }) => width * height),
  checked: method({ params: v.pipeAsync(v.tuple([v.string()]), v.checkAsync(async ([text]) => text !== 'taken', 'is taken')) }, ([text]) => text),
  broken: method({ params: z.tuple([]), result: z.string() }, () => 7 as never),
  trimmed: method({ params: z.tuple([]), result: z.object({ shown: z.string() }) }, () => ({ shown: 'yes', hidden: 'secret' })),
  calc: new Calculator(),
  more: new MethodTable({ twice: method({ params: z.tuple([z.number()]) }, ([n]) => n * 2) }),
})
const app = new Router('/', { post: table })

async function call(name: string, params?: unknown): Promise<{ readonly result?: unknown, readonly error?: { readonly code: number, readonly data?: unknown }, readonly log: string }> {
  const body = JSON.stringify({ jsonrpc: '2.0', method: name, params, id: 1 })
  const response = await inject(app, { method: 'POST', path: '/', headers: { 'Content-Type': 'application/json' }, body })
  return { ...response.json() as object, log: response.log }
}

const results: readonly (readonly [name: string, params: unknown, result: unknown])[] = [
  ['version', undefined, 'one'], ['version', [], 'one'], ['version', {}, 'one'], ['path', undefined, '/'],
  ['add', [1, 2], 3],
  ['either', [2], 20], ['either', [2, 3], 6], ['either', { a: 2 }, 20], ['either', { b: 3, a: 2 }, 6],
  ['register', { name: ' ann ', age: '41' }, { name: 'ann', next: 42 }], ['register', ['ann', 41], { name: 'ann', next: 42 }],
  ['area', { width: 2, height: 3 }, 6],
  ['checked', ['free'], 'free'],
  ['trimmed', [], { shown: 'yes' }],
  ['calc.add', [1, 2], 3], ['more.twice', [4], 8],
]
for (const [name, params, result] of results) {
  test(`${name} with ${JSON.stringify(params)} gives ${JSON.stringify(result)}`, async () => {
    assert.deepEqual((await call(name, params)).result, result)
  })
}

const refused: readonly (readonly [name: string, params: unknown])[] = [
  ['version', [1]], ['version', { a: 1 }], ['add', ['1', 2]], ['add', [1]], ['add', [1, 2, 3]], ['add', { a: 1, b: 2 }], ['add', undefined],
  ['either', { a: 2, c: 3 }], ['either', { b: 3 }], ['register', { name: '', age: 1 }], ['register', ['ann', 41, 1]],
  ['area', { width: 2 }], ['area', { width: 2, height: -1 }], ['area', [2, 3]], ['checked', ['taken']],
]
for (const [name, params] of refused) {
  test(`${name} refuses ${JSON.stringify(params)}`, async () => {
    assert.equal((await call(name, params)).error?.code, -32602)
  })
}

test('the caller is told what is wrong, and where', async () => {
  const { error } = await call('register', { name: 'ann', age: 'old' })
  const { issues } = error?.data as { readonly issues: readonly { readonly message: string, readonly path: readonly unknown[] }[] }
  assert.deepEqual(issues.map(({ path }) => path), [['age']])
  assert.match(issues[0]?.message ?? '', /number/i)
})

test('a result that its own schema refuses is a mistake of the server: the log has why', async () => {
  const { error, log } = await call('broken', [])
  assert.deepEqual([error?.code, error?.data], [-32603, undefined])
  assert.match(log, /what its own schema refuses/)
})

test('a table lists its methods with their parameters and texts', () => {
  const rows = new Map(table.listFunctions())
  assert.deepEqual(rows.get('register'), { doc: 'Adds a user.', section: '', parameters: ['name', 'age'] })
  assert.ok(rows.has('more.twice'))
})

test('a name with a dot is refused, and names of every object are no methods', async () => {
  assert.throws(() => new MethodTable({ 'a.b': method(() => 1) }), /cannot be the name/)
  for (const name of ['__proto__', 'constructor', 'toString', 'more.constructor']) assert.equal((await call(name)).error?.code, -32601)
})
