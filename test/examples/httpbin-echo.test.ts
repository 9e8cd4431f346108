import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RawClient } from '../support/raw-client.ts'
import { address, json, loggedErrors, send } from './httpbin-server.ts'

interface Echo {
  readonly args: object
  readonly data: string
  readonly files: Readonly<Record<string, unknown>>
  readonly form: object
  readonly headers: Readonly<Record<string, string>>
  readonly json: unknown
  readonly method: string
  readonly origin: string
  readonly url: string
}

const bodied = ['POST', 'PUT', 'PATCH', 'DELETE'] as const

test('/get says arguments, headers, address and URL', async () => {
  const said = await json<Echo>('/get?a=1&b=2&b=3&c=', { headers: { 'X-Some-Thing': 'yes' } })
  assert.deepEqual(said.args, { a: '1', b: ['2', '3'], c: '' })
  assert.equal(said.headers['X-Some-Thing'], 'yes')
  assert.equal(said.headers['Host'], address.slice('http://'.length))
  assert.equal(said.method, 'GET')
  assert.equal(said.origin, '127.0.0.1')
  assert.equal(said.url, `${address}/get?a=1&b=2&b=3&c=`)
})

for (const method of bodied) {
  const path = `/${method.toLowerCase()}`

  test(`${path} says what JSON came`, async () => {
    const said = await json<Echo>(path, { method, body: '{"a": [1, null]}', headers: { 'Content-Type': 'application/json' } })
    assert.deepEqual([said.method, said.data, said.json, said.form, said.files], [method, '{"a": [1, null]}', { a: [1, null] }, {}, {}])
  })

  test(`${path} says what a form has, and other methods are told which one it takes`, async () => {
    const said = await json<Echo>(path, { method, body: new URLSearchParams([['a', '1'], ['a', '2'], ['b', 'ü']]) })
    assert.deepEqual([said.data, said.json, said.form], ['', null, { a: ['1', '2'], b: 'ü' }])
    const refused = await send(path)
    assert.deepEqual([refused.status, refused.headers.get('allow')], [405, `${method === 'DELETE' ? 'DELETE, OPTIONS' : `OPTIONS, ${method}`}`])
  })
}

test('/post shows files as text, or as a data URL where they are none', async () => {
  const form = new FormData()
  form.append('words', new Blob(['plain text'], { type: 'text/plain' }), 'words.txt')
  form.append('bytes', new Blob([new Uint8Array([0xff, 0x00])], { type: 'image/png' }), 'x.png')
  form.append('twice', new Blob(['1']), '1')
  form.append('twice', new Blob(['2']), '2')
  form.append('field', 'value')
  const said = await json<Echo>('/post', { method: 'POST', body: form })
  assert.deepEqual(said.files, { words: 'plain text', bytes: 'data:image/png;base64,/wA=', twice: ['1', '2'] })
  assert.deepEqual(said.form, { field: 'value' })
})

test('/post shows bytes as a data URL, and takes text for JSON where it is some', async () => {
  const bytes = await json<Echo>('/post', { method: 'POST', body: new Uint8Array([0xfe, 0xff]) })
  assert.deepEqual([bytes.data, bytes.json], ['data:application/octet-stream;base64,/v8=', null])
  const text = await json<Echo>('/post', { method: 'POST', body: '[1]' })
  assert.deepEqual([text.data, text.json], ['[1]', [1]])
  const broken = await json<Echo>('/post', { method: 'POST', body: '{"a":', headers: { 'Content-Type': 'application/json' } })
  assert.deepEqual([broken.data, broken.json], ['{"a":', null])
})

test('/post answers 413 to more than 8 MiB, and 400 to a form that is none', async () => {
  assert.equal((await send('/post', { method: 'POST', body: new Uint8Array(8 * 1_048_576 + 1) })).status, 413)
  const headers = { 'Content-Type': 'multipart/form-data; boundary=x' }
  assert.equal((await send('/post', { method: 'POST', body: 'no form', headers })).status, 400)
})

test('/anything answers every method at every path', async () => {
  for (const method of ['GET', ...bodied]) {
    const said = await json<Echo>('/anything/of/%C3%BC?x=1', { method, ...(method !== 'GET' && { body: '1' }) })
    assert.deepEqual([said.method, said.args, said.url], [method, { x: '1' }, `${address}/anything/of/%C3%BC?x=1`])
    assert.equal((await json<Echo>('/anything', { method })).method, method)
  }
})

test('/expect refuses whoever waits for its 100, before the body is sent', async () => {
  await using client = await RawClient.connect(address)
  await client.send('POST /expect HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n')
  assert.equal((await client.response('POST')).status, 417)
  assert.equal((await json<Echo>('/expect', { method: 'POST', body: 'hello' })).data, 'hello')
})

test('parts of the request and of the server have routes of their own', async () => {
  const { headers } = await json<{ headers: Record<string, string> }>('/headers', { headers: { 'X-A': 'b' } })
  assert.equal(headers['X-A'], 'b')
  assert.deepEqual(await json('/ip'), { origin: '127.0.0.1' })
  assert.deepEqual(await json('/user-agent', { headers: { 'User-Agent': 'a test' } }), { 'user-agent': 'a test' })
  const uuids = [await json<{ uuid: string }>('/uuid'), await json<{ uuid: string }>('/uuid')].map(({ uuid }) => uuid)
  for (const uuid of uuids) assert.match(uuid, /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  assert.notEqual(uuids[0], uuids[1])
  assert.equal((await json<{ node: string }>('/stats')).node, process.version)
})

test('no request of these was an error of the application', () => {
  assert.deepEqual(loggedErrors(), [])
})
