/** Flask through real HTTP on a real server: what an application in production does all day. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { frameworkFolder, release, serveIn, stopQuietly, withoutPackage } from '../../support/frameworks.ts'
import { RawClient, request, valuesOf } from '../../support/raw-client.ts'
import type { RunningCommand } from '../../support/start-command.ts'
import { WebClient } from '../../support/web-client.ts'
import { eventually } from '../../support/workers.ts'

const skip = withoutPackage('flask', '2.2')
const content = randomBytes(300_000)
let directory: string
let server: RunningCommand
let client: WebClient

before(async () => {
  if (skip !== false) return
  directory = frameworkFolder('test/python/frameworks/fixtures')
  writeFileSync(join(directory, 'file.bin'), content)
  mkdirSync(join(directory, 'public'))
  writeFileSync(join(directory, 'public', 'a.txt'), 'public')
  server = await serveIn(directory, 'flask_app:app')
  client = new WebClient(server.address)
})

const json = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> =>
  JSON.parse((await client.get(path, headers)).text)

test('routes: converters, methods, HEAD, OPTIONS, 404, 405, the slash at the end', { skip }, async () => {
  assert.deepEqual(await json('/items/42'), { number: 42, method: 'GET', endpoint: 'item' })
  assert.equal((await client.visit('/items/42', { method: 'DELETE' })).text.includes('"method":"DELETE"'), true)
  assert.equal((await client.get('/items/x')).status, 404)
  const wrong = await client.visit('/items/1', { method: 'POST' })
  assert.deepEqual([wrong.status, wrong.headers.get('allow')?.split(', ').sort()], [405, ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PUT']])
  const head = await client.visit('/', { method: 'HEAD' })
  assert.deepEqual([head.status, head.headers.get('content-length'), head.text], [200, '12', ''])
  assert.match((await client.visit('/', { method: 'OPTIONS' })).headers.get('allow') ?? '', /GET/)
  const slash = await client.get('/slash?a=b')
  assert.equal(slash.status, 308)
  assert.match(slash.headers.get('location') ?? '', /\/slash\/\?a=b$/)
})

test('paths and queries arrive as they were meant, in any script', { skip }, async () => {
  assert.deepEqual(await json('/paths/a/%C3%BC%2Fb%20c?x=1&x=%C3%A9&y=a+b%26'), {
    rest: 'a/ü/b c', query: { x: ['1', 'é'], y: ['a b&'] }, raw: 'x=1&x=%C3%A9&y=a+b%26',
  })
})

test('what an application asks about the request is right', { skip }, async () => {
  const { host, port } = new URL(server.address)
  assert.deepEqual(await json('/facts?q=1', { 'User-Agent': 'a test' }), {
    url: `${server.address}/facts?q=1`, root: `${server.address}/`, external: `${server.address}/`, host: `127.0.0.1:${port}`,
    agent: 'a test', address: '127.0.0.1', secure: false, multithread: false, multiprocess: false,
  })
  assert.equal(host, `127.0.0.1:${port}`)
})

test('forms: repeated names, any script, several files, one of them large', { skip }, async () => {
  const plain = await client.visit('/form', { method: 'POST', body: new URLSearchParams([['a', '1'], ['a', 'ü & ='], ['b', '']]) })
  assert.deepEqual(JSON.parse(plain.text), { form: { a: ['1', 'ü & ='], b: [''] }, files: {} })
  const form = new FormData()
  const large = randomBytes(2_000_000)
  form.append('title', 'Übersicht\r\nzwei')
  form.append('files', new Blob([Buffer.from('first')], { type: 'text/plain' }), 'ä.txt')
  form.append('files', new Blob([large], { type: 'application/x-large' }), 'large.bin')
  const answer = JSON.parse((await client.visit('/form', { method: 'POST', body: form })).text) as unknown
  const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
  assert.deepEqual(answer, {
    form: { title: ['Übersicht\r\nzwei'] },
    files: { files: [['ä.txt', 'text/plain', sha(Buffer.from('first'))], ['large.bin', 'application/x-large', sha(large)]] },
  })
})

test('JSON, and bodies without a length or beyond MAX_CONTENT_LENGTH', { skip }, async () => {
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"a":[1,null,"ü"]}' }
  assert.deepEqual(JSON.parse((await client.visit('/json', init)).text), { a: [1, null, 'ü'] })
  assert.equal((await client.visit('/json', { ...init, body: '{' })).status, 400)
  assert.equal((await client.visit('/form', { method: 'POST', body: new URLSearchParams({ a: 'x'.repeat(3_000_001) }) })).status, 413)
  const chunked = await request(server.address, 'POST /count HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'
    + '5\r\n12345\r\n3\r\n678\r\n0\r\n\r\n', 'POST')
  assert.equal(chunked.body.toString(), '8')
})

test('a streamed answer arrives block by block, in its request context', { skip }, async () => {
  await using raw = await RawClient.connect(server.address)
  await raw.send('GET /stream?end=! HTTP/1.1\r\nHost: a\r\n\r\n')
  let text = ''
  const until = async (end: string): Promise<void> => {
    while (!text.endsWith(end)) text += (await raw.bytes()).toString()
  }
  const block = (number: number): string => `3\r\n${number}!\n\r\n`
  for (const number of [0, 1, 2]) {
    await until(block(number))
    assert.ok(!text.includes(block(number + 1))) // the next is made when the test says so
    release(join(directory, `go-${number}`))
  }
  await until('0\r\n\r\n')
})

test('a client that leaves ends the generator; call_on_close is called', { skip }, async () => {
  const raw = await RawClient.connect(server.address)
  await raw.send('GET /endless HTTP/1.1\r\nHost: a\r\n\r\n')
  await raw.bytes(100_000)
  raw.destroy()
  await eventually(() => existsSync(join(directory, 'endless-closed')), () => 'the generator is still running')
  assert.equal((await client.get('/closes')).text, 'closing')
  await eventually(() => existsSync(join(directory, 'closed')), () => 'call_on_close was not called')
})

test('redirects and cookies: each cookie a field of its own, each value as it was', { skip }, async () => {
  const away = await client.get('/away')
  assert.deepEqual([away.status, away.headers.get('location')], [303, '/items/7?a=%C3%BC%26b'])
  const fresh = new WebClient(server.address)
  const set = (await fresh.get('/cookies')).headers.getSetCookie()
  assert.equal(set.length, 3)
  assert.match(set[0] ?? '', /^a=.*; Max-Age=60; HttpOnly; Path=\/; SameSite=Lax$/)
  assert.match(set[1] ?? '', /^b=.*; Secure; Path=\/cookies$/)
  assert.match(set[2] ?? '', /^gone=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=\/$/)
  assert.deepEqual(JSON.parse((await fresh.get('/cookies')).text), { a: 'x; y="z"', b: 'café' })
})

test('cookies that a client sends in several fields are one', { skip }, async () => {
  const answer = await request(server.address, 'GET /cookies HTTP/1.1\r\nHost: a\r\nCookie: one=1\r\nCookie: two=2\r\nConnection: close\r\n\r\n')
  assert.deepEqual(JSON.parse(answer.body.toString()), { one: '1', two: '2' })
})

test('a session lives in its signed cookie, and one that was tampered with is none', { skip }, async () => {
  const visitor = new WebClient(server.address)
  assert.equal((await visitor.get('/me')).status, 401)
  const login = await visitor.post('/login', { user: 'Ada', stay: 'yes' })
  assert.deepEqual([login.status, login.headers.get('location')], [302, '/me'])
  assert.match(login.headers.getSetCookie().join(), /^session=.*Expires=.*HttpOnly/)
  assert.deepEqual(JSON.parse((await visitor.get('/me')).text), { user: 'Ada', seen: [0], flashed: ['Hello, Ada'] })
  assert.deepEqual(JSON.parse((await visitor.get('/me')).text), { user: 'Ada', seen: [0, 1], flashed: [] })
  const good = visitor.cookies.get('session') as string
  visitor.cookies.set('session', good.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A')))
  assert.equal((await visitor.get('/me')).status, 401)
  visitor.cookies.set('session', good)
  assert.equal((await visitor.post('/logout', {})).status, 204)
  assert.equal(visitor.cookies.has('session'), false)
})

test('an error is a bare 500 for the client, and whole in the log', { skip }, async () => {
  const failed = await client.get('/raises')
  assert.equal(failed.status, 500)
  assert.doesNotMatch(failed.text, /secret|Traceback|RuntimeError|a word|flask_app/)
  await server.logged(/RuntimeError: it went wrong: a word that no client may see/)
  await server.logged(/flask_app\.py.*line \d+, in raises/)
})

test("the application's own error pages and log lines", { skip }, async () => {
  const teapot = await client.get('/teapot')
  assert.deepEqual([teapot.status, teapot.text.trim(), teapot.headers.get('x-pot')], [418, '{"error":"I\'m a teapot"}', 'tea'])
  const busy = await client.get('/busy')
  assert.deepEqual([busy.status, busy.headers.get('retry-after'), busy.headers.get('x-two')], [503, '7', 'a, b'])
  await server.logged(/too busy for \/busy/)
})

test('an answer that breaks in the middle is cut, so that the client sees it, and logged', { skip }, async () => {
  await using raw = await RawClient.connect(server.address)
  await raw.send('GET /breaks HTTP/1.1\r\nHost: a\r\n\r\n')
  for (let text = ''; !text.includes('first');) text += (await raw.bytes()).toString()
  release(join(directory, 'break'))
  assert.doesNotMatch((await raw.untilClosed()).toString(), /0\r\n\r\n$/)
  await server.logged(/LookupError: it broke in the middle/)
})

test('send_file: whole, ranges, conditions, HEAD', { skip }, async () => {
  const whole = await client.raw('/file')
  const tag = whole.headers.get('etag') as string
  assert.deepEqual(Buffer.from(await whole.arrayBuffer()), content)
  assert.deepEqual([whole.status, whole.headers.get('content-length')], [200, '300000'])
  const ranges: readonly [string, number, number, number][] = [
    ['bytes=0-9', 206, 0, 10], ['bytes=299990-', 206, 299_990, 300_000], ['bytes=-5', 206, 299_995, 300_000], ['bytes=1000-1000', 206, 1000, 1001],
    ['bytes=100000-299999', 206, 100_000, 300_000],
  ]
  for (const [range, status, from, to] of ranges) {
    const part = await client.raw('/file', { headers: { Range: range } })
    assert.equal(part.status, status, range)
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), content.subarray(from, to), range)
    if (status === 206) assert.equal(part.headers.get('content-range'), `bytes ${from}-${to - 1}/300000`)
  }
  assert.equal((await client.get('/file', { Range: 'bytes=300000-' })).status, 416)
  assert.equal((await client.get('/file', { 'If-None-Match': tag })).status, 304)
  assert.equal((await client.get('/file', { 'If-Modified-Since': whole.headers.get('last-modified') as string })).status, 304)
  assert.equal((await client.raw('/file', { headers: { 'Range': 'bytes=0-9', 'If-Range': tag } })).status, 206)
  const changed = await client.raw('/file', { headers: { 'Range': 'bytes=0-9', 'If-Range': '"another"' } })
  assert.deepEqual([changed.status, (await changed.arrayBuffer()).byteLength], [200, 300_000])
  const head = await client.visit('/file', { method: 'HEAD' })
  assert.deepEqual([head.status, head.headers.get('content-length'), head.text], [200, '300000', ''])
})

test('attachments, files in memory, and files of a directory', { skip }, async () => {
  const download = await client.raw('/download')
  assert.match(download.headers.get('content-disposition') ?? '', /^attachment; .*filename\*=UTF-8''%C3%9Cbung\.bin$/)
  assert.deepEqual(Buffer.from(await download.arrayBuffer()), content)
  const memory = await client.get('/memory')
  assert.deepEqual([memory.text, memory.headers.get('content-length')], ['from memory', '11'])
  assert.equal((await client.get('/directory/a.txt')).text, 'public')
  assert.equal((await client.get('/directory/..%2Fflask_app.py')).status, 404)
})

test('requests on one connection, sent ahead of their answers, are answered in order', { skip }, async () => {
  await using raw = await RawClient.connect(server.address)
  await raw.send([1, 2, 3, 4, 5].map((number) => `GET /items/${number} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''))
  for (const number of [1, 2, 3, 4, 5]) {
    const answer = await raw.response()
    assert.equal((JSON.parse(answer.body.toString()) as { number: number }).number, number)
    assert.deepEqual(valuesOf(answer, 'content-type'), ['application/json'])
  }
})

test('with --threads 4 four requests run at a time in one process, each with a context of its own', { skip }, async () => {
  const threaded = await serveIn(frameworkFolder('test/python/frameworks/fixtures'), '--threads', '4', 'flask_app:app')
  const visitor = new WebClient(threaded.address)
  const names = ['a', 'b', 'c', 'd']
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(names.map((name) => visitor.get(`/together/${name}`)))
    assert.deepEqual(answers.map(({ text }) => JSON.parse(text) as unknown), names.map((name) => ({ asked: name, kept: name, path: `/together/${name}` })))
  }
  assert.equal((JSON.parse((await visitor.get('/facts')).text) as { multithread: boolean }).multithread, true)
  await stopQuietly(threaded)
})

test('the server stops in order, and has logged nothing but what these tests have provoked', { skip }, async () => {
  await stopQuietly(server, /RuntimeError|LookupError|Traceback|too busy|ERROR in app|"msg":"Python worker 1: {3}/)
})
