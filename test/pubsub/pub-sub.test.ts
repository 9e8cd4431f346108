import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Loss, Message, PubSubDriver } from '../../src/pubsub/driver.ts'
import { MemoryBus } from '../../src/pubsub/memory-bus.ts'
import { PubSub } from '../../src/pubsub/pub-sub.ts'
import { pubsub } from '../../src/pubsub/server-hub.ts'
import { pubSubContract } from '../../src/testing/pub-sub-contract.ts'

for (const { name, check } of pubSubContract) {
  test(`memory: ${name}`, async () => {
    const bus = new MemoryBus()
    await assert.doesNotReject(check(() => bus.driver()))
  })
}

test('a subscriber is called with the message and its channel, before publish() returns', () => {
  const hub = new PubSub()
  const heard: unknown[] = []
  hub.subscribe('a', (message, channel) => { heard.push([message, channel]) })
  hub.publish('a', 'hello')
  hub.publish('b', 'not for it')
  assert.deepEqual(heard, [['hello', 'a']])
})

test('what a subscriber publishes comes to all after what it was called with', () => {
  const hub = new PubSub()
  const heard: string[] = []
  hub.subscribe('a', (message) => { if (message === 'question') hub.publish('a', 'answer') })
  hub.subscribe('a', (message) => { heard.push(String(message)) })
  hub.publish('a', 'question')
  assert.deepEqual(heard, ['question', 'answer'])
})

test('a subscriber that throws is reported, and the others get their message', () => {
  const reports: [string, unknown][] = []
  const hub = new PubSub()
  hub.attach(new MemoryBus().driver(), (text, error) => { reports.push([text, error]) })
  const heard: Message[] = []
  const failure = new Error('no')
  hub.subscribe('a', () => { throw failure })
  hub.subscribe('a', (message) => { heard.push(message) })
  hub.publish('a', 'hello')
  assert.deepEqual(heard, ['hello'])
  assert.deepEqual(reports, [['publish and subscribe: a subscriber of "a" failed', failure]])
})

test('whoever unsubscribes in the middle of a message gets no more, and whoever subscribes begins with the next', () => {
  const hub = new PubSub()
  const heard: string[] = []
  hub.subscribe('a', (message) => {
    heard.push(`first ${String(message)}`)
    second.unsubscribe()
    if (message === '1') hub.subscribe('a', (later) => { heard.push(`third ${String(later)}`) })
  })
  const second = hub.subscribe('a', (message) => { heard.push(`second ${String(message)}`) })
  hub.publish('a', '1')
  hub.publish('a', '2')
  assert.deepEqual(heard, ['first 1', 'first 2', 'third 2'])
})

test('the same function may subscribe twice, and each subscription ends for itself', () => {
  const hub = new PubSub()
  let calls = 0
  const count = (): void => { calls++ }
  const one = hub.subscribe('a', count)
  hub.subscribe('a', count)
  hub.publish('a', '')
  one.unsubscribe()
  one.unsubscribe()
  hub.publish('a', '')
  assert.deepEqual([calls, hub.size], [3, 1])
})

test('the driver is told of a topic with its first subscriber and its last', () => {
  const told: string[] = []
  const driver: PubSubDriver = {
    ...new MemoryBus().driver(),
    subscribe: (topic) => { told.push(`+${JSON.stringify(topic)}`); return undefined },
    unsubscribe: (topic) => { told.push(`-${JSON.stringify(topic)}`) },
  }
  const hub = new PubSub(driver)
  const subscriptions = ['a', 'a', { pattern: 'a' }].map((topic) => hub.subscribe(topic, () => undefined))
  for (const one of subscriptions) one.unsubscribe()
  assert.deepEqual(told, ['+"a"', '+{"pattern":"a"}', '-"a"', '-{"pattern":"a"}'])
})

test('what was published and subscribed before there was a driver is for the others too', () => {
  const bus = new MemoryBus()
  const [early, other] = [new PubSub(), new PubSub(bus.driver())]
  const heard: Message[] = []
  early.subscribe('a', (message) => { heard.push(message) })
  other.subscribe('a', (message) => { heard.push(`other ${String(message)}`) })
  early.publish('a', 'early')
  early.attach(bus.driver())
  other.publish('a', 'late')
  assert.deepEqual(heard, ['early', 'other early', 'late', 'other late'])
})

test('a subscription of before there was a driver is ready when that says so', async () => {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => { resolve = settle })
  const hub = new PubSub()
  const early = hub.subscribe('news', () => undefined)
  await early.ready
  hub.attach({ ...new MemoryBus().driver(), subscribe: () => promise })
  const first = await Promise.race([early.ready.then(() => 'ready'), new Promise((late) => { setImmediate(late, 'not yet') })])
  assert.equal(first, 'not yet')
  resolve()
  await early.ready
})

test('of what was published before there was a driver the latest 1000 are kept', () => {
  const bus = new MemoryBus()
  const [early, other] = [new PubSub(), new PubSub(bus.driver())]
  const heard: Message[] = []
  other.subscribe('a', (message) => { heard.push(message) })
  for (let i = 0; i < 1500; i++) early.publish('a', String(i))
  early.attach(bus.driver())
  assert.deepEqual([heard.length, heard[0], heard.at(-1)], [1000, '500', '1499'])
})

test('lost messages are told to listeners and reported, each once', () => {
  const reports: string[] = []
  const hub = new PubSub()
  hub.attach(new MemoryBus().driver(), (text) => { reports.push(text) })
  const told: Loss[] = []
  const stop = hub.onLoss((loss) => { told.push(loss) })
  const loss: Loss = { kind: 'unsent', messages: 2, reason: 'the line is cut' }
  hub.lost(loss)
  stop()
  hub.lost({ kind: 'unheard', messages: null, reason: 'the line was cut' })
  assert.deepEqual(told, [loss])
  assert.deepEqual(reports, [
    'publish and subscribe: 2 messages published here did not reach other processes: the line is cut',
    'publish and subscribe: messages of other processes may not have come here: the line was cut',
  ])
})

test('what is no channel or no message is refused', () => {
  const hub = new PubSub()
  assert.throws(() => hub.publish(1 as unknown as string, ''), /a channel is a string, not number/)
  assert.throws(() => hub.publish('a', { a: 1 } as unknown as string), /a message is a string or bytes/)
})

test('a hub has one driver at a time, and works on without one', async () => {
  const hub = new PubSub(new MemoryBus().driver())
  assert.throws(() => hub.attach(new MemoryBus().driver()), /a driver already/)
  let heard = 0
  hub.subscribe('a', () => { heard++ })
  await hub.close()
  hub.publish('a', '')
  assert.equal(heard, 1)
})

test('there is one hub for a process, even where the package is there twice', async () => {
  const copy = await import(`${new URL('../../src/pubsub/server-hub.js', import.meta.url).href}?copy`) as { pubsub: PubSub }
  assert.equal(copy.pubsub, pubsub)
})
