/** Among the workers of one server, and of several. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { FromWorker, Published } from '../../src/process/messages.ts'
import type { PublishChannel, PublishListener } from '../../src/process/publish-channel.ts'
import { PublishBacklog } from '../../src/process/publish-backlog.ts'
import type { Loss } from '../../src/pubsub/driver.ts'
import { PubSub } from '../../src/pubsub/pub-sub.ts'
import { WorkersDriver } from '../../src/pubsub/workers-driver.ts'
import { pubSubContract } from '../../src/testing/pub-sub-contract.ts'
import { projectRoot } from '../support/project.ts'
import { redisMissing, RedisServer } from '../support/redis-server.ts'
import { eventually, startWorkers, workplace, type Workers } from '../support/workers.ts'

/** Channels as an arbiter connects them: what goes through is text, and comes in a later turn of the loop. */
class Wires {
  private readonly listeners = new Map<PublishChannel, PublishListener>()

  channel(): PublishChannel {
    const channel: PublishChannel = {
      send: (message, sent) => {
        const text = JSON.stringify(message satisfies FromWorker)
        setImmediate(() => {
          for (const [other, listener] of this.listeners) if (other !== channel) listener.published(JSON.parse(text) as Published)
          sent(null)
        })
      },
      flush: () => new Promise((resolve) => { setImmediate(resolve) }),
      listen: (listener) => {
        this.listeners.set(channel, listener)
        return () => { this.listeners.delete(channel) }
      },
    }
    return channel
  }
}

for (const { name, check } of pubSubContract) {
  test(`workers: ${name}`, async () => {
    const wires = new Wires()
    await assert.doesNotReject(check(() => new WorkersDriver(wires.channel())))
  })
}

test('messages that the arbiter does not take are bounded, counted and told', async () => {
  const sent: ((error: Error | null) => void)[] = []
  const hub = new PubSub(new WorkersDriver({ send: (_, done) => { sent.push(done) }, flush: () => Promise.resolve(), listen: () => () => undefined }))
  const losses: Loss[] = []
  hub.onLoss((loss) => { losses.push(loss) })
  const megabyte = 'x'.repeat(1024 ** 2)
  for (let i = 0; i < 20; i++) hub.publish('a', megabyte)
  assert.equal(sent.length, 15)
  for (const done of sent.splice(0)) done(null)
  await hub.flush()
  assert.deepEqual(losses, [{ kind: 'unsent', messages: 5, reason: 'the arbiter does not take them in time' }])
  hub.publish('a', 'small')
  sent[0]?.(new Error('the arbiter is gone'))
  await hub.flush()
  assert.deepEqual(losses.slice(1), [{ kind: 'unsent', messages: 1, reason: 'the arbiter is gone' }])
})

test('a worker that takes nothing does not fill the arbiter, and is told how many messages it missed, in their place', () => {
  const sent: { readonly message: unknown, readonly done: () => void }[] = []
  const backlog = new PublishBacklog((message, done) => { sent.push({ message, done }) })
  const megabyte = 'x'.repeat(1024 ** 2)
  for (let i = 0; i < 20; i++) backlog.pass({ type: 'publish', channel: 'a', text: megabyte })
  backlog.pass({ type: 'publish', channel: 'a', text: 'small, and behind the gap' })
  assert.equal(sent.length, 15)
  for (const { done } of sent.splice(0)) done()
  backlog.pass({ type: 'publish', channel: 'a', text: 'after' })
  assert.deepEqual(sent.map(({ message }) => message), [
    { type: 'unheard', messages: 6 }, { type: 'publish', channel: 'a', text: 'after' },
  ])
})

/** Each worker writes down what it hears, in a file of its own. */
const application = `import { appendFileSync } from 'node:fs'
import { pubsub } from '${pathToFileURL(join(projectRoot, 'dist', 'index.js')).href}'

const file = 'heard-' + process.pid
pubsub.subscribe({ pattern: '*' }, (message, channel) => {
  appendFileSync(file, JSON.stringify([channel, typeof message === 'string' ? message : Buffer.from(message).toString('hex')]) + '\\n')
})
pubsub.publish('loaded', String(process.pid))

export default (environ, startResponse) => {
  const [, channel, message] = environ.PATH_INFO.split('/')
  if (channel === 'bytes') pubsub.publish(channel, Uint8Array.from({ length: 256 }, (_, i) => i))
  else if (message !== undefined) pubsub.publish(channel, message)
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from(String(process.pid))]
}
`

function place(): string {
  const cwd = workplace()
  writeFileSync(join(cwd, 'hub.mjs'), application)
  return cwd
}

/** What the workers have heard of a channel so far, by their process. */
function heard(cwd: string, channel: string): Map<number, string[]> {
  const files = readdirSync(cwd).filter((name) => name.startsWith('heard-'))
  return new Map(files.map((name) => {
    const lines = readFileSync(join(cwd, name), 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as [string, string])
    return [Number(name.slice(6)), lines.filter(([of]) => of === channel).map(([, message]) => message)]
  }))
}

