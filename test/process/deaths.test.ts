import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { RawClient } from '../support/raw-client.ts'
import { SteadyClients, type Outcome } from '../support/steady-clients.ts'
import { eventually, isRunning, startWorkers, workplace } from '../support/workers.ts'

const cwd = workplace()

/** A worker that was killed; times by performance.now(). */
interface Kill {
  readonly pid: number
  readonly from: number
  /** When its end was known. */
  to: number
}

test('workers are killed every 500 ms for 20 s: only requests fail that a killed one was handling, and all others are answered', async (t) => {
  const place = workplace()
  // Which worker has a connection is told before the first byte is read from it.
  writeFileSync(join(place, 'pulsar.config.mjs'), `import { appendFileSync } from 'node:fs'
    export default { connectionMade: ({ remotePort }) => appendFileSync('connections', remotePort + ' ' + process.pid + '\\n') }`)
  const server = await startWorkers(['-w', '2', 'app.mjs'], { cwd: place })
  const outcomes: Outcome[] = []
  const clients = new SteadyClients(server.port, { count: 16, path: '/pid', observe: (outcome) => outcomes.push(outcome) })
  t.after(() => clients.stop())
  await eventually(() => clients.count > 100, () => 'answers')
  const kills: Kill[] = []
  for (const begun = performance.now(); performance.now() - begun < 20_000;) {
    const alive = (): Outcome | undefined => outcomes.findLast(({ body }) => body !== null && !kills.some(({ pid }) => pid === Number(body)))
    await eventually(() => alive() !== undefined, () => 'an answer of a worker that lives')
    const victim = Number(alive()?.body)
    const kill: Kill = { pid: victim, from: performance.now(), to: Infinity }
    process.kill(victim, 'SIGKILL')
    await server.until(new RegExp(`\\(process ${victim}\\) ended with signal SIGKILL`))
    kill.to = performance.now()
    kills.push(kill)
    await new Promise((resolve) => setTimeout(resolve, kill.from + 500 - performance.now()))
  }
  const { answered, failures } = await clients.stop()
  const owners = new Set(readFileSync(join(place, 'connections'), 'utf8').split('\n'))
  const known = new Set([...owners].map((line) => Number(line.split(' ')[0])))
  const ownedBy = (pid: number, { connection }: Outcome): boolean => owners.has(`${connection} ${pid}`)
  const failed = outcomes.filter(({ body }) => body === null)
  const causes = failed.map((outcome) => kills.filter(({ from, to }) => from <= outcome.to && outcome.from <= to))
  const unexplained = failed.filter((outcome, i) => !causes[i]?.some(({ pid }) => ownedBy(pid, outcome)))
  // A worker may die between accepting a connection and telling of it, but in one connection's case only.
  const untold = unexplained.filter((outcome) => causes[failed.indexOf(outcome)]?.length !== 0 && !known.has(outcome.connection))
  assert.deepEqual(unexplained.filter((outcome) => !untold.includes(outcome)), [])
  for (const { pid } of kills) {
    const alone = untold.filter((outcome) => causes[failed.indexOf(outcome)]?.every((kill) => kill.pid === pid))
    assert.ok(alone.length <= 1, `${alone.length} connections broke with process ${pid} that it has not told of`)
  }
  assert.deepEqual(outcomes.filter((outcome) => outcome.body !== null && !ownedBy(Number(outcome.body), outcome)), [])
  for (const how of Object.keys(failures)) assert.match(how, /ECONNRESET|EPIPE|closed without an answer/)
  assert.ok(kills.length > 30, `${kills.length} kills`)
  assert.equal(new Set(kills.map(({ pid }) => pid)).size, kills.length)
  assert.ok(answered > 1000, `${answered} answers`)
  await eventually(() => server.children().length === 2, () => 'two workers')
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
