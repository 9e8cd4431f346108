import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BackOff } from '../../src/process/back-off.ts'
import { balance } from '../../src/process/balance.ts'
import { RawClient } from '../support/raw-client.ts'
import { startWorkers, workplace } from '../support/workers.ts'

const worker = (connections: number, state: 'open' | 'paused' = 'open', heard: 'lately' | 'long ago' = 'lately') =>
  ({ connections, paused: state === 'paused', fresh: heard === 'lately' })

test('a worker that is well ahead pauses until the others have caught up', () => {
  assert.equal(balance(worker(6), [worker(0)]), 'stay')
  assert.equal(balance(worker(7), [worker(0)]), 'pause')
  assert.equal(balance(worker(100), [worker(80)]), 'stay')
  assert.equal(balance(worker(120), [worker(80)]), 'pause')
  assert.equal(balance(worker(20, 'paused'), [worker(10)]), 'stay')
  assert.equal(balance(worker(20, 'paused'), [worker(17)]), 'resume')
})

test('somebody always accepts: nobody waits for a worker that is paused or silent', () => {
  assert.equal(balance(worker(50), [worker(0, 'paused')]), 'stay')
  assert.equal(balance(worker(50), [worker(0, 'open', 'long ago')]), 'stay')
  assert.equal(balance(worker(50, 'paused'), [worker(0, 'open', 'long ago')]), 'resume')
  assert.equal(balance(worker(50, 'paused'), []), 'resume')
})

test('a worker that dies is replaced at once; those that keep dying are replaced ever more slowly', () => {
  const backOff = new BackOff()
  const atOnce = { served: 10, fromOutside: false }
  assert.equal(backOff.after({ served: 5000, fromOutside: false }), 0)
  assert.equal(backOff.after({ served: 10, fromOutside: true }), 0)
  const waits = Array.from({ length: 9 }, () => backOff.after(atOnce))
  assert.deepEqual(waits, [0, 250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000])
  backOff.forget()
  assert.equal(backOff.after({ served: null, fromOutside: true }), 0)
  assert.equal(backOff.after({ served: null, fromOutside: true }), 250)
})

for (const [name, atOnce] of [['at once', true], ['one after the other', false]] as const) {
  test(`of 64 connections that come ${name}, no worker of two has more than 70%`, async () => {
    const server = await startWorkers(['-w', '2', 'app.mjs'], { cwd: workplace() })
    const counts = new Map<string, number>()
    const clients: RawClient[] = []
    const ask = async (): Promise<void> => {
      const client = await RawClient.connect(server.port)
      clients.push(client)
      await client.send('GET /pid HTTP/1.1\r\nHost: h\r\n\r\n')
      const pid = (await client.response()).body.toString()
      counts.set(pid, (counts.get(pid) ?? 0) + 1)
    }
    if (atOnce) await Promise.all(Array.from({ length: 64 }, ask))
    else for (let i = 0; i < 64; i++) await ask()
    for (const client of clients) client.destroy()
    const most = Math.max(...counts.values())
    assert.ok(most <= 64 * 0.7, JSON.stringify([...counts]))
    await server.stop()
  })
}
