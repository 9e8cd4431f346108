import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { projectRoot } from '../support/project.ts'
import { get, RawClient, valuesOf } from '../support/raw-client.ts'
import { address, field, json, loggedErrors, send } from './httpbin-server.ts'

test('/status/<status> answers with it, and with what belongs to it, by every method', async () => {
  for (const status of [200, 204, 304, 400, 404, 418, 500, 503, 599]) assert.equal((await field('date', `/status/${status}`))[0], status)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) assert.equal((await send('/status/202', { method })).status, 202)
  for (const status of [301, 302, 303, 307, 308]) assert.deepEqual(await field('location', `/status/${status}`), [status, '../redirect/1'])
  assert.deepEqual(await field('www-authenticate', '/status/401'), [401, 'Basic realm="httpbin"'])
  // Its Proxy-Authenticate is a field of a proxy's own connection (PEP 3333: hop-by-hop); fetch() takes a 407 for its own proxy's.
  assert.equal((await get(address, '/status/407')).status, 407)
  assert.equal((await field('allow', '/status/405'))[1], 'GET, POST, PUT, PATCH, DELETE')
  for (const wrong of ['101', '99', '600', 'abc', '200:x']) assert.equal((await send(`/status/${wrong}`)).status, 400, wrong)
})

test('/status/<statuses> draws one by weight', async () => {
  assert.equal((await send('/status/201:1,404:0')).status, 201)
  assert.equal((await send('/status/404:0,202:3')).status, 202)
  const seen = new Set<number>()
  for (let i = 0; i < 200 && seen.size < 2; i++) seen.add((await send('/status/200,404')).status)
  assert.deepEqual([...seen].sort(), [200, 404])
})

test('redirects lead to /get in as many steps as they say', async () => {
  for (const kind of ['redirect', 'relative-redirect', 'absolute-redirect']) {
    const response = await fetch(`${address}/${kind}/3`)
    assert.deepEqual([response.status, response.url], [200, `${address}/get`])
    assert.equal((await field('location', `/${kind}/3`))[1], kind === 'absolute-redirect' ? `${address}/${kind}/2` : '2')
    for (const times of [0, 11]) assert.equal((await send(`/${kind}/${times}`)).status, 404)
  }
  assert.deepEqual(await field('location', '/redirect/1'), [302, '../get'])
  assert.deepEqual(await field('location', '/redirect/2?absolute=true'), [302, `${address}/redirect/1`])
})

test('/redirect-to goes where the query says, and a line end in it is no field', async () => {
  assert.deepEqual(await field('location', '/redirect-to?url=http://b.example/&status_code=307'), [307, 'http://b.example/'])
  assert.deepEqual(await field('location', '/redirect-to?url=/x&status_code=200', { method: 'PUT' }), [302, '/x'])
  assert.equal((await send('/redirect-to')).status, 400)
  assert.equal((await send('/redirect-to?url=/x%0d%0aX-Evil:%201')).status, 400)
})

test('formats have their types', async () => {
  const { message, slideshow } = await json<{ message: string, slideshow: { slides: unknown[] } }>('/json')
  assert.equal(message, 'Hello, World!')
  assert.equal(slideshow.slides.length, 2)
  const types: [path: string, type: string, start: string][] = [
    ['/xml', 'application/xml; charset=utf-8', '<?xml version="1.0"'],
    ['/html', 'text/html; charset=utf-8', '<!DOCTYPE html>'],
    ['/plaintext', 'text/plain; charset=utf-8', 'Hello, World!'],
    ['/robots.txt', 'text/plain; charset=utf-8', 'User-agent: *\nDisallow: /deny'],
    ['/deny', 'text/plain; charset=utf-8', 'Robots'],
    ['/encoding/utf8', 'text/plain; charset=utf-8', 'Latin'],
    ['/base64/SGVsbG8=', 'text/plain; charset=utf-8', 'Hello'],
  ]
  for (const [path, type, start] of types) {
    const response = await send(path)
    assert.equal(response.headers.get('content-type'), type, path)
    assert.ok((await response.text()).startsWith(start), path)
  }
  assert.ok((await (await send('/encoding/utf8')).text()).includes('žluťoučký'))
  assert.equal((await send('/base64/***')).status, 400)
})

