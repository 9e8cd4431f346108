import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mediaType } from '../../src/http/media-types.ts'

test('the ending of a name says the type, in any case', () => {
  assert.equal(mediaType('index.html'), 'text/html; charset=utf-8')
  assert.equal(mediaType('/srv/www/a.b/APP.JS'), 'text/javascript; charset=utf-8')
  assert.equal(mediaType('archive.tar.gz'), 'application/gzip')
})

test('a name without an ending, or with an unknown one, has no type', () => {
  for (const name of [
    '',
    'README',
    '.html',
    '/srv/a.html/README',
    '/srv/.css',
    'a.',
    'a.unknown',
    'a.constructor',
    'a.__proto__'
  ]) {
    assert.equal(mediaType(name), undefined, name)
  }
})
