import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { field, json, loggedErrors, send } from './httpbin-server.ts'

const basic = (credentials: string): RequestInit => ({ headers: { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } })
const authenticated = { authenticated: true, user: 'ada', username: 'ada' }

test('/basic-auth knows who knows the password', async () => {
  assert.deepEqual(await json('/basic-auth/ada/engine', basic('ada:engine')), authenticated)
  for (const init of [{}, basic('ada:wrong'), basic('bob:engine')]) {
    assert.deepEqual(await field('www-authenticate', '/basic-auth/ada/engine', init), [401, 'Basic realm="httpbin", charset="UTF-8"'])
  }
})

test('/hidden-basic-auth is not there for whoever does not', async () => {
  assert.deepEqual(await json('/hidden-basic-auth/ada/engine', basic('ada:engine')), authenticated)
  assert.deepEqual(await field('www-authenticate', '/hidden-basic-auth/ada/engine', basic('ada:wrong')), [404, null])
})

test('/bearer takes any token, and says so where there is none', async () => {
  assert.deepEqual(await json('/bearer', { headers: { Authorization: 'Bearer abc.def=' } }), { authenticated: true, token: 'abc.def=' })
  assert.deepEqual(await field('www-authenticate', '/bearer', basic('ada:engine')), [401, 'Bearer realm="httpbin"'])
})

interface Attempt {
  readonly qop?: 'auth' | 'auth-int'
  readonly hash?: 'MD5' | 'SHA-256'
  readonly password?: string
  readonly nc?: string
}

/** As RFC 7616 section 3.4.1 has it, for GET without a body. */
function proof(challenge: string, path: string, { qop = 'auth', hash = 'MD5', password = 'engine', nc = '00000001' }: Attempt): RequestInit {
  const digest = (text: string): string => createHash(hash.replace('-', '')).update(text).digest('hex')
  const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1] ?? ''
  const opaque = /opaque="([^"]*)"/.exec(challenge)?.[1] ?? ''
  const a2 = qop === 'auth-int' ? digest(`GET:${path}:${digest('')}`) : digest(`GET:${path}`)
  const response = digest(`${digest(`ada:httpbin:${password}`)}:${nonce}:${nc}:c:${qop}:${a2}`)
  return {
    headers: {
      Authorization: `Digest username="ada", realm="httpbin", nonce="${nonce}", uri="${path}", response="${response}", ` +
        `algorithm=${hash}, cnonce="c", nc=${nc}, qop=${qop}, opaque="${opaque}"`,
    },
  }
}

async function challengeOf(path: string): Promise<string> {
  const [status, challenge] = await field('www-authenticate', path)
  assert.equal(status, 401)
  return challenge ?? ''
}

for (const [path, attempt] of [
  ['/digest-auth/auth/ada/engine', {}],
  ['/digest-auth/auth-int/ada/engine', { qop: 'auth-int' }],
  ['/digest-auth/auth/ada/engine/SHA-256', { hash: 'SHA-256' }],
  ['/digest-auth/ada/engine/auth', {}],
] as readonly [string, Attempt][]) {
  test(`${path} knows who can prove the password, once`, async () => {
    const challenge = await challengeOf(path)
    assert.match(challenge, new RegExp(`^Digest .*qop="${attempt.qop ?? 'auth'}".*algorithm=${attempt.hash ?? 'MD5'}|algorithm=${attempt.hash ?? 'MD5'}.*qop=`))
    assert.equal((await send(path, proof(challenge, path, { ...attempt, password: 'wrong' }))).status, 401)
    assert.deepEqual(await json(path, proof(challenge, path, attempt)), authenticated)
    const [status, again] = await field('www-authenticate', path, proof(challenge, path, attempt))
    assert.equal(status, 401)
    assert.match(again ?? '', /stale=true/)
  })
}

test('cookies that came are shown, by name', async () => {
  assert.deepEqual(await json('/cookies', { headers: { Cookie: 'a=1; b=two%20words; a=3' } }), { cookies: { a: '1', b: 'two words' } })
  assert.deepEqual(await json('/cookies'), { cookies: {} })
})

test('cookies are set and deleted, and the client sent to see them', async () => {
  const set = await send('/cookies/set?a=1&b=two%20words')
  assert.deepEqual([set.status, set.headers.get('location')], [302, '../cookies'])
  assert.deepEqual(set.headers.getSetCookie(), ['a=1; Path=/', 'b=two%20words; Path=/'])
  const one = await send('/cookies/set/name/value')
  assert.deepEqual([one.headers.get('location'), one.headers.getSetCookie()], ['../../../cookies', ['name=value; Path=/']])
  assert.deepEqual((await send('/cookies/delete?a&b')).headers.getSetCookie().map((line) => /^\w=; .*Max-Age=0/.test(line)), [true, true])
})

