import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RawClient } from '../support/raw-client.ts'
import { SteadyClients } from '../support/steady-clients.ts'
import { eventually, isRunning, startWorkers, workplace } from '../support/workers.ts'

const cwd = workplace()

test('a worker that is killed is replaced, and only requests that it was handling fail', async () => {
  const server = await startWorkers(['-w', '2', 'app.mjs'], { cwd })
  const clients = new SteadyClients(server.port, { count: 16 })
  for (let i = 1; i <= 4; i++) {
    const [victim] = server.children() as [number]
    process.kill(victim, 'SIGKILL')
    await server.until(new RegExp(`\\(process ${victim}\\) ended with signal SIGKILL`))
    await server.until(/worker \d+ serves/, 2 + i)
  }
  const { answered, failures } = await clients.stop()
  const failed = Object.values(failures).reduce((sum, one) => sum + one, 0)
  // Each connection of a killed worker has one request under way at most.
  assert.ok(failed <= 4 * 16, JSON.stringify(failures))
  assert.equal(failures.ECONNREFUSED, undefined)
  assert.ok(answered > failed)
  assert.equal(server.children().length, 2)
  await server.stop()
})

test('a worker that exits is replaced, with its exit code in the log', async () => {
  const server = await startWorkers(['-w', '1', 'app.mjs'], { cwd })
  const client = await RawClient.connect(server.port)
  await client.send('GET /exit HTTP/1.1\r\nHost: h\r\n\r\n')
  await client.untilClosed()
  await server.until(/ended with exit code 7/)
  assert.equal(await server.body('/'), 'hello')
  await server.stop()
})

test('a worker whose event loop is blocked is replaced; the log has its stack and its request', async () => {
  const server = await startWorkers(['-w', '2', '-t', '1', 'app.mjs'], { cwd })
  const client = await RawClient.connect(server.port)
  await client.send('GET /block HTTP/1.1\r\nHost: h\r\n\r\n')
  await client.untilClosed()
  await server.until(/worker \d+ serves/, 3)
  const line = server.stderr().split('\n').find((one) => one.includes('has been blocked')) ?? assert.fail(server.stderr())
  const record = JSON.parse(line) as { stack: string, requests: string[] }
  assert.match(record.stack, /^at blockTheLoop \(.*app\.mjs:\d+:\d+\)/)
  assert.deepEqual(record.requests, ['GET /block'])
  assert.equal(await server.body('/'), 'hello')
  await server.stop()
})

test('the stack of a blocked loop names the lines of a TypeScript source', async () => {
  const server = await startWorkers(['-w', '1', '-t', '1', 'blocks.ts'], { cwd })
  const client = await RawClient.connect(server.port)
  await client.send('GET /any HTTP/1.1\r\nHost: h\r\n\r\n')
  await client.untilClosed()
  await server.until(/at spin \([^)]*blocks\.ts:1[123]:\d+\)\\n/)
  assert.equal(server.times(/"requests":\["GET \/any"\]/), 1)
  await server.stop()
})

test('a worker that is blocked outside of JavaScript is replaced too', async () => {
  const server = await startWorkers(['-w', '2', '-t', '1', 'app.mjs'], { cwd })
  const client = await RawClient.connect(server.port)
  await client.send('GET /sleep HTTP/1.1\r\nHost: h\r\n\r\n')
  await client.untilClosed()
  await server.until(/has been blocked for .* it is not in JavaScript, no stack is available/)
  await server.until(/worker \d+ serves/, 3)
  assert.equal(await server.body('/'), 'hello')
  await server.stop()
})

test('a worker that has grown beyond its memory is replaced gracefully', async () => {
  const server = await startWorkers(['-w', '1', '--max-memory', '180', 'app.mjs'], { cwd })
  const [first] = server.children() as [number]
  assert.equal(await server.body('/eat'), 'eaten')
  await server.until(/is replaced: it uses \d+ MiB of memory, over 180/)
  await eventually(() => !isRunning(first), () => `the end of ${first}`)
  assert.equal(await server.body('/'), 'hello')
  assert.equal(server.times(/"level":"error"/), 0)
  await server.stop()
})

test('a killed arbiter leaves no orphan: its workers finish what they have, and exit', async () => {
  const server = await startWorkers(['-w', '2', 'app.mjs'], { cwd })
  const workers = server.children()
  const client = await RawClient.connect(server.port)
  await client.send('GET /slow HTTP/1.1\r\nHost: h\r\n\r\n')
  await new Promise((resolve) => setTimeout(resolve, 100))
  process.kill(server.pid, 'SIGKILL')
  assert.equal((await client.response()).body.toString(), 'slow')
  client.destroy()
  await eventually(() => !workers.some(isRunning), () => `the end of ${workers.join(', ')}`)
  await assert.rejects(RawClient.connect(server.port), /ECONNREFUSED/)
})
