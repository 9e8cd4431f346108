import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ServedApplication } from '../support/served-application.ts'
import { WsgiHandler } from '../../src/web/wsgi-handler.ts'
import { WebSocket } from '../../src/ws/websocket.ts'
import { BINARY, CLOSE, closing, frame, FrameClient, PING, PONG } from './frame-client.ts'

const echo = new WsgiHandler([new WebSocket('/', { onMessage: (ws, text) => ws.write(text), onBytes: (ws, bytes) => ws.write(bytes) }, { maxMessage: 4096, closeTimeout: 0.2 })])

/** Cuts bytes at some places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...[...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end)).filter((piece) => piece.length > 0)
}

test('messages in any fragments, with pings between them, in any packets, come back whole and in order', async () => {
  await using served = await ServedApplication.start(echo)
  const message = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 })
  await fc.assert(fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 6 }), fc.array(fc.nat(), { maxLength: 20 }), async (messages, places) => {
    const { client } = await FrameClient.open(served.port, '/')
    const sent = messages.flatMap((pieces) => pieces.flatMap((piece, i) => [
      frame(i === 0 ? BINARY : 0, piece, { fin: i === pieces.length - 1 }), frame(PING, `ping ${i}`),
    ]))
    await client.send(...cut(Buffer.concat([...sent, frame(CLOSE, closing(1000))]), places))
    const back: Buffer[] = []
    let pongs = 0
    let next = await client.next()
    for (; next !== null && next.opcode !== CLOSE; next = await client.next()) {
      if (next.opcode === PONG) pongs++
      else back.push(next.payload)
    }
    assert.deepEqual(back.map(String), messages.map((pieces) => String(Buffer.concat(pieces))))
    assert.equal(pongs, messages.flat().length)
    assert.deepEqual(next?.payload, closing(1000))
    client.raw.destroy()
  }), { numRuns: 60 })
  assert.deepEqual(served.errors, [])
})

test('whatever bytes come, every answer is a right frame, and nothing of it harms the server', async () => {
  await using served = await ServedApplication.start(echo)
  const wrong = fc.record({
    opcode: fc.nat(15), payload: fc.uint8Array({ maxLength: 200 }), fin: fc.boolean(), mask: fc.boolean(), rsv: fc.constantFrom(0, 0, 0, 1, 4),
    length: fc.option(fc.nat(100_000), { nil: undefined, freq: 4 }),
  }).map(({ opcode, payload, length, ...options }) => frame(opcode, payload, length === undefined ? options : { ...options, length }))
  const piece = fc.oneof(wrong, fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)))
  await fc.assert(fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 6 }), fc.array(fc.nat(), { maxLength: 8 }), async (pieces, places) => {
    const { client } = await FrameClient.open(served.port, '/')
    await client.send(...cut(Buffer.concat(pieces), places))
    client.raw.end()
    for (let next = await client.next(); next !== null; next = await client.next()) {
      assert.ok(next.fin && next.rsv === 0 && [1, 2, CLOSE, PONG].includes(next.opcode))
      if (next.opcode === CLOSE && next.payload.length > 0) {
        const code = next.payload.readUInt16BE()
        // Ours, or that of a close frame that came about by chance: never one that must not be sent (RFC 6455 section 7.4.1).
        assert.ok((code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999), String(code))
      }
    }
    client.raw.destroy()
  }), { numRuns: 150 })
  const { client, answer } = await FrameClient.open(served.port, '/')
  assert.equal(answer.status, 101)
  await client.close()
  assert.deepEqual(served.errors, [])
})
