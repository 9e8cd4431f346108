/**
 * What every kind of application must be able to do behind the server, as cases that take one: each kind writes the same
 * specimen in its own words. Each case is run with the application bare, and called by an environ as middleware calls it.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { valuesOf } from './raw-client.ts'
import { ServedApplication } from './served-application.ts'

/**
 * The application answers:
 * - `/hello`: 200, `text/plain;charset=UTF-8`, `hello`, and `X-Kind: specimen`
 * - `/echo`: the request's body, piece by piece as it comes, `application/octet-stream`
 * - `/count`: how many bytes the request's body has, as text
 * - `/seen?query`: JSON, `{ method, url, fields }`: path with query as the handler sees it, fields by lower-case name
 * - `/cookies`: 200 with `Set-Cookie: a=1` and `Set-Cookie: b=2; Path=/`
 * - `/status/N`: the status N, without a body
 * - `/parts`: `one`, and when `release()` is called `two`
 * - `/large`: as many blocks of 64 KiB as `?blocks=N` says, counted in `made`
 * - `/throws`: throws `specimen error`; `/rejects`: a promise is rejected with it
 * - `/breaks`: the body fails with `specimen error` behind its first block, `first`
 * - `/waits`: is not answered; `/endless`: `first`, and then no further block. Both call `gone` when the client has gone
 * - `/injects`: sets a header `X-Bad` to `a\r\nInjected: yes`
 * - `/hints`: an interim 103 with `Link: </a.css>; rel=preload`, then 200
 */
export interface Specimen {
  readonly application: WSGIApplication
  /** Lets `/parts` go on. */
  release(): void
  /** Blocks of `/large` so far. */
  readonly made: number
  /** Resolves when `/waits` or `/endless` was told that its client has gone. */
  readonly gone: Promise<void>
}

interface Case {
  readonly name: string
  check(served: ServedApplication, specimen: Specimen): Promise<void>
  /** What the log gets, by its message. */
  readonly errors?: readonly (string | RegExp)[]
}

const BLOCK = 65_536
/** What kernel buffers on both sides of a loopback connection may hold, with room to spare. */
const BUFFERS = 24 * 1024 * 1024

