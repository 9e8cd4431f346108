import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { projectRoot } from '../support/project.ts'
import { RawClient, valuesOf } from '../support/raw-client.ts'
import { address, json, loggedErrors, send } from './httpbin-server.ts'

async function bytes(path: string): Promise<Buffer> {
  const response = await send(path)
  assert.equal(response.status, 200, path)
  return Buffer.from(await response.arrayBuffer())
}

test('/stream/<lines> is a line of JSON for each, at most a hundred', async () => {
  const lines = (await bytes('/stream/3?a=b')).toString().trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual(lines.map(({ id, args }) => [id, args]), [0, 1, 2].map((id) => [id, { a: 'b' }]))
  assert.equal((await bytes('/stream/1000')).toString().trimEnd().split('\n').length, 100)
  assert.equal((await bytes('/stream/0')).length, 0)
})

test('/stream/<size>/<times> is so many chunks of that size', async () => {
  await using client = await RawClient.connect(address)
  await client.send('GET /stream/5/3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
  const received = (await client.untilClosed()).toString()
  assert.ok(received.endsWith('\r\n\r\n5\r\nddddd\r\n5\r\nddddd\r\n5\r\nddddd\r\n0\r\n\r\n'), received)
  for (const path of ['/stream/0/1', '/stream/1/0', '/stream/1048577/1', '/stream/1/1001']) assert.equal((await send(path)).status, 404, path)
  assert.equal((await bytes('/stream/100000/50')).length, 5_000_000)
})

test('/bytes are as many as asked for up to 100 KiB, and the same for the same seed', async () => {
  assert.equal((await bytes('/bytes/1000')).length, 1000)
  assert.equal((await bytes('/bytes/999999999')).length, 102_400)
  assert.deepEqual(await bytes('/bytes/64?seed=7'), await bytes('/bytes/64?seed=7'))
  assert.notDeepEqual(await bytes('/bytes/64?seed=7'), await bytes('/bytes/64?seed=8'))
  assert.notDeepEqual(await bytes('/bytes/64'), await bytes('/bytes/64'))
  assert.equal(new Set(await bytes('/bytes/10000?seed=1')).size, 256)
  assert.equal((await send('/bytes/1?seed=x')).status, 400)
})

test('/stream-bytes are the same bytes in chunks', async () => {
  assert.deepEqual(await bytes('/stream-bytes/1000?seed=7&chunk_size=64'), await bytes('/bytes/1000?seed=7'))
  await using client = await RawClient.connect(address)
  await client.send('GET /stream-bytes/10?chunk_size=4 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
  const received = (await client.untilClosed()).toString('latin1')
  assert.match(received, /\r\n4\r\n[^]{4}\r\n4\r\n[^]{4}\r\n2\r\n[^]{2}\r\n0\r\n\r\n$/)
  assert.equal((await send('/stream-bytes/1?chunk_size=0')).status, 400)
})

test('/getsize is JSON with a text of the size', async () => {
  assert.deepEqual(await json('/getsize/5'), { size: 5, data: 'ddddd' })
  assert.equal((await json<{ data: string }>('/getsize/8388608')).data.length, 8_388_608)
  for (const size of [0, 8_388_609]) assert.equal((await send(`/getsize/${size}`)).status, 404)
})

test('/clip is the moving picture, in chunks of the size', async () => {
  const clip = readFileSync(join(projectRoot, 'examples/httpbin/assets/clip.webp'))
  assert.deepEqual(await bytes('/clip/4096'), clip)
  await using client = await RawClient.connect(address)
  await client.send('GET /clip/4096 HTTP/1.1\r\nHost: h\r\n\r\nHEAD /clip/256 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
  assert.deepEqual((await client.response()).body, clip)
  assert.deepEqual(valuesOf(await client.response('HEAD'), 'content-type'), ['image/webp'])
})

test('/drip lets its bytes fall one by one, with the status that is wanted', async () => {
  const response = await send('/drip?numbytes=7&duration=0.1&code=201')
  assert.deepEqual([response.status, response.headers.get('content-length')], [201, '7'])
  assert.equal(await response.text(), '*******')
  assert.equal((await bytes('/drip?numbytes=1000000&duration=0')).length, 1_000_000)
  for (const query of ['numbytes=0', 'code=99', 'duration=-1', 'delay=x']) assert.equal((await send(`/drip?${query}`)).status, 400, query)
})

test('/delay answers by every method, after whole seconds or parts of one', async () => {
  assert.deepEqual((await json<{ args: object }>('/delay/0?a=b')).args, { a: 'b' })
  assert.equal((await json<{ data: string }>('/delay/0.05', { method: 'PUT', body: 'late' })).data, 'late')
})

test('a client that goes away while an answer is late is no error', async () => {
  const abort = new AbortController()
  const late = send('/delay/10', { signal: abort.signal })
  const dripping = await send('/drip?numbytes=100&duration=10', { signal: abort.signal })
  assert.equal(dripping.status, 200)
  abort.abort()
  await assert.rejects(late, { name: 'AbortError' })
  assert.deepEqual((await json<{ args: object }>('/get')).args, {})
})

test('no request of these was an error of the application', () => {
  assert.deepEqual(loggedErrors(), [])
})
