import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMounts, readMounts } from '../../src/config/mount.ts'

test('an object, or texts, name the application of each prefix', () => {
  const mounts = [{ prefix: '', target: 'shop:app' }, { prefix: '/api/v1', target: './api.ts:app' }]
  assert.deepEqual(readMounts({ '/': 'shop:app', '/api/v1': './api.ts:app' }), mounts)
  assert.deepEqual(readMounts(['/=shop:app', '/api/v1=./api.ts:app']), mounts)
  assert.deepEqual(readMounts('/=app:make(a="b=c")'), [{ prefix: '', target: 'app:make(a="b=c")' }])
  assert.equal(formatMounts(mounts), '/=shop:app,/api/v1=./api.ts:app')
})

test('what is no prefix, no target, named twice or nothing at all is refused', () => {
  const wrong: unknown[] = [
    {}, [], '', 'shop:app', '/api', '/api=', '=shop:app', { api: 'a.ts' }, { '/api/': 'a.ts' }, { '/a%62': 'a.ts' }, { '/a/../b': 'a.ts' },
    { '/': 1 }, { '/': () => [] }, ['/=a.ts', '/=b.ts'], [['/', 'a.ts']], null, 3,
  ]
  for (const raw of wrong) assert.equal(readMounts(raw), undefined, JSON.stringify(raw))
})
