import assert from 'node:assert/strict'
import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inject } from '../../../src/testing/inject.ts'
import { FileRouter } from '../../../src/web/static/file-router.ts'
import { WsgiHandler } from '../../../src/web/wsgi-handler.ts'
import { WsgiResponse } from '../../../src/web/response.ts'
import { mediaDirectory } from './media-directory.ts'

test('one file is served at one path', async (t) => {
  const app = new FileRouter('favicon.ico', join(mediaDirectory(t, { 'icon.ico': 'x', 'icon.ico.gz': 'y' }), 'icon.ico'))
  const icon = await inject(app, { path: '/favicon.ico' })
  assert.deepEqual([icon.status, icon.text(), icon.headers.get('content-type')], [200, 'x', 'image/vnd.microsoft.icon'])
  assert.equal((await inject(app, { path: '/favicon.ico', headers: { Range: 'bytes=0-0' } })).status, 206)
  assert.equal((await inject(app, { path: '/favicon.ico/x' })).status, 404)
})

test('the file may be a link that leads anywhere', async (t) => {
  const directory = mediaDirectory(t, { 'elsewhere/a.txt': 'there', 'here/b': '' })
  symlinkSync('../elsewhere/a.txt', join(directory, 'here', 'a.txt'))
  assert.equal((await inject(new FileRouter('a', join(directory, 'here', 'a.txt')), { path: '/a' })).text(), 'there')
})

test('a status of its own goes out whatever the client asks for', async (t) => {
  const app = new FileRouter('<path:path>', join(mediaDirectory(t, { 'lost.html': 'lost' }), 'lost.html'), { statusCode: 404 })
  const lost = await inject(app, { path: '/some/where', headers: { Range: 'bytes=0-0', 'If-None-Match': '*' } })
  assert.deepEqual([lost.status, lost.text(), lost.headers.get('etag')], [404, 'lost', null])
})

test('a file that is not there is 404, or left to the next middleware', async (t) => {
  const directory = mediaDirectory(t, { 'a.txt': 'x' })
  const file = join(directory, 'a.txt')
  const next = (): WsgiResponse => new WsgiResponse({ content: 'next' })
  const app = new WsgiHandler([new FileRouter('a', file, { raise404: false, trust: 0 }), next])
  const strict = new FileRouter('a', file, { trust: 0 })
  assert.equal((await inject(app, { path: '/a' })).text(), 'x')
  rmSync(file)
  assert.equal((await inject(app, { path: '/a' })).text(), 'next')
  assert.equal((await inject(strict, { path: '/a' })).status, 404)
  assert.equal((await inject(new FileRouter('a', directory), { path: '/a' })).status, 404)
})
