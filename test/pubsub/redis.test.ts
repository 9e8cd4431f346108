/** Against a real server, which is cut off, restarted and stopped in the middle. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Loss, Message } from '../../src/pubsub/driver.ts'
import { PubSub } from '../../src/pubsub/pub-sub.ts'
import { RedisDriver } from '../../src/pubsub/redis-driver.ts'
import { pubSubContract } from '../../src/testing/pub-sub-contract.ts'
import { redisMissing, RedisServer } from '../support/redis-server.ts'
import { eventually } from '../support/workers.ts'

const quick = { retryAfter: 10, patience: 300 }

class Observed {
  readonly hub = new PubSub()
  readonly heard: Message[] = []
  readonly losses: Loss[] = []
  readonly reports: string[] = []

  constructor(url: string, options: { readonly prefix?: string } = {}) {
    this.hub.onLoss((loss) => { this.losses.push(loss) })
    this.hub.attach(new RedisDriver(url, { ...quick, ...options }), (text) => { this.reports.push(text) })
  }

  async listen(channel: string): Promise<void> {
    await this.hub.subscribe(channel, (message) => { this.heard.push(message) }).ready
  }

  hears(message: string): Promise<void> {
    return eventually(() => this.heard.includes(message), () => `${message}; heard ${this.heard.join()}; ${this.reports.join('\n')}`)
  }
}

/** Between a hub and Redis, to be cut. */
class Line {
  readonly sockets = new Set<Socket>()
  private readonly server = createServer((client) => {
    const upstream = connect(this.port, '127.0.0.1')
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      this.sockets.add(from)
      from.on('error', () => undefined).on('close', () => to.destroy()).pipe(to)
    }
  })

  private readonly port: number

  constructor(port: number) {
    this.port = port
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve))
    this.cut()
    await closed
  }
}

