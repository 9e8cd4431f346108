import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readdirSync, readlinkSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { inject } from '../../../src/testing/inject.ts'
import type { InjectedResponse } from '../../../src/testing/injected-response.ts'
import type { WSGIApplication } from '../../../src/gateway/wsgi.ts'
import { MediaRouter } from '../../../src/web/static/media-router.ts'
import { WsgiHandler } from '../../../src/web/wsgi-handler.ts'
import { WsgiResponse } from '../../../src/web/response.ts'
import { longAgo, mediaDirectory, writeOld } from './media-directory.ts'

const get = (app: WSGIApplication, path: string, headers: Record<string, string> = {}): Promise<InjectedResponse> =>
  inject(app, { path, headers })

/** Longer than what is kept in memory. */
const long = Buffer.from(Array.from({ length: 1_100_000 }, (_, i) => i % 251))

test('a file is sent with its type, validators and length', async (t) => {
  const app = new MediaRouter('media', mediaDirectory(t, { 'a.css': 'p{}', 'sub/b': 'x', 'é ü.txt': 'y' }))
  const css = await get(app, '/media/a.css')
  assert.equal(css.status, 200)
  assert.equal(css.text(), 'p{}')
  assert.deepEqual(Object.fromEntries([...css.headers].filter(([name]) => !['date', 'server', 'etag'].includes(name))), {
    'content-type': 'text/css; charset=utf-8', 'last-modified': longAgo.toUTCString(), 'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff', 'cache-control': 'no-cache', 'content-length': '3',
  })
  assert.match(css.headers.get('etag') ?? '', /^"[\w-]{20}"$/)
  assert.equal((await get(app, '/media/sub/b')).headers.get('content-type'), 'application/octet-stream')
  assert.equal((await get(app, '/media/%C3%A9%20%C3%BC.txt')).text(), 'y')
})

test('what is not there is 404, whatever the way it is not there', async (t) => {
  const app = new MediaRouter('media', mediaDirectory(t, { 'a.txt': 'x', 'sub/b.txt': 'y' }))
  for (const path of ['/media/none', '/media/a.txt/', '/media/a.txt/b', '/media/sub', '/media/sub/', '/media/', '/media/sub//b.txt',
    '/media//a.txt', `/media/${'x'.repeat(5000)}`, '/media/a.txt%00', '/media/%ff', '/a.txt']) {
    assert.equal((await get(app, path)).status, 404, path)
  }
})

test('no path leads out of the directory', async (t) => {
  const directory = mediaDirectory(t, { 'public/a.txt': 'x', 'secret.txt': 'secret', 'public-not/b.txt': 'secret', 'public/.env': 'secret' })
  const app = new MediaRouter('m', join(directory, 'public'))
  assert.equal((await get(app, '/m/a.txt')).status, 200)
  for (const path of [
    '../secret.txt', '%2e%2e/secret.txt', '%2E%2E%2Fsecret.txt', '..%2fsecret.txt', 'a.txt/../../secret.txt', './../secret.txt',
    '..\\secret.txt', '%5c..%5csecret.txt', '..%5csecret.txt', '../public-not/b.txt', '//etc/passwd', '%2fetc%2fpasswd', '/etc/passwd',
    '%252e%252e/secret.txt', '..%00/secret.txt', '%c0%ae%c0%ae/secret.txt', '..;/secret.txt', '.../secret.txt', '.env', '%2eenv',
    '..', '.', './', '../', './a.txt', `${directory}/secret.txt`, `%2f${encodeURIComponent(directory)}%2fsecret.txt`,
  ]) {
    const response = await get(app, `/m/${path}`)
    assert.equal(response.status, 404, path)
    assert.doesNotMatch(response.text(), /secret/)
  }
})

test('links lead to files in the directory, and nowhere else', async (t) => {
  const directory = mediaDirectory(t, { 'public/a.txt': 'inside', 'secret.txt': 'secret', 'elsewhere/b.txt': 'secret' })
  const root = join(directory, 'public')
  symlinkSync('a.txt', join(root, 'inside.txt'))
  symlinkSync('../secret.txt', join(root, 'outside.txt'))
  symlinkSync('../elsewhere', join(root, 'folder'))
  symlinkSync('loop', join(root, 'loop'))
  const app = new MediaRouter('m', root, { showIndexes: true })
  assert.equal((await get(app, '/m/inside.txt')).text(), 'inside')
  for (const path of ['/m/outside.txt', '/m/folder/b.txt', '/m/folder', '/m/folder/', '/m/loop']) {
    assert.equal((await get(app, path)).status, 404, path)
  }
})