export const kindCases: readonly Case[] = [
  {
    name: 'an answer has its status, its headers and its length',
    async check(served) {
      const answer = await served.get('/hello')
      assert.equal(answer.status, 200)
      assert.equal(answer.reason, 'OK')
      assert.deepEqual(valuesOf(answer, 'x-kind'), ['specimen'])
      assert.match(valuesOf(answer, 'content-type').join(), /^text\/plain; ?charset=utf-8$/i)
      assert.deepEqual(valuesOf(answer, 'content-length'), ['5'])
      assert.equal(answer.body.toString(), 'hello')
    },
  },
  {
    name: 'HEAD has the headers of GET, and no body',
    async check(served) {
      const answer = await served.request('HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n')
      assert.equal(answer.status, 200)
      assert.deepEqual(valuesOf(answer, 'content-length'), ['5'])
      assert.equal(answer.body.length, 0)
    },
  },
  {
    name: 'a connection is kept, and answers come in the order of their requests',
    async check(served) {
      const client = await served.client()
      await client.send('GET /hello HTTP/1.1\r\nHost: h\r\n\r\nPOST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /hello HTTP/1.1\r\nHost: h\r\n\r\n')
      const bodies = [await client.response(), await client.response(), await client.response()].map(({ body }) => body.toString())
      assert.deepEqual(bodies, ['hello', '3', 'hello'])
    },
  },
  {
    name: 'a request is seen as it was sent',
    async check(served) {
      const answer = await served.get('/seen?a=b%20c&a=d', 'X-One: 1', 'X-Two: \xe9', 'Cookie: a=1')
      const { method, url, fields } = JSON.parse(answer.body.toString()) as { method: string, url: string, fields: Record<string, string> }
      assert.equal(method, 'GET')
      assert.equal(url, '/seen?a=b%20c&a=d')
      assert.equal(fields['x-one'], '1')
      assert.equal(fields['x-two'], '\xe9')
      assert.equal(fields.cookie, 'a=1')
      assert.equal(fields.host, 'a.example')
    },
  },
  {
    name: 'a body comes back as it was sent, with a length and in chunks',
    async check(served) {
      const whole = await served.request('POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n', 'abc', Buffer.from([0, 1, 255]))
      assert.deepEqual([...whole.body], [0x61, 0x62, 0x63, 0, 1, 255])
      const chunked = await served.request('POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n', '3\r\nabc\r\n', '2\r\nde\r\n0\r\n\r\n')
      assert.equal(chunked.body.toString(), 'abcde')
    },
  },
  {
    name: 'a body of 32 MiB is counted, on HTTP/1.0 too',
    async check(served) {
      const size = 32 * 1024 * 1024
      const answer = await served.request(`POST /count HTTP/1.0\r\nContent-Length: ${size}\r\n\r\n`, Buffer.alloc(size))
      assert.equal(answer.body.toString(), String(size))
    },
  },
  {
    name: 'a client that waits for 100 Continue gets it when the body is read',
    async check(served) {
      const client = await served.client()
      await client.send('POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n')
      assert.equal((await client.response('POST')).status, 100)
      await client.send('abc')
      assert.equal((await client.response('POST')).body.toString(), '3')
    },
  },
  {
    name: 'cookies are fields of their own',
    async check(served) {
      assert.deepEqual(valuesOf(await served.get('/cookies'), 'set-cookie'), ['a=1', 'b=2; Path=/'])
    },
  },
  {
    name: 'a status without a body has none, and the connection stays in step',
    async check(served) {
      const client = await served.client()
      for (const status of [204, 304, 205, 404]) {
        await client.send(`GET /status/${status} HTTP/1.1\r\nHost: h\r\n\r\n`)
        const answer = await client.response()
        assert.equal(answer.status, status)
        assert.equal(answer.body.length, 0)
        assert.deepEqual(valuesOf(answer, 'transfer-encoding'), [])
      }
    },
  },
  {
    name: 'a block is sent before the next is there',
    async check(served, specimen) {
      const client = await served.client()
      await client.send('GET /parts HTTP/1.1\r\nHost: h\r\n\r\n')
      let before = ''
      while (!before.includes('one')) before += (await client.bytes()).toString('latin1')
      assert.doesNotMatch(before, /two/)
      specimen.release()
      let behind = ''
      while (!behind.endsWith('0\r\n\r\n')) behind += (await client.bytes()).toString('latin1')
      assert.match(behind, /two/)
    },
  },
  {
    name: 'a large body comes whole',
    async check(served, specimen) {
      const answer = await served.get('/large?blocks=100')
      assert.equal(answer.body.length, 100 * BLOCK)
      assert.equal(specimen.made, 100)
    },
  },
  {
    name: 'a body is not made faster than a slow client takes it',
    async check(served, specimen) {
      const client = await served.client()
      client.pause()
      await client.send('GET /large?blocks=16384 HTTP/1.1\r\nHost: h\r\n\r\n')
      // A gigabyte that nobody holds back would be made while others are served.
      for (let i = 0; i < 50; i++) assert.equal((await served.get('/hello')).status, 200)
      assert.ok(specimen.made > 0)
      assert.ok(specimen.made * BLOCK < BUFFERS, `${specimen.made} blocks were made for a client that reads nothing`)
      client.destroy()
    },
  },
  {
    name: 'what is thrown is a bare 500, and the connection is kept',
    async check(served) {
      const client = await served.client()
      for (const path of ['/throws', '/rejects', '/throws']) {
        await client.send(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`)
        const answer = await client.response()
        assert.equal(answer.status, 500)
        assert.doesNotMatch(answer.body.toString(), /specimen/)
      }
    },
    errors: ['specimen error', 'specimen error', 'specimen error'],
  },
  {
    name: 'a body that fails is cut, so that the client sees it',
    async check(served) {
      const client = await served.client()
      await client.send('GET /breaks HTTP/1.1\r\nHost: h\r\n\r\n')
      const all = (await client.untilClosed()).toString('latin1')
      assert.match(all, /^HTTP\/1\.1 200 OK\r\n/)
      assert.match(all, /first/)
      assert.doesNotMatch(all, /\r\n0\r\n\r\n$/)
    },
    errors: ['specimen error'],
  },
  {
    name: 'a handler that waits is told when the client goes',
    async check(served, specimen) {
      const client = await served.client()
      await client.send('GET /waits HTTP/1.1\r\nHost: h\r\n\r\n')
      // The request is there when a later one, of another client, has been answered.
      await served.get('/hello')
      client.destroy()
      await specimen.gone
    },
  },
  {
    name: 'a body that waits is told when the client goes',
    async check(served, specimen) {
      const client = await served.client()
      await client.send('GET /endless HTTP/1.1\r\nHost: h\r\n\r\n')
      while (!(await client.bytes()).includes('first'));
      client.reset()
      await specimen.gone
    },
  },
  {
    name: 'a header that would end its line goes nowhere',
    async check(served) {
      const answer = await served.get('/injects')
      assert.equal(answer.status, 500)
      assert.doesNotMatch(answer.head, /injected/i)
    },
    errors: [/./],
  },
  {
    name: 'an interim answer comes before the final one',
    async check(served) {
      const client = await served.client()
      await client.send('GET /hints HTTP/1.1\r\nHost: h\r\n\r\n')
      const interim = await client.response()
      assert.equal(interim.status, 103)
      assert.deepEqual(valuesOf(interim, 'link'), ['</a.css>; rel=preload'])
      assert.equal((await client.response()).status, 200)
    },
  },
]

/** Declares the cases for a kind. */
export function testKind(kind: string, specimen: () => Specimen): void {
  const ways: readonly [string, (application: WSGIApplication) => WSGIApplication][] = [
    ['directly', (application) => application],
    ['by an environ', (application) => (environ, startResponse) => application(environ, startResponse)],
  ]
  for (const [way, around] of ways) {
    describe(`${kind}, called ${way}`, () => {
      for (const { name, check, errors = [] } of kindCases) {
        test(name, async () => {
          const made = specimen()
          await using served = await ServedApplication.start(around(made.application))
          await check(served, made)
          assert.equal(served.errors.length, errors.length, served.errors.join('; '))
          for (const [i, error] of errors.entries()) assert.match(served.errors[i] as string, new RegExp(error))
        })
      }
    })
  }
}
