import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect } from '../../src/ws/client.ts'
import { address, loggedErrors, send } from './httpbin-server.ts'

test('/graph-data answers each message with a hundred random points', async () => {
  const answers: [number, number][][] = []
  let done: () => void = () => undefined
  const three = new Promise<void>((resolve) => { done = resolve })
  const ws = await connect(`${address.replace('http', 'ws')}/graph-data`, {
    handler: { onMessage: (_ws, text) => { if (answers.push(JSON.parse(text) as [number, number][]) === 3) done() } },
  })
  for (const text of ['one', 'two', 'three']) await ws.write(text)
  await three
  ws.close()
  for (const points of answers) {
    assert.deepEqual(points.map(([x]) => x), Array.from({ length: 100 }, (_, x) => x))
    assert.ok(points.every(([, y]) => y >= 0 && y <= 1))
  }
  assert.notDeepEqual(answers[0], answers[1])
})

test('/graph-data is a WebSocket and nothing else, and only for pages of the same host', async () => {
  assert.equal((await send('/graph-data')).status, 426)
  assert.equal((await send('/graph-data', { method: 'POST' })).status, 405)
  await assert.rejects(connect(`${address.replace('http', 'ws')}/graph-data`, { headers: { Origin: 'https://other.example' } }), /403/)
})

test('/websocket is a page that loads its script and nothing from elsewhere', async () => {
  const page = await send('/websocket')
  assert.equal(page.status, 200)
  assert.match(await page.text(), /<script [^>]*src="media\/graph\.js"/)
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  assert.equal((await send('/media/graph.js')).status, 200)
  assert.deepEqual(loggedErrors(), [])
})
