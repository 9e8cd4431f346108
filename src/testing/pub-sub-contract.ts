/**
 * What every driver of publish and subscribe must do, as checks for any test runner:
 *
 * ```ts
 * for (const { name, check } of pubSubContract) test(name, () => check(() => new MyDriver()))
 * ```
 */
import assert from 'node:assert/strict'
import type { Message, PubSubDriver } from '../pubsub/driver.ts'
import { PubSub, type Subscription } from '../pubsub/pub-sub.ts'
import type { Topic } from '../pubsub/topic.ts'

/** Makes drivers that are connected to one another, each for a hub of its own. */
export type MakeDriver = () => PubSubDriver

export interface DriverCheck {
  readonly name: string
  /** Rejected where the driver does not do it. */
  readonly check: (make: MakeDriver) => Promise<void>
}

/** The longest wait for a message, in milliseconds. */
const PATIENCE = 10_000

class Listener {
  readonly heard: Message[] = []
  readonly subscription: Subscription

  constructor(hub: PubSub, topic: Topic) {
    this.subscription = hub.subscribe(topic, (message) => { this.heard.push(message) })
  }

  static async on(hub: PubSub, topic: Topic): Promise<Listener> {
    const listener = new Listener(hub, topic)
    await listener.subscription.ready
    return listener
  }

  /** Waits for a message that was published behind those that matter. */
  async until(last: Message): Promise<readonly Message[]> {
    const end = Date.now() + PATIENCE
    while (!this.heard.some((message) => same(message, last))) {
      if (Date.now() > end) throw new Error(`waited ${PATIENCE / 1000} s for ${String(last).slice(0, 40)}; heard ${this.heard.length} messages`)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    return this.heard
  }
}

const same = (a: Message, b: Message): boolean => (typeof a === 'string' || typeof b === 'string' ? a === b : Buffer.compare(a, b) === 0)

/** Names of channels that no other check uses: drivers may share a service. */
let used = 0
const fresh = (name: string): string => `${name}-${process.pid}-${++used}`

async function withHubs(make: MakeDriver, count: number, check: (...hubs: PubSub[]) => Promise<void>): Promise<void> {
  const hubs = Array.from({ length: count }, () => new PubSub(make()))
  try {
    await check(...hubs)
  } finally {
    await Promise.all(hubs.map((hub) => hub.close()))
  }
}

type Check = (a: PubSub, b: PubSub, c: PubSub) => Promise<void>

function contract(name: string, check: Check): DriverCheck {
  return { name, check: (make) => withHubs(make, 3, check as (...hubs: PubSub[]) => Promise<void>) }
}

export const pubSubContract: readonly DriverCheck[] = [
  contract('a message reaches every subscriber of every hub once, the publisher\'s own too', async (a, b, c) => {
    const channel = fresh('all')
    const listeners = await Promise.all([a, a, b, c, c].map((hub) => Listener.on(hub, channel)))
    a.publish(channel, 'hello')
    a.publish(channel, 'end')
    for (const listener of listeners) assert.deepEqual(await listener.until('end'), ['hello', 'end'])
  }),

  contract('messages of one publisher keep their order', async (a, b, c) => {
    const [channel, other] = [fresh('order'), fresh('order')]
    const listeners = await Promise.all([Listener.on(b, channel), Listener.on(c, channel)])
    const sent = Array.from({ length: 1000 }, (_, i) => `message ${i}`)
    for (const message of sent) {
      a.publish(channel, message)
      a.publish(other, message)
    }
    for (const listener of listeners) assert.deepEqual(await listener.until('message 999'), sent)
  }),

  contract('text stays text and bytes stay bytes, whatever is in them', async (a, b) => {
    const channel = fresh('binary')
    const listener = await Listener.on(b, channel)
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    const sent: readonly Message[] = ['', 'ä\u0000\u2028\ud83d\ude00"\\\n', all, new Uint8Array(0), Uint8Array.of(0, 0x50, 0), '{"type":"publish"}', 'end']
    for (const message of sent) a.publish(channel, message)
    const heard = await listener.until('end')
    assert.deepEqual(heard.map((message) => typeof message), sent.map((message) => typeof message))
    assert.ok(sent.every((message, i) => same(message, heard[i] as Message)))
  }),

  contract('a message of a megabyte arrives whole', async (a, b) => {
    const channel = fresh('large')
    const listener = await Listener.on(b, channel)
    const large = Buffer.alloc(1024 ** 2, 'pulsar')
    a.publish(channel, large)
    a.publish(channel, 'end')
    assert.ok(same((await listener.until('end'))[0] as Message, large))
  }),

  contract('who listens to a channel and to patterns hears a message once for each', async (a, b) => {
    const channel = fresh('room.1')
    const exact = await Listener.on(b, channel)
    const patterns = await Promise.all(['room.*', '*', channel].map((pattern) => Listener.on(b, { pattern })))
    for (const message of ['one', 'one', 'end']) a.publish(channel, message)
    for (const listener of [exact, ...patterns]) assert.deepEqual(await listener.until('end'), ['one', 'one', 'end'])
  }),

  contract('a star is a pattern\'s only; what else has a meaning elsewhere stands for itself', async (a, b) => {
    const base = fresh('glob')
    const star = await Listener.on(b, `${base}*`)
    const literal = await Listener.on(b, { pattern: `${base}[ab]?\\*:*` })
    const [around] = await Promise.all([Listener.on(b, { pattern: `${base}*` })])
    const channels = [`${base}x`, `${base}*`, `${base}ax*:1`, `${base}[ab]?*:1`, `${base}[ab]?x:1`]
    for (const channel of channels) a.publish(channel, channel)
    assert.deepEqual(await around?.until(channels.at(-1) as string), channels)
    assert.deepEqual(star.heard, [`${base}*`])
    assert.deepEqual(literal.heard, [`${base}[ab]?*:1`])
  }),

  contract('who has unsubscribed hears nothing more, and may subscribe again', async (a, b) => {
    const channel = fresh('leave')
    const stays = await Listener.on(b, { pattern: `${channel}*` })
    const leaves = await Listener.on(b, channel)
    a.publish(channel, 'one')
    await leaves.until('one')
    leaves.subscription.unsubscribe()
    leaves.subscription.unsubscribe()
    a.publish(channel, 'two')
    await stays.until('two')
    const again = await Listener.on(b, channel)
    a.publish(channel, 'three')
    assert.deepEqual(await again.until('three'), ['three'])
    assert.deepEqual([leaves.heard, stays.heard], [['one'], ['one', 'two', 'three']])
  }),

  contract('a subscription that is ready misses nothing', async (a, b) => {
    for (let i = 0; i < 20; i++) {
      const listener = await Listener.on(b, fresh('ready'))
      a.publish(listener.subscription.topic as string, 'at once')
      assert.deepEqual(await listener.until('at once'), ['at once'])
      listener.subscription.unsubscribe()
    }
  }),

  contract('what was published arrives although the hub is closed directly after; a closed hub is reached no more', async (a, b, c) => {
    const channel = fresh('close')
    const listener = await Listener.on(b, channel)
    // Whoever has not connected yet has nothing to say.
    const greeting = await Listener.on(a, channel)
    b.publish(channel, 'connected')
    await greeting.until('connected')
    a.publish(channel, 'last')
    await a.close()
    await listener.until('last')
    const other = await Listener.on(c, channel)
    b.publish(channel, 'after')
    await other.until('after')
    assert.deepEqual(greeting.heard, ['connected', 'last'])
  }),
]
