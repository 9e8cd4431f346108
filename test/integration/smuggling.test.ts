/** Smuggling where the whole connection matters: what the server answers, and what an application gets to see. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { causes, type CauseName } from '../../src/http/causes.ts'
import { valuesOf } from '../support/raw-client.ts'
import { requestCases, type ReadMessage } from '../support/request-cases.ts'
import { bareRule } from '../support/served-application.ts'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'

/** What an application saw, all of it and by the client's port: method, target, and the body where it reads it. */
function watching(reads: boolean): { application: WSGIApplication; seen: string[]; seenFrom: Map<string, string[]> } {
  const seenFrom = new Map<string, string[]>()
  const all: string[] = []
  const application: WSGIApplication = async (environ, startResponse) => {
    const request = `${environ.REQUEST_METHOD} ${environ.RAW_URI}`
    const seen = seenFrom.get(`${environ.REMOTE_PORT}`) ?? []
    seenFrom.set(`${environ.REMOTE_PORT}`, seen)
    const at = seen.push(request) - 1
    const inAll = all.push(request) - 1
    if (reads) seen[at] = all[inAll] = `${request} ${(await environ['wsgi.input'].read()).toString('latin1')}`
    startResponse('200 OK', [['X-Request', request]])
    return [Buffer.from('seen')]
  }
  return { application, seen: all, seenFrom }
}

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n'
const next = 'GET /next HTTP/1.1\r\nHost: h\r\n\r\n'
const withLength = `POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: ${smuggled.length}\r\n`
const inChunks = 'POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n'
const chunk = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`

const bodies: readonly (readonly [name: string, head: string, body: string])[] = [
  ['of a length', `${withLength}\r\n`, smuggled],
  ['in chunks', `${inChunks}\r\n`, chunk],
]

for (const [name, head, body] of bodies) {
  for (const reads of [true, false]) {
    const how = reads ? 'that is read' : 'that nobody reads'
    for (const [when, pieces] of [
      ['in one piece', [head + body + next]],
      ['behind its head', [head, body, next]],
      ['cut within', [head + body.slice(0, 9), body.slice(9) + next]],
    ] as const) {
      bareRule(`CL.0: a request in a body ${name} ${how} is no request, ${when}`, async (serve) => {
        const { application, seen } = watching(reads)
        const client = await (await serve(application)).client()
        await client.send(...pieces)
        assert.deepEqual(valuesOf(await client.response('POST'), 'x-request'), ['POST /first'])
        assert.deepEqual(valuesOf(await client.response(), 'x-request'), ['GET /next'])
        await delay(20)
        assert.equal(client.received().length, 0)
        assert.deepEqual(seen, reads ? [`POST /first ${smuggled}`, 'GET /next '] : ['POST /first', 'GET /next'])
      })
    }
  }
}

bareRule('a body that comes long after its answer is still a body', async (serve) => {
  const { application, seen } = watching(false)
  const client = await (await serve(application)).client()
  await client.send(`${withLength}\r\n`)
  assert.equal((await client.response('POST')).status, 200)
  await delay(30)
  await client.send(smuggled.slice(0, 5), smuggled.slice(5), next)
  assert.deepEqual(valuesOf(await client.response(), 'x-request'), ['GET /next'])
  assert.deepEqual(seen, ['POST /first', 'GET /next'])
})

bareRule('an unread body that is too long to throw away ends the connection: none of it is read as a request', async (serve) => {
  const { application, seen } = watching(false)
  const client = await (await serve(application)).client()
  await client.send(`POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n`, smuggled.repeat(3000))
  const answer = await client.response('POST')
  assert.deepEqual([answer.status, ...valuesOf(answer, 'connection')], [200, 'close'])
  await client.untilClosed()
  assert.equal(client.received().length, 0)
  assert.deepEqual(seen, ['POST /first'])
})

for (const [when, pieces] of [
  ['that comes at once', [`${withLength}Expect: 100-continue\r\n\r\n${smuggled}${next}`]],
  ['that comes later', [`${withLength}Expect: 100-continue\r\n\r\n`, smuggled, next]],
] as const) {
  bareRule(`a body ${when} although nobody asked for it is not read as a request (RFC 9110 section 10.1.1)`, async (serve) => {
    const { application, seen } = watching(false)
    const client = await (await serve(application)).client()
    await client.send(...pieces)
    const first = await client.response('POST')
    assert.equal(first.status, 200)
    await client.send('')
    if (valuesOf(first, 'connection').includes('close')) await client.untilClosed()
    else assert.deepEqual(valuesOf(await client.response(), 'x-request'), ['GET /next'])
    assert.equal(client.received().length, 0)
    assert.ok(
      seen.every((request) => !request.includes('/smuggled')),
      seen.join(),
    )
  })
}

bareRule('an answer to HEAD leaves no body for the next answer to begin with', async (serve) => {
  const client = await (await serve(watching(true).application)).client()
  await client.send('HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n' + next)
  assert.equal((await client.response('HEAD')).body.length, 0)
  assert.deepEqual(valuesOf(await client.response(), 'x-request'), ['GET /next'])
})

bareRule('what follows a request that closes is not read', async (serve) => {
  const { application, seen } = watching(true)
  const client = await (await serve(application)).client()
  await client.send(`GET /first HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n${smuggled}`)
  assert.equal((await client.response()).status, 200)
  await client.untilClosed()
  assert.equal(client.received().length, 0)
  assert.deepEqual(seen, ['GET /first '])
})

// Every payload of the corpus ----------------------------------------------------------------------------------------------------------

const payloads = requestCases().filter(({ file }) => file.startsWith('smuggling-'))

/** The answers that are due: one for each message that is whole, up to one that closes, and one for what is refused. */
function due(
  messages: readonly ReadMessage[],
  outcome: (typeof payloads)[number]['outcome'],
): { answers: { method: string; status: number }[]; closes: boolean } {
  const answers: { method: string; status: number }[] = []
  for (const { method, ended, persistent } of messages) {
    if (!ended) break
    const tunnel = method === 'CONNECT'
    answers.push({ method, status: tunnel ? 501 : 200 })
    if (tunnel || !persistent) return { answers, closes: true }
  }
  if (typeof outcome === 'string') return { answers, closes: false }
  const status = causes[outcome.refused as CauseName].status
  answers.push({ method: messages.at(-1)?.ended === false ? (messages.at(-1)?.method ?? 'GET') : 'GET', status })
  return { answers, closes: true }
}

bareRule(
  `each of ${payloads.length} payloads gets the answers that are due, and the application sees what was read`,
  async (serve) => {
    const { application, seenFrom } = watching(true)
    const served = await serve(application)
    for (const { name, input, messages, outcome } of payloads) {
      const { answers, closes } = due(messages, outcome)
      const client = await served.client()
      await client.send(input)
      for (const [i, { method, status }] of answers.entries()) {
        const answer = await client.finalResponse(method)
        assert.equal(answer.status, status, name)
        assert.deepEqual(valuesOf(answer, 'connection'), closes && i === answers.length - 1 ? ['close'] : [], name)
      }
      if (closes) await client.untilClosed()
      assert.equal(client.received().length, 0, `${name}: ${client.received().toString('latin1')}`)
      const whole = messages.filter(({ ended }) => ended).map(({ method, target, data }) => `${method} ${target} ${data}`)
      const seen = seenFrom.get(`${client.socket.localPort}`) ?? []
      assert.deepEqual(seen.slice(0, whole.length), whole, name)
      assert.ok(seen.length <= messages.length, name)
      client.destroy()
    }
  },
)