test('packed answers are packed whatever the client accepts', async () => {
  const unpack = { gzip: gunzipSync, brotli: brotliDecompressSync, deflate: inflateSync }
  const flags = { gzip: ['gzip', 'gzipped'], brotli: ['br', 'brotli'], deflate: ['deflate', 'deflated'] }
  for (const kind of ['gzip', 'brotli', 'deflate'] as const) {
    await using client = await RawClient.connect(address)
    await client.send(`GET /${kind} HTTP/1.1\r\nHost: h\r\nAccept-Encoding: identity\r\n\r\n`)
    const response = await client.response()
    const [coding = '', flag = ''] = flags[kind]
    assert.deepEqual(valuesOf(response, 'content-encoding'), [coding])
    const said = JSON.parse(unpack[kind](response.body).toString()) as Record<string, unknown>
    assert.deepEqual([said[flag], said['method'], said['origin']], [true, 'GET', '127.0.0.1'])
  }
})

test('/image is the picture in the format that is liked best, or 406', async () => {
  const kind = async (accept: string): Promise<(string | number | null)[]> => await field('content-type', '/image', { headers: { accept } })
  assert.deepEqual(await kind('*/*'), [200, 'image/png'])
  assert.deepEqual(await kind('image/webp,image/*;q=0.5'), [200, 'image/webp'])
  assert.deepEqual(await kind('image/svg+xml'), [200, 'image/svg+xml'])
  assert.equal((await kind('text/html'))[0], 406)
  const files = { png: 'pulsar.png', jpeg: 'pulsar.jpg', svg: 'pulsar.svg', webp: 'pulsar.webp' }
  for (const [name, file] of Object.entries(files)) {
    const response = await send(`/image/${name}`)
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), readFileSync(join(projectRoot, 'examples/httpbin/assets', file)))
    const headers = { 'If-None-Match': response.headers.get('etag') ?? '' }
    assert.equal((await send(`/image/${name}`, { headers })).status, 304)
  }
  assert.equal((await send('/image/gif')).status, 404)
})

test('/links has pages that link to each other', async () => {
  assert.deepEqual(await field('location', '/links/4'), [302, '4/0'])
  const page = await (await send('/links/4/1')).text()
  assert.deepEqual([...page.matchAll(/<a href="(\d+)">/g)].map(([, number]) => number), ['0', '2', '3'])
  assert.equal([...(await (await send('/links/1000/0')).text()).matchAll(/<a /g)].length, 199)
})

test('assets are served below /media, with a list of them', async () => {
  assert.match(await (await send('/media/')).text(), /httpbin\.css/)
  assert.equal((await field('content-type', '/media/httpbin.js'))[1], 'text/javascript; charset=utf-8')
  assert.equal((await send('/media/../app.ts')).status, 404)
  assert.equal((await field('content-type', '/favicon.ico'))[1], 'image/png')
})

test('slashes on end are cleaned, unknown paths are 404', async () => {
  assert.deepEqual(await field('location', '//get?x=1'), [302, '/get?x=1'])
  assert.equal((await send('/nothing')).status, 404)
})

test('every answer says that scripts of other origins may read it, and that its type is no guess', async () => {
  for (const path of ['/get', '/nothing', '/media/httpbin.css', '/status/500']) {
    assert.equal((await field('access-control-allow-origin', path))[1], '*', path)
    assert.equal((await field('x-content-type-options', path))[1], 'nosniff', path)
  }
})

test('/error is a bare 500, and logged whole', async () => {
  assert.deepEqual(loggedErrors(), [])
  const response = await send('/error')
  assert.deepEqual([response.status, await response.text()], [500, 'Internal Server Error\n'])
  assert.match(loggedErrors().join(), /this handler fails.*and this is why/)
})
