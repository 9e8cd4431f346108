/** More clients than the system keeps for a server that does not accept just now. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RawClient } from '../support/raw-client.ts'
import { eventually, startWorkers, workplace } from '../support/workers.ts'

const request = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

test('over a full backlog clients wait, and are served when there is room; those that are there go on', async () => {
  const server = await startWorkers(['-w', '0', '--backlog', '4', 'app.mjs'], { cwd: workplace() })
  const kept = await RawClient.connect(server.port)
  await kept.send(request)
  assert.equal((await kept.response()).status, 200)
  process.kill(server.pid, 'SIGSTOP')
  let connected = 0
  const clients = Array.from({ length: 24 }, async () => {
    const client = await RawClient.connect(server.port, { patience: 60_000 })
    connected++
    return client
  })
  await eventually(() => connected > 3, () => 'a few in the backlog')
  const answer = kept.send(request).then(() => kept.response())
  process.kill(server.pid, 'SIGCONT')
  assert.equal((await answer).status, 200)
  for (const waiting of clients) {
    const client = await waiting
    await client.send(request)
    assert.equal((await client.response()).status, 200)
    client.destroy()
  }
  kept.destroy()
  await server.stop()
})
