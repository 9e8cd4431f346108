import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { WebSocket } from 'ws'
import { onTwoWorkers, people, Person } from '../support/chat-people.ts'
import { projectRoot } from '../support/project.ts'
import { redisMissing, RedisServer } from '../support/redis-server.ts'
import { eventually, isRunning, startWorkers } from '../support/workers.ts'

const chat = (...args: string[]): ReturnType<typeof startWorkers> => startWorkers(['examples/chat/app.ts', ...args], { cwd: projectRoot })

const server = await chat('-w', '2')
const everybody: Person[] = []
after(() => { for (const { client } of everybody) client.close() })

async function twoWorkers(): Promise<[Person, Person]> {
  const both = await onTwoWorkers(server.address)
  everybody.push(...both)
  return both
}

async function join(address: string, room?: string): Promise<Person> {
  const person = new Person(address, room)
  everybody.push(person)
  await person.here()
  return person
}

test('what is said at one worker is heard at all, once and in the same order', async () => {
  const [ann, bob] = await twoWorkers()
  for (let i = 0; i < 5; i++) {
    ann.say(`ann ${i}`)
    bob.say(`bob ${i}`)
  }
  await eventually(() => ann.heard.length >= 10 && bob.heard.length >= 10, () => `${ann.texts.join()} and ${bob.texts.join()}`)
  assert.equal(ann.heard.length, 10)
  assert.deepEqual(ann.texts, bob.texts)
  assert.deepEqual(bob.texts.filter((text) => text.startsWith('ann')), [0, 1, 2, 3, 4].map((i) => `ann ${i}`))
  await eventually(() => ann.saved.length === 5, () => 'five that are saved')
})

test('whoever joins is told what was said before, of the room only', async () => {
  const [ann, bob] = await twoWorkers()
  ann.client.enter('garden')
  await eventually(() => bob.rooms.length > 0, () => 'rooms')
  ann.say('only here')
  await ann.hears('only here')
  await eventually(() => bob.rooms.includes('garden'), () => 'a new room is told everybody')
  const late = await join(server.address, 'garden')
  await late.hears('only here')
  assert.deepEqual(late.texts, ['only here'])
  assert.ok(!bob.texts.includes('only here'))
})

test('a call of JSON-RPC says something, and what is no message is refused', async () => {
  const ann = await join(server.address, 'rpc room')
  const call = async (params: unknown): Promise<{ result?: string, error?: { code: number } }> => {
    const response = await fetch(`${server.address}/rpc`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'message', params }),
    })
    return await response.json() as { result?: string, error?: { code: number } }
  }
  assert.equal((await call(['from a script', 'rpc room'])).result, 'OK')
  await ann.hears('from a script')
  assert.equal((await call(['', 'rpc room'])).error?.code, -32602)
  assert.equal((await call({ message: 'x'.repeat(1001) })).error?.code, -32602)
  assert.equal((await fetch(`${server.address}/rpc`)).status, 405)
})

test('what is said twice is one entry, also at another worker', async () => {
  const [ann, bob] = await twoWorkers()
  for (const person of [ann, bob]) person.client.enter('twice')
  ann.say('once', 'the-same-id')
  await bob.hears('once')
  bob.say('once', 'the-same-id')
  await eventually(() => bob.saved.includes('the-same-id'), () => 'the second is acknowledged')
  ann.say('the end')
  await bob.hears('the end')
  const late = await join(server.address, 'twice')
  await late.hears('the end')
  for (const { texts } of [ann, bob, late]) assert.deepEqual(texts, ['once', 'the end'])
})

test('too long, too much and without a name is refused; what is no message ends the connection', async () => {
  const ann = await join(server.address, 'limits')
  ann.say('x'.repeat(1001))
  await eventually(() => ann.refusals.length === 1, () => 'a refusal')
  for (let i = 0; i < 60; i++) ann.say(`flood ${i}`)
  await eventually(() => ann.saved.length + ann.refusals.length === 61, () => 'an answer to each')
  assert.match(ann.refusals[0] ?? '', /up to 1000 characters/)
  assert.match(ann.refusals[1] ?? '', /too fast/)
  assert.ok(ann.saved.length >= 30)
  for (const message of ['no JSON', '{}', '{"type":"join","room":"","marks":{}}', '{"type":"join","room":"a","marks":{"x":-1}}', '{"type":"say","id":"../..","name":"a","text":"b","room":"c"}']) {
    const socket = new WebSocket(`${server.address.replace('http', 'ws')}/message`)
    const code = await new Promise((resolve) => {
      socket.on('open', () => socket.send(message))
      socket.on('close', resolve)
    })
    assert.equal(code, 1008, message)
  }
})