test('a cookie that cannot be is the error of the client', async () => {
  for (const path of ['/cookies/set?a%0d%0ab=1', '/cookies/set?__Host-a=1&a%20b=2', '/cookies/delete?%3b']) {
    const response = await send(path)
    assert.deepEqual([response.status, response.headers.getSetCookie()], [400, []], path)
  }
})

test('/cache is a 304 for whoever has something', async () => {
  const response = await send('/cache')
  assert.equal(response.status, 200)
  assert.ok(response.headers.has('etag') && response.headers.has('last-modified'))
  assert.equal((await send('/cache', { headers: { 'If-None-Match': '"anything"' } })).status, 304)
  assert.equal((await send('/cache', { headers: { 'If-Modified-Since': 'Sun, 01 Jan 2023 00:00:00 GMT' } })).status, 304)
  assert.deepEqual(await field('cache-control', '/cache/60'), [200, 'public, max-age=60'])
})

test('/etag answers If-None-Match and If-Match', async () => {
  const status = async (headers: Record<string, string>): Promise<number> => (await send('/etag/v1', { headers })).status
  assert.deepEqual(await field('etag', '/etag/v1'), [200, '"v1"'])
  assert.equal(await status({ 'If-None-Match': '"v0", W/"v1"' }), 304)
  assert.equal(await status({ 'If-None-Match': '"v2"' }), 200)
  assert.equal(await status({ 'If-Match': '"v1"' }), 200)
  assert.equal(await status({ 'If-Match': '*' }), 200)
  assert.equal(await status({ 'If-Match': '"v2"' }), 412)
  assert.equal((await send('/etag/%22')).status, 400)
})

test('/range sends the part that is asked for', async () => {
  const part = async (headers: Record<string, string> = {}): Promise<unknown[]> => {
    const response = await send('/range/26', { headers })
    return [response.status, response.headers.get('content-range'), await response.text()]
  }
  const all = 'abcdefghijklmnopqrstuvwxyz'
  assert.deepEqual(await part(), [200, null, all])
  assert.deepEqual(await part({ Range: 'bytes=1-3' }), [206, 'bytes 1-3/26', 'bcd'])
  assert.deepEqual(await part({ Range: 'bytes=24-99' }), [206, 'bytes 24-25/26', 'yz'])
  assert.deepEqual(await part({ Range: 'bytes=-2' }), [206, 'bytes 24-25/26', 'yz'])
  assert.deepEqual((await part({ Range: 'bytes=26-' })).slice(0, 2), [416, 'bytes */26'])
  for (const ignored of ['bytes=3-1', 'bytes=0-1,3-4', 'letters=1-2', 'bytes=-']) assert.deepEqual(await part({ Range: ignored }), [200, null, all], ignored)
  assert.deepEqual(await part({ 'Range': 'bytes=1-3', 'If-Range': '"range26"' }), [206, 'bytes 1-3/26', 'bcd'])
  assert.deepEqual(await part({ 'Range': 'bytes=1-3', 'If-Range': '"other"' }), [200, null, all])
  assert.equal((await part({ 'Range': 'bytes=1-3', 'If-None-Match': '"range26"' }))[0], 304)
  assert.equal((await (await send('/range/100?chunk_size=7')).text()).length, 100)
  for (const size of [0, 102_401]) assert.equal((await send(`/range/${size}`)).status, 404)
})

test('/response-headers has what the query says, unless it is the server\'s own, or none', async () => {
  const response = await send('/response-headers?X-A=1&X-A=2&x-b=%C3%BC')
  assert.deepEqual([response.status, response.headers.get('x-a')], [200, '1, 2'])
  assert.deepEqual(await response.json(), { 'X-A': ['1', '2'], 'x-b': 'ü' })
  assert.equal((await send('/response-headers?X-A=1', { method: 'POST' })).headers.get('x-a'), '1')
  for (const query of ['Content-Length=1', 'transfer-encoding=chunked', 'X%0d%0aY=1', 'X=%0d%0aY:1', 'X=%E2%82%AC']) {
    assert.equal((await send(`/response-headers?${query}`)).status, 400, query)
  }
  assert.deepEqual(await json('/response_headers'), { 'Content-Type': 'application/json', 'X-Example': 'httpbin' })
})

test('no request of these was an error of the application', () => {
  assert.deepEqual(loggedErrors(), [])
})
