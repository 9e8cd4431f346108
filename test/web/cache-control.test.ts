import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CacheControl, parseCacheControl, type CacheControlOptions } from '../../src/web/cache-control.ts'
import { ResponseHeaders } from '../../src/web/response-headers.ts'

const cases: readonly (readonly [CacheControlOptions, string])[] = [
  [{}, 'no-cache'],
  [{ noStore: true, maxAge: 5 }, 'no-store'],
  [{ maxAge: 0 }, 'max-age=0, public'],
  [{ maxAge: 60, private: true, mustRevalidate: true }, 'max-age=60, private, must-revalidate'],
  [{ maxAge: 60, sharedMaxAge: 600, proxyRevalidate: true }, 'max-age=60, s-maxage=600, public, proxy-revalidate'],
  [{ maxAge: 31_536_000, immutable: true }, 'max-age=31536000, public, immutable'],
  [{ private: true }, 'no-cache, private'],
  [{ maxAge: 1, noCache: true, noTransform: true, staleWhileRevalidate: 9 }, 'no-cache, max-age=1, stale-while-revalidate=9, public, no-transform'],
]

for (const [options, value] of cases) {
  test(`${JSON.stringify(options)} is ${value}`, () => {
    const headers = new ResponseHeaders({ 'Cache-Control': 'public' })
    new CacheControl(options).apply(headers)
    assert.equal(headers.get('cache-control'), value)
  })
}

test('an age is whole seconds', () => {
  for (const maxAge of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => new CacheControl({ maxAge }), RangeError)
})

test('what a client asks of caches is read, what is no number left out', () => {
  assert.deepEqual({ ...parseCacheControl('Max-Age=0, no-cache, min-fresh="5", max-stale, stale-if-error=x, ext="a, b"') }, {
    'max-age': 0, 'no-cache': true, 'min-fresh': 5, 'max-stale': true, ext: 'a, b',
  })
  assert.deepEqual({ ...parseCacheControl('max-age=-1, max-age') }, {})
  assert.deepEqual({ ...parseCacheControl(undefined) }, {})
})