test('a root that is a link is followed, also to where it leads later', async (t) => {
  const directory = mediaDirectory(t, { 'one/a.txt': '1', 'two/a.txt': '2' })
  symlinkSync('one', join(directory, 'current'))
  const app = new MediaRouter('', join(directory, 'current'), { trust: 0 })
  assert.equal((await get(app, '/a.txt')).text(), '1')
  symlinkSync('two', join(directory, 'next'))
  renameSync(join(directory, 'next'), join(directory, 'current'))
  assert.equal((await get(app, '/a.txt')).text(), '2')
})

test('hidden names are shown where that is said, and .well-known in any case', async (t) => {
  const directory = mediaDirectory(t, { '.env': 'x', '.well-known/security.txt': 'y', 'a/.well-known/b': 'z' })
  const app = new MediaRouter('', directory)
  assert.equal((await get(app, '/.well-known/security.txt')).status, 200)
  assert.equal((await get(app, '/a/.well-known/b')).status, 404)
  assert.equal((await get(new MediaRouter('', directory, { dotFiles: 'show' }), '/.env')).status, 200)
})

for (const [kind, content] of [['kept', Buffer.from('0123456789')], ['long', long]] as const) {
  const size = content.length
  test(`of a ${kind} file, ranges are sent as they are asked for`, async (t) => {
    const app = new MediaRouter('', mediaDirectory(t, { 'a.txt': content }))
    const one = await get(app, '/a.txt', { Range: 'bytes=2-4' })
    assert.equal(one.status, 206)
    assert.deepEqual(one.body, content.subarray(2, 5))
    assert.equal(one.headers.get('content-range'), `bytes 2-4/${size}`)
    assert.deepEqual((await get(app, '/a.txt', { Range: 'bytes=-3' })).body, content.subarray(-3))
    const beyond = await get(app, '/a.txt', { Range: `bytes=${size}-` })
    assert.equal(beyond.status, 416)
    assert.equal(beyond.headers.get('content-range'), `bytes */${size}`)
    assert.equal((await get(app, '/a.txt', { Range: 'bytes=5-1' })).status, 200)
    assert.equal((await get(app, '/a.txt', { Range: 'lines=1-2' })).status, 200)
  })

  test(`of a ${kind} file, If-Range keeps parts of two versions apart`, async (t) => {
    const app = new MediaRouter('', mediaDirectory(t, { 'a.txt': content }))
    const etag = (await get(app, '/a.txt')).headers.get('etag') ?? ''
    assert.equal((await get(app, '/a.txt', { Range: 'bytes=0-1', 'If-Range': etag })).status, 206)
    assert.equal((await get(app, '/a.txt', { Range: 'bytes=0-1', 'If-Range': longAgo.toUTCString() })).status, 206)
    assert.equal((await get(app, '/a.txt', { Range: 'bytes=0-1', 'If-Range': '"other"' })).status, 200)
  })

  test(`of a ${kind} file, a client that has it gets 304, and one that means another gets 412`, async (t) => {
    const app = new MediaRouter('', mediaDirectory(t, { 'a.txt': content }), { cacheControl: 'max-age=60' })
    const etag = (await get(app, '/a.txt')).headers.get('etag') ?? ''
    const same = await get(app, '/a.txt', { 'If-None-Match': `"x", W/${etag}` })
    assert.equal(same.status, 304)
    assert.deepEqual([same.headers.get('etag'), same.headers.get('cache-control'), same.headers.get('content-type')], [etag, 'max-age=60', null])
    assert.equal(same.body.length, 0)
    assert.equal((await get(app, '/a.txt', { 'If-Modified-Since': longAgo.toUTCString() })).status, 304)
    assert.equal((await get(app, '/a.txt', { 'If-Modified-Since': new Date(0).toUTCString() })).status, 200)
    assert.equal((await get(app, '/a.txt', { 'If-Modified-Since': 'yesterday' })).status, 200)
    assert.equal((await get(app, '/a.txt', { 'If-None-Match': '"x"', 'If-Modified-Since': longAgo.toUTCString() })).status, 200)
    assert.equal((await get(app, '/a.txt', { 'If-Match': '"x"' })).status, 412)
    assert.equal((await get(app, '/a.txt', { 'If-Match': etag })).status, 200)
    assert.equal((await get(app, '/a.txt', { 'If-Unmodified-Since': new Date(0).toUTCString() })).status, 412)
  })

  test(`of a ${kind} file, HEAD has the fields of GET, and the whole is sent whole`, async (t) => {
    const app = new MediaRouter('', mediaDirectory(t, { 'a.txt': content }))
    const whole = await get(app, '/a.txt')
    assert.deepEqual(whole.body, content)
    const head = await inject(app, { method: 'HEAD', path: '/a.txt' })
    const fieldsOf = (response: InjectedResponse): string[] => response.fields.filter(([name]) => name !== 'Date').map(String).sort()
    assert.deepEqual(fieldsOf(head), fieldsOf(whole))
    assert.equal(head.body.length, 0)
  })

  test(`of a ${kind} file, several ranges are a multipart`, async (t) => {
    const app = new MediaRouter('', mediaDirectory(t, { 'a.txt': content }))
    const from = size - 2
    // A gap shorter than the head of a part is sent too, so only the long file comes in parts.
    const response = await get(app, '/a.txt', { Range: `bytes=0-1,${from}-` })
    assert.equal(response.status, 206)
    if (size < 100) {
      assert.deepEqual(response.body, content)
      return
    }
    const boundary = /^multipart\/byteranges; boundary=([0-9a-f]+)$/.exec(response.headers.get('content-type') ?? '')?.[1] ?? ''
    const expected = Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 0-1/${size}\r\n\r\n`), content.subarray(0, 2),
      Buffer.from(`\r\n--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ${from}-${size - 1}/${size}\r\n\r\n`),
      content.subarray(from), Buffer.from(`\r\n--${boundary}--\r\n`),
    ])
    assert.deepEqual(response.body, expected)
    assert.equal(response.headers.get('content-length'), String(expected.length))
  })
}

test('an empty file is a file', async (t) => {
  const app = new MediaRouter('', mediaDirectory(t, { 'a.txt': '' }))
  const response = await get(app, '/a.txt')
  assert.deepEqual([response.status, response.headers.get('content-length')], [200, '0'])
})

test('a packed sibling is sent to those who take it', async (t) => {
  const app = new MediaRouter('', mediaDirectory(t, {
    'a.js': 'plain', 'a.js.br': 'brotli', 'a.js.gz': 'gzip!', 'a.js.zst': 'zs', 'b.png': 'image', 'b.png.gz': 'never', 'c.js': 'alone',
  }))
  const encoded = async (accept: string, path: string = '/a.js'): Promise<unknown[]> => {
    const response = await get(app, path, { 'Accept-Encoding': accept })
    return [response.text(), response.headers.get('content-encoding'), response.headers.get('vary')]
  }
  assert.deepEqual(await encoded('gzip, br'), ['brotli', 'br', 'Accept-Encoding'])
  assert.deepEqual(await encoded('gzip'), ['gzip!', 'gzip', 'Accept-Encoding'])
  assert.deepEqual(await encoded('gzip;q=0.5, zstd;q=0.7'), ['zs', 'zstd', 'Accept-Encoding'])
  assert.deepEqual(await encoded('br;q=0, gzip;q=0'), ['plain', null, 'Accept-Encoding'])
  assert.deepEqual(await encoded('identity'), ['plain', null, 'Accept-Encoding'])
  assert.deepEqual(await encoded('identity, gzip;q=0.5'), ['plain', null, 'Accept-Encoding'])
  assert.deepEqual(await encoded(''), ['plain', null, 'Accept-Encoding'])
  assert.deepEqual(await encoded('gzip', '/b.png'), ['image', null, null])
  assert.deepEqual(await encoded('gzip', '/c.js'), ['alone', null, null])
  const tags = await Promise.all(['br', 'gzip', 'identity'].map(async (accept) => (await get(app, '/a.js', { 'Accept-Encoding': accept })).headers.get('etag')))
  assert.equal(new Set(tags).size, 3)
  const part = await get(app, '/a.js', { 'Accept-Encoding': 'br', Range: 'bytes=0-1' })
  assert.deepEqual([part.status, part.text(), part.headers.get('content-encoding')], [206, 'br', 'br'])
  assert.equal(part.headers.get('content-type'), 'text/javascript; charset=utf-8')
})

test('a packed sibling that is older than its file is not sent', async (t) => {
  const directory = mediaDirectory(t, { 'a.js': 'new' })
  writeOld(join(directory, 'a.js.br'), 'old', new Date(longAgo.getTime() - 60_000))
  const app = new MediaRouter('', directory)
  assert.equal((await get(app, '/a.js', { 'Accept-Encoding': 'br' })).text(), 'new')
})

test('a file that changed is sent as it is now, and gets another entity tag', async (t) => {
  const directory = mediaDirectory(t, { 'a.txt': 'one', 'long.bin': long })
  const app = new MediaRouter('', directory, { trust: 0 })
  const first = await get(app, '/a.txt')
  writeOld(join(directory, 'a.txt'), 'two', new Date(longAgo.getTime() + 1000))
  const second = await get(app, '/a.txt')
  assert.deepEqual([first.text(), second.text()], ['one', 'two'])
  assert.notEqual(first.headers.get('etag'), second.headers.get('etag'))
  assert.equal((await get(app, '/long.bin')).body.length, long.length)
  appendFileSync(join(directory, 'long.bin'), 'x')
  assert.equal((await get(app, '/long.bin')).body.length, long.length + 1)
  writeOld(join(directory, 'a.txt.gz'), 'packed')
  assert.equal((await get(app, '/a.txt', { 'Accept-Encoding': 'gzip' })).text(), 'packed')
  rmSync(join(directory, 'a.txt'))
  assert.equal((await get(app, '/a.txt')).status, 404)
})

test('a long file that was replaced while it was trusted is never sent with the old tag', async (t) => {
  const directory = mediaDirectory(t, { 'a.bin': long })
  const app = new MediaRouter('', directory, { trust: 3_600_000 })
  const before = await get(app, '/a.bin')
  writeOld(join(directory, 'a.bin'), Buffer.concat([long, long]))
  const after = await get(app, '/a.bin')
  assert.equal(after.body.length, 2 * long.length)
  assert.notEqual(after.headers.get('etag'), before.headers.get('etag'))
})

test('a young file has a weak entity tag, which becomes a strong one', async (t) => {
  const directory = mediaDirectory(t, {})
  writeOld(join(directory, 'a.txt'), 'x', new Date())
  const app = new MediaRouter('', directory, { trust: 0 })
  assert.match((await get(app, '/a.txt')).headers.get('etag') ?? '', /^W\//)
})

test('more files than are kept are all sent', async (t) => {
  const names = Array.from({ length: 40 }, (_, i) => `${i}.txt`)
  const app = new MediaRouter('', mediaDirectory(t, Object.fromEntries(names.map((name) => [name, name.repeat(100)]))), { memory: 10_000 })
  for (let round = 0; round < 2; round++) {
    const texts = await Promise.all(names.map(async (name) => (await get(app, `/${name}`)).text()))
    assert.deepEqual(texts, names.map((name) => name.repeat(100)))
  }
})

test('a directory is its default file, and has a slash at its end', async (t) => {
  const app = new MediaRouter('m', mediaDirectory(t, { 'index.html': 'home', 'sub/index.html': 'sub', 'empty/a.txt': 'x' }))
  assert.equal((await get(app, '/m/')).text(), 'home')
  assert.equal((await get(app, '/m/sub/')).text(), 'sub')
  const redirect = await get(app, '/m/sub?a=b')
  assert.deepEqual([redirect.status, redirect.headers.get('location')], [302, '/m/sub/?a=b'])
  assert.equal((await get(app, '/m/empty')).status, 404)
  assert.equal((await get(app, '/m/empty/')).status, 404)
})

test('a redirect never leads to another host', async (t) => {
  const app = new MediaRouter('', mediaDirectory(t, { 'example.org/index.html': 'x' }))
  for (const path of ['//example.org', '/%2fexample.org', '/%5cexample.org', '/\\example.org']) {
    assert.equal((await get(app, path)).status, 404, path)
  }
})

test('a directory is listed where that is said: folders first, names escaped, hidden ones left out', async (t) => {
  const directory = mediaDirectory(t, { 'b <x>.txt': '', 'a:b.txt': '', '.hidden': '', 'folder/c.txt': '' })
  mkdirSync(join(directory, 'é"&'))
  const app = new MediaRouter('m', directory, { showIndexes: true })
  const page = await get(app, '/m/')
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
  const links = [...page.text().matchAll(/<a href="([^"]*)">([^<]*)<\/a>/g)].map(([, href, text]) => [href, text])
  assert.deepEqual(links, [
    ['../', '../'], ['./folder/', 'folder/'], ['./%C3%A9%22%26/', 'é&quot;&amp;/'], ['./a%3Ab.txt', 'a:b.txt'], ['./b%20%3Cx%3E.txt', 'b &lt;x&gt;.txt'],
  ])
  assert.equal((await get(app, '/m/folder')).headers.get('location'), '/m/folder/')
  assert.equal((await get(app, '/m/b%20%3Cx%3E.txt')).status, 200)
  assert.equal((await get(app, '/m/none/')).status, 404)
})

test('a suffix is added to names without a dot', async (t) => {
  const app = new MediaRouter('', mediaDirectory(t, { 'about.html': 'about', 'plain': 'plain', 'docs/index.html': 'docs' }), { defaultSuffix: '.html' })
  assert.equal((await get(app, '/about')).text(), 'about')
  assert.equal((await get(app, '/about.html')).text(), 'about')
  assert.equal((await get(app, '/plain')).text(), 'plain')
  assert.equal((await get(app, '/docs')).status, 302)
})

test('what is not there is left to the next middleware where that is said', async (t) => {
  const media = new MediaRouter('', mediaDirectory(t, { 'a.txt': 'file' }), { raise404: false })
  const app = new WsgiHandler([media, () => new WsgiResponse({ content: 'next' })])
  assert.equal((await get(app, '/a.txt')).text(), 'file')
  for (const path of ['/b.txt', '/../x', '/']) assert.equal((await get(app, path)).text(), 'next', path)
  assert.equal((await inject(app, { method: 'POST', path: '/a.txt' })).status, 405)
})

test('a name with a hash of the content is kept for a year', async (t) => {
  const names = ['app.3f9a81c2.js', 'app-B7x_k29Q.css', 'app-B7x_k29Q.js.map', 'jquery-validate.js', 'report-20240101.txt', 'app.js', 'readme-2.txt']
  const app = new MediaRouter('', mediaDirectory(t, Object.fromEntries(names.map((name) => [name, 'x']))), { immutable: true, cacheControl: 'max-age=5' })
  const kept = await Promise.all(names.map(async (name) => (await get(app, `/${name}`)).headers.get('cache-control')))
  assert.deepEqual(kept, [...names.slice(0, 3).map(() => 'public, max-age=31536000, immutable'), ...names.slice(3).map(() => 'max-age=5')])
})

test('Cache-Control and other fields are for the application to say', async (t) => {
  const directory = mediaDirectory(t, { 'a.txt': 'x', 'b.txt': 'y' })
  const app = new MediaRouter('', directory, {
    cacheControl: (path) => (path === 'a.txt' ? 'max-age=1' : ''), headers: { 'Content-Type': 'application/x-own', 'X-Own': 'yes' },
  })
  const [a, b] = [await get(app, '/a.txt'), await get(app, '/b.txt')]
  assert.deepEqual([a.headers.get('cache-control'), b.headers.get('cache-control')], ['max-age=1', null])
  assert.deepEqual([a.headers.get('content-type'), a.headers.get('x-own')], ['application/x-own', 'yes'])
})

test('other methods are refused, and OPTIONS says which are not', async (t) => {
  const app = new MediaRouter('', mediaDirectory(t, { 'a.txt': 'x' }))
  const refused = await inject(app, { method: 'DELETE', path: '/a.txt' })
  assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'GET, HEAD, OPTIONS'])
})

test('the bodies of long files close what they opened, read to the end or not', async (t) => {
  const path = join(mediaDirectory(t, { 'a.bin': long }), 'a.bin')
  const open = (): number => readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === realpathSync(path)
    } catch {
      // Closed since it was listed.
      return false
    }
  }).length
  const app = new MediaRouter('', dirname(path), { smallFile: 0 })
  for (const headers of [{}, { Range: 'bytes=1-' }, { Range: 'bytes=0-1,1000000-' }]) {
    await inject(app, { path: '/a.bin', headers })
    await inject(app, { path: '/a.bin', headers, method: 'HEAD' })
    assert.equal((await inject(new WsgiHandler([app], [(_, response) => {
      response.close()
      return new WsgiResponse({ content: 'another' })
    }]), { path: '/a.bin', headers })).text(), 'another')
  }
  // close() of the last body may still be on its way to the system.
  for (let turn = 0; open() > 0 && turn < 1000; turn++) await new Promise((resolve) => { setImmediate(resolve) })
  assert.equal(open(), 0)
})