describe('Redis', { skip: redisMissing }, () => {
  let redis: RedisServer
  before(async () => { redis = await RedisServer.start() })
  after(async () => { await redis.stop() })

  for (const { name, check } of pubSubContract) {
    test(name, async () => { await assert.doesNotReject(check(() => new RedisDriver(redis.url))) })
  }

  test('what is published before the connection is there waits for it, and comes in its order', async () => {
    const other = new Observed(redis.url)
    await other.listen('early')
    const hub = new PubSub()
    const losses: Loss[] = []
    hub.onLoss((loss) => { losses.push(loss) })
    hub.publish('early', 'while the application is loaded')
    hub.attach(new RedisDriver(redis.url, quick))
    hub.publish('early', 'while it connects')
    await hub.flush()
    await other.hears('while it connects')
    assert.deepEqual(other.heard, ['while the application is loaded', 'while it connects'])
    assert.deepEqual(losses, [])
    await Promise.all([hub.close(), other.hub.close()])
  })

  test('a connection that is cut is made again, with its subscriptions, and what was missed is told', async () => {
    const line = new Line(redis.port)
    const [near, far] = [new Observed(await line.open()), new Observed(redis.url)]
    await Promise.all([near.listen('cut'), far.listen('cut')])
    far.hub.publish('cut', 'before')
    await near.hears('before')
    line.cut()
    await eventually(() => near.losses.length > 0, () => 'the loss')
    far.hub.publish('cut', 'after')
    await near.hears('after')
    near.hub.publish('cut', 'back')
    await far.hears('back')
    assert.deepEqual(near.losses.map(({ kind, messages }) => [kind, messages]), [['unheard', null]])
    assert.deepEqual(far.losses, [])
    await Promise.all([near.hub.close(), far.hub.close()])
    await line.close()
  })

  test('while Redis is away subscribers of the process are served, and what was for others is counted', async () => {
    const own = await RedisServer.start()
    const [one, other] = [new Observed(own.url), new Observed(own.url)]
    await Promise.all([one.listen('away'), other.listen('away')])
    await own.stop()
    await eventually(() => one.reports.some((text) => text.includes('no connection to Redis')), () => 'the report')
    for (const message of ['1', '2', '3']) one.hub.publish('away', message)
    assert.deepEqual(one.heard, ['1', '2', '3'])
    await one.hub.flush()
    assert.deepEqual(one.losses, [{ kind: 'unsent', messages: 3, reason: 'there is no connection to Redis' }])
    await own.restart()
    await eventually(() => other.losses.length > 0 && one.losses.length > 1, () => 'the connections')
    one.hub.publish('away', 'again')
    await other.hears('again')
    assert.deepEqual(other.heard, ['again'])
    await Promise.all([one.hub.close(), other.hub.close()])
    await own.stop()
  })

  test('a server that starts before Redis does finds it when it is there', async () => {
    const own = await RedisServer.start()
    await own.stop()
    const [one, other] = [new Observed(own.url), new Observed(own.url)]
    const listening = Promise.all([one.listen('late'), other.listen('late')])
    await eventually(() => one.reports.length > 0 && other.reports.length > 0, () => 'the reports')
    await own.restart()
    await listening
    one.hub.publish('late', 'hello')
    await other.hears('hello')
    assert.deepEqual(one.losses, [])
    await Promise.all([one.hub.close(), other.hub.close()])
    await own.stop()
  })

  test('Redis that hangs is left, what was under way is counted, and a message is never there twice', async () => {
    const own = await RedisServer.start()
    const [one, other] = [new Observed(own.url), new Observed(own.url)]
    await Promise.all([one.listen('slow'), other.listen('slow')])
    own.freeze()
    one.hub.publish('slow', 'into the dark')
    await eventually(() => one.losses.some(({ kind }) => kind === 'unsent'), () => 'the loss')
    own.thaw()
    await eventually(() => other.losses.length > 0 && one.losses.length > 1, () => `the connections: ${one.reports.join('\n')}`)
    one.hub.publish('slow', 'light')
    await other.hears('light')
    assert.ok(other.heard.filter((message) => message === 'into the dark').length <= 1)
    assert.deepEqual(one.heard, ['into the dark', 'light'])
    await Promise.all([one.hub.close(), other.hub.close()])
    await own.stop()
  })

  test('what Redis does not take is bounded: the rest is counted and not kept', async () => {
    const own = await RedisServer.start()
    const one = new Observed(own.url)
    await one.listen('flood')
    own.freeze()
    const megabyte = Buffer.alloc(1024 ** 2)
    for (let i = 0; i < 40; i++) one.hub.publish('flood', megabyte)
    const closed = one.hub.close()
    own.thaw()
    await closed
    const unsent = one.losses.reduce((sum, { messages }) => sum + (messages ?? 0), 0)
    assert.ok(unsent >= 24, `${unsent} were told as unsent`)
    assert.equal(one.heard.length, 40)
    await own.stop()
  })

  test('messages of other programs are heard: UTF-8 as text, anything else as bytes', async () => {
    const one = new Observed(redis.url)
    await one.listen('foreign')
    const program = connect(redis.port, '127.0.0.1')
    for (const message of [Buffer.from('grüße'), Buffer.of(0xff, 0xfe)]) {
      program.write(Buffer.concat([Buffer.from(`*3\r\n$7\r\nPUBLISH\r\n$16\r\npulsar:0:foreign\r\n$${message.length}\r\n`), message, Buffer.from('\r\n')]))
    }
    await eventually(() => one.heard.length === 2, () => 'both')
    program.destroy()
    assert.deepEqual(one.heard, ['grüße', Uint8Array.of(0xff, 0xfe)])
    await one.hub.close()
  })

  test('hubs of different databases or prefixes do not hear one another', async () => {
    const hubs = [new Observed(redis.url), new Observed(`${redis.url}/1`), new Observed(redis.url, { prefix: 'mine:' })]
    await Promise.all(hubs.map((one) => one.listen('same')))
    for (const [i, { hub }] of hubs.entries()) {
      hub.publish('same', `from ${i}`)
      await hub.flush()
    }
    // Behind all of them on the same connections.
    await Promise.all(hubs.map(async ({ hub }) => { await hub.subscribe('marker', () => undefined).ready }))
    assert.deepEqual(hubs.map(({ heard }) => heard), [['from 0'], ['from 1'], ['from 2']])
    await Promise.all(hubs.map(({ hub }) => hub.close()))
  })

  test('a password is used; with a wrong one it is reported, and closing ends the attempts', async () => {
    const own = await RedisServer.start('--requirepass', 'secret')
    const right = new Observed(own.url.replace('//', '//:secret@'))
    await right.listen('closed')
    const wrong = new Observed(own.url.replace('//', '//:wrong@'))
    await eventually(() => wrong.reports.length > 0, () => 'the report')
    assert.match(wrong.reports[0] as string, /no connection to Redis, trying again: .*(WRONGPASS|AUTH|password)/i)
    await Promise.all([right.hub.close(), wrong.hub.close()])
    assert.deepEqual([right.reports.length, wrong.reports.length], [0, 1])
    await own.stop()
  })
})