const everyWorkerHas = (cwd: string, channel: string, message: string, workers: readonly number[]): Promise<void> =>
  eventually(() => workers.every((pid) => heard(cwd, channel).get(pid)?.includes(message)), () => `${message} in ${workers.join()}`)

async function publishing(server: Workers, from: number, until: () => boolean): Promise<number> {
  let next = from
  while (!until()) await server.body(`/number/${next++}`)
  return next
}

/** Numbers from the first that it heard to the last, none missing and none twice. */
function assertWhole(numbers: readonly string[], what: string): void {
  const sorted = numbers.map(Number).sort((a, b) => a - b)
  const first = sorted[0] as number
  assert.deepEqual(sorted, sorted.map((_, i) => first + i), what)
}

test('what one worker publishes every worker hears once, bytes as well, and what it publishes while it is loaded', async () => {
  const cwd = place()
  const server = await startWorkers(['-w', '3', 'hub.mjs'], { cwd })
  const workers = server.children()
  assert.equal(workers.length, 3)
  await server.body('/hello/you')
  await everyWorkerHas(cwd, 'hello', 'you', workers)
  await server.body('/bytes')
  const bytes = Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i)).toString('hex')
  await everyWorkerHas(cwd, 'bytes', bytes, workers)
  assert.deepEqual([...heard(cwd, 'hello').values()], [['you'], ['you'], ['you']])
  // The first worker serves the others' start: it has heard of both.
  const first = [...heard(cwd, 'loaded').values()].find((pids) => pids.length === 3)
  assert.deepEqual(first?.map(Number).sort(), [...workers].sort())
  await server.stop()
})

test('while workers are replaced no message is lost and none comes twice', async () => {
  const cwd = place()
  const server = await startWorkers(['-w', '2', 'hub.mjs'], { cwd })
  const before = server.children()
  process.kill(server.pid, 'SIGHUP')
  let next = await publishing(server, 0, () => server.times(/reloaded: 2 new workers serve/) === 1)
  next = await publishing(server, next, () => before.every((pid) => !server.children().includes(pid)))
  await server.body('/number/end')
  const after = server.children()
  await everyWorkerHas(cwd, 'number', 'end', after)
  assert.equal(after.length, 2)
  const all = [...heard(cwd, 'number')].map(([pid, numbers]) => [pid, numbers.filter((one) => one !== 'end')] as const)
  for (const [pid, numbers] of all) assertWhole(numbers, `worker ${pid}`)
  // New workers heard everything from when they were loaded; old ones until they ended.
  for (const [pid, numbers] of all) if (after.includes(pid)) assert.equal(Math.max(...numbers.map(Number)), next - 1)
  assert.deepEqual([...new Set(all.flatMap(([, numbers]) => numbers.map(Number)))].sort((a, b) => a - b), Array.from({ length: next }, (_, i) => i))
  await server.stop()
})

test('a worker that is killed takes no message of the others with it', async () => {
  const cwd = place()
  const server = await startWorkers(['-w', '3', 'hub.mjs'], { cwd })
  const workers = server.children()
  await server.body('/hello/all')
  await everyWorkerHas(cwd, 'hello', 'all', workers)
  const [victim, ...others] = workers as [number, ...number[]]
  process.kill(victim, 'SIGKILL')
  await server.until(/worker \d+ serves/, 4)
  for (let i = 0; i < 50; i++) await server.body(`/number/${i}`)
  await everyWorkerHas(cwd, 'number', '49', server.children())
  for (const pid of others) assert.equal(heard(cwd, 'number').get(pid)?.length, 50)
  await server.stop()
})

test('with --pubsub the workers of two servers hear one another, and a stop of Redis stops nothing', { skip: redisMissing }, async () => {
  const redis = await RedisServer.start()
  const [one, other] = [place(), place()]
  const servers = await Promise.all([one, other].map((cwd) => startWorkers(['-w', '2', '--pubsub', redis.url, 'hub.mjs'], { cwd })))
  const [a, b] = servers as [Workers, Workers]
  // Connections to Redis are made beside: a message that all have heard says that they are there.
  const linked = async (channel: string): Promise<void> => {
    let i = 0
    const both = (): boolean => [[one, a], [other, b]].every(([cwd, server]) =>
      (server as Workers).children().every((pid) => (heard(cwd as string, channel).get(pid)?.length ?? 0) > 0))
    await eventually(async () => { await a.body(`/${channel}/${i++}`); return both() }, () => `all on ${channel}`)
  }
  await linked('first')
  await redis.stop()
  assert.equal(await a.status('/gone/1'), 200)
  await a.until(/did not reach other processes: there is no connection to Redis|no connection to Redis, trying again/)
  await redis.restart()
  await linked('second')
  for (const [cwd, server] of [[one, a], [other, b]] as const) {
    for (const pid of server.children()) {
      const numbers = heard(cwd, 'second').get(pid) as string[]
      assert.equal(new Set(numbers).size, numbers.length)
    }
  }
  await Promise.all(servers.map((server) => server.stop()))
  await redis.stop()
})