test('a worker is killed: the others\' people stay, its own come back, and nobody misses or loses anything', async () => {
  const own = await chat('-w', '3')
  const all = await people(200, own.address)
  everybody.push(...all)
  const victim = all[0]?.server as number
  const struck = all.filter((person) => person.server === victim)
  const others = all.filter((person) => person.server !== victim)
  assert.ok(struck.length > 0 && others.length > 0)
  const expected: string[] = []
  const speak = (phase: string): void => {
    for (const [i, person] of [...struck.slice(0, 20), ...others.slice(0, 20)].entries()) {
      expected.push(`${phase} ${i}`)
      person.say(`${phase} ${i}`)
    }
  }
  speak('before')
  // Some have left the process, some have not: what was not saved is said again elsewhere.
  await eventually(() => struck.some(({ saved }) => saved.length > 0), () => 'a first one that is saved')
  process.kill(victim, 'SIGKILL')
  speak('meanwhile')
  await eventually(() => struck.every(({ lost, server: now }) => lost > 0 && now !== null && now !== victim), () => 'all back')
  speak('after')
  const everything = expected.toSorted()
  await eventually(() => all.every(({ heard }) => heard.length >= everything.length), () => `${Math.min(...all.map(({ heard }) => heard.length))} of ${everything.length} heard`)
  for (const person of all) assert.deepEqual(person.heard.map(({ text }) => text).sort(), everything)
  assert.deepEqual(others.filter(({ lost }) => lost > 0), [])
  assert.ok(!isRunning(victim))
  for (const { client } of all) client.close()
  await own.stop()
})

test('on a reload all are told 1001, come back to new workers, and find what was said before', async () => {
  const own = await chat('-w', '2')
  const all = await people(20, own.address)
  everybody.push(...all)
  const old = new Set(all.map((person) => person.server))
  all[0]?.say('before the reload')
  await Promise.all(all.map((person) => person.hears('before the reload')))
  const socket = new WebSocket(`${own.address.replace('http', 'ws')}/message`)
  await new Promise((resolve) => socket.once('open', resolve))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  own.process.kill('SIGHUP')
  assert.equal(await closed, 1001)
  await eventually(() => all.every((person) => person.server !== null && !old.has(person.server)), () => 'all at new workers')
  all[1]?.say('after the reload')
  await Promise.all(all.map((person) => person.hears('after the reload')))
  for (const { texts } of all) assert.deepEqual(texts, ['before the reload', 'after the reload'])
  const late = await join(own.address)
  await late.hears('after the reload')
  assert.deepEqual(late.texts, ['before the reload', 'after the reload'])
  for (const { client } of [...all, late]) client.close()
  await own.stop()
})

test('two servers with the same Redis are one chat, and who starts later is told what was said before', { skip: redisMissing }, async () => {
  const redis = await RedisServer.start()
  const first = await chat('-w', '1', '--pubsub', redis.url)
  const ann = await join(first.address)
  ann.say('is anybody there')
  await ann.hears('is anybody there')
  const second = await chat('-w', '2', '--pubsub', redis.url)
  const bob = await join(second.address)
  await bob.hears('is anybody there')
  bob.say('yes, at another server')
  await ann.hears('yes, at another server')
  // Each says something that the other cannot hear, and both hear it when Redis is back.
  await redis.stop()
  await first.until(/no connection to Redis/)
  await second.until(/no connection to Redis/, 2)
  ann.say('ann alone')
  bob.say('bob alone')
  await ann.hears('ann alone')
  await bob.hears('bob alone')
  await redis.restart()
  await Promise.all([ann.hears('bob alone'), bob.hears('ann alone')])
  assert.deepEqual(ann.texts, bob.texts)
  for (const { client } of [ann, bob]) client.close()
  await Promise.all([first.stop(), second.stop()])
  await redis.stop()
})
