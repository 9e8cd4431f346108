/** Connections that are read in turn have a parser in common: nothing of one gets into another. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { H1Connection } from '../../../src/http/h1/connection.ts'
import { ResponseWriter } from '../../../src/http/h1/response-writer.ts'
import { FakeHost } from '../../support/fake-host.ts'

const limits = { requestLine: 8190, fields: 100, fieldSize: 8190, head: 65536, body: 0 }
const writer = new ResponseWriter('', () => 0)

/** A connection, and what its application is asked: method, path, fields and body of each request. */
function listening(): { readonly send: (bytes: Buffer) => void, readonly asked: string[], readonly refused: () => readonly unknown[] } {
  const asked: string[] = []
  const host = new FakeHost((exchange) => {
    const { method, path, fields } = exchange.head
    void (async () => {
      const pieces: Uint8Array[] = []
      for (let piece = await exchange.body.pull(); piece !== null; piece = await exchange.body.pull()) pieces.push(piece)
      asked.push(`${method} ${path} ${fields.join(' ')} ${Buffer.concat(pieces).toString()}`)
      exchange.answer('200 OK', [], Buffer.from(path))
    })()
  })
  const connection = new H1Connection(host, limits, 'http', writer)
  return { send: (bytes) => { connection.receive(bytes, bytes.length) }, asked, refused: () => host.refusals }
}

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

test('requests of several connections that come in pieces, by turns, are each read as if alone', async () => {
  const request = fc.tuple(fc.constantFrom('GET', 'POST'), fc.nat(99), fc.nat(40), fc.nat(2))
  const plan = fc.array(fc.array(request, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 4 })
  await fc.assert(fc.asyncProperty(plan, fc.infiniteStream(fc.nat(1000)), async (requests, random) => {
    const draw = (): number => random.next().value as number
    const connections = requests.map((list, c) => {
      const texts = list.map(([method, path, size, empty], r) => {
        const length = method === 'POST' ? size : 0
        const head = `${method} /${path}?${c}.${r} HTTP/1.1\r\nHost: h${c}\r\nX-Name: ${c}-${r}\r\n`
        return `${'\r\n'.repeat(empty)}${head}${method === 'POST' ? `Content-Length: ${length}\r\n` : ''}\r\n${'b'.repeat(length)}`
      })
      const expected = list.map(([method, path, size], r) => {
        const length = method === 'POST' ? ` content-length ${size}` : ''
        return `${method} /${path} host h${c} x-name ${c}-${r}${length} ${method === 'POST' ? 'b'.repeat(size) : ''}`
      })
      return { ...listening(), rest: Buffer.from(texts.join('')), expected }
    })
    while (connections.some(({ rest }) => rest.length > 0)) {
      const open = connections.filter(({ rest }) => rest.length > 0)
      const one = open[draw() % open.length] as (typeof connections)[number]
      const size = 1 + draw() % 60
      one.send(one.rest.subarray(0, size))
      one.rest = one.rest.subarray(size)
      if (draw() % 2 === 0) await turn()
    }
    for (let turns = 0; turns < 20; turns++) await turn()
    for (const { asked, expected, refused } of connections) {
      assert.deepEqual(refused(), [])
      assert.deepEqual(asked.map((text) => text.toLowerCase()), expected.map((text) => text.toLowerCase()))
    }
  }), { numRuns: 200, seed: 20261128 })
})

test('empty lines before a request count for their connection alone', () => {
  const first = listening()
  first.send(Buffer.from('\r\n'.repeat(8)))
  const second = listening()
  second.send(Buffer.from('\r\n\r\n'))
  assert.deepEqual(second.refused(), [])
  first.send(Buffer.from('\r\n'))
  assert.equal(first.refused().length, 1)
})
