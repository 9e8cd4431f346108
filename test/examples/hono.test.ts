import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { get, RawClient, request, valuesOf } from '../support/raw-client.ts'
import { startCommand, type RunningCommand } from '../support/start-command.ts'

describe('examples/hono', () => {
  let server: RunningCommand
  before(async () => { server = await startCommand(['-b', '127.0.0.1:0', 'examples/hono/app.ts']) })
  after(async () => {
    const { code, stderr } = await server.stop()
    assert.equal(code, 0, stderr)
  })

  const post = (body: string) =>
    request(server.address, `POST /notes HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`, 'POST')

  test('sends hints before its page', async () => {
    await using client = await RawClient.connect(server.address)
    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    const hints = await client.response()
    assert.deepEqual([hints.status, valuesOf(hints, 'link')], [103, ['</style.css>; rel=preload; as=style']])
    assert.match((await client.response()).body.toString(), /<h1>Notes<\/h1>/)
  })

  test('knows a style sheet by its tag', async () => {
    const [tag] = valuesOf(await get(server.address, '/style.css'), 'etag')
    const again = await request(server.address, `GET /style.css HTTP/1.1\r\nHost: h\r\nIf-None-Match: ${tag}\r\n\r\n`)
    assert.deepEqual([again.status, again.body.length], [304, 0])
  })

  test('tells who asks', async () => {
    assert.equal((await get(server.address, '/whoami')).body.toString(), '127.0.0.1')
  })

  test('keeps notes, refuses what is none, and streams them to those who watch', async () => {
    await using watcher = await RawClient.connect(server.address)
    await watcher.send('GET /events HTTP/1.1\r\nHost: h\r\n\r\n')
    let seen = ''
    while (!seen.includes('event: ready')) seen += (await watcher.bytes()).toString()
    assert.match(seen, /content-type: text\/event-stream/i)
    assert.equal((await post('{"text":""}')).status, 422)
    const made = await post('{"text":"hello"}')
    assert.equal(made.status, 201)
    const { id } = JSON.parse(made.body.toString()) as { id: number }
    while (!seen.includes('"hello"')) seen += (await watcher.bytes()).toString()
    assert.match(seen, new RegExp(`event: note\\r?\\ndata: \\{"id":${id},"text":"hello"\\}\\r?\\nid: ${id}`))
    assert.match((await get(server.address, '/notes')).body.toString(), /"hello"/)
  })
})
