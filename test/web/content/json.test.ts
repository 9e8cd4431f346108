import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AsyncString } from '../../../src/web/content/async-string.ts'
import { Html } from '../../../src/web/content/html.ts'
import { Json } from '../../../src/web/content/json.ts'

test('one value is itself, several are a list, and list() makes one of any', async () => {
  assert.equal(await new Json({ a: 1 }).render(), '{"a":1}')
  assert.equal(await new Json(1, 2).render(), '[1,2]')
  assert.equal(await new Json().render(), '[]')
  assert.equal(await Json.list(1).render(), '[1]')
  assert.equal(new Json().contentType, 'application/json')
})

test('promises, async iterables and content are resolved, however deep', async () => {
  async function* numbers(): AsyncGenerator<number> {
    yield 1
    yield 2
  }
  const json = new Json({
    promised: Promise.resolve({ deep: Promise.resolve([new AsyncString('te', Promise.resolve('xt'))]) }),
    counted: numbers(),
    inner: new Json([Promise.resolve(3)]),
    html: new Html('b', '<'),
    date: new Date(0),
    bytes: Buffer.from('é'),
    set: new Set([1]),
  })
  assert.deepEqual(JSON.parse(await json.render()), {
    promised: { deep: ['text'] }, counted: [1, 2], inner: [3], html: '<b>&lt;</b>', date: '1970-01-01T00:00:00.000Z', bytes: 'é', set: [1],
  })
})

test('a value that holds itself is refused', async () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = { circle }
  await assert.rejects(new Json(circle).render(), /holds itself/)
  const shared = { a: 1 }
  assert.equal(await new Json([shared, shared]).render(), '[{"a":1},{"a":1}]')
})

test('a key named __proto__ is a key', async () => {
  assert.equal(await new Json(JSON.parse('{"__proto__":{"a":1}}')).render(), '{"__proto__":{"a":1}}')
})

test('what JSON cannot say is null alone, and left out of objects', async () => {
  assert.equal(await new Json(undefined).render(), 'null')
  assert.equal(await new Json({ a: undefined, b: Promise.resolve(undefined) }).render(), '{}')
})

test('in HTML it is escaped', async () => {
  assert.equal(await new Html('pre', new Json({ a: '<b>' })).render(), '<pre>\n{&quot;a&quot;:&quot;&lt;b&gt;&quot;}</pre>')
  assert.equal(await new Html('p', new Json(Promise.resolve('<'))).render(), '<p>&quot;&lt;&quot;</p>')
})

test('a promise that is rejected is the error of the rendering', async () => {
  await assert.rejects(new Json({ a: Promise.reject(new Error('no a')), b: Promise.reject(new Error('no b')) }).render(), /no a/)
})
