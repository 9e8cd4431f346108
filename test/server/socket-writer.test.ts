import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { SocketWriter } from '../../src/server/socket-writer.ts'

interface Pair {
  readonly client: Socket
  readonly accepted: Socket
  readonly writer: SocketWriter
  /** How often the writer said that it goes on. */
  readonly flushed: { count: number }
}

/** Two ends of a connection, and a writer on the server's. */
async function pair(t: TestContext): Promise<Pair> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const connection = once(server, 'connection') as Promise<[Socket]>
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [accepted] = await connection
  t.after(() => {
    client.destroy()
    accepted.destroy()
    server.close()
  })
  const flushed = { count: 0 }
  const writer = new SocketWriter(accepted, { flushed: () => { flushed.count++ } })
  accepted.on('drain', () => { flushed.count++ })
  return { client, accepted, writer, flushed }
}

async function readTo(client: Socket, length: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let got = 0
  while (got < length) {
    const [piece] = await once(client, 'data') as [Buffer]
    pieces.push(piece)
    got += piece.length
  }
  return Buffer.concat(pieces)
}

test('what a client takes at once leaves nothing behind, and the writer may go on', async (t) => {
  const { client, accepted, writer } = await pair(t)
  assert.equal(writer.write('h\xe9llo '), true)
  assert.equal(writer.busy, false)
  assert.equal(accepted.writableLength, 0)
  assert.equal(writer.write(Buffer.from('bytes')), true)
  assert.equal((await readTo(client, 11)).toString('latin1'), 'h\xe9llo bytes')
})

test('text, bytes, blocks behind a text and what the stream itself has queued arrive in the order written', async (t) => {
  const { client, accepted, writer } = await pair(t)
  client.pause()
  const expected: Buffer[] = []
  const put = (text: string): void => {
    expected.push(Buffer.from(text, 'latin1'))
    writer.write(text)
  }
  for (let i = 0; i < 60; i++) {
    put(`${i}:${'a'.repeat(100_000)}`)
    const blocks = [Buffer.alloc(50_000, i), Buffer.from(`b${i}`)]
    expected.push(Buffer.from(`\xe9${i};`, 'latin1'), ...blocks, ...blocks)
    writer.writeBlocks(`\xe9${i};`, blocks)
    writer.writeBlocks('', blocks)
    if (i % 7 === 0) {
      const queued = Buffer.from(`stream ${i}`)
      expected.push(queued)
      accepted.write(queued)
    }
  }
  assert.equal(writer.busy, true)
  const all = Buffer.concat(expected)
  const read = readTo(client, all.length)
  client.resume()
  assert.ok((await read).equals(all))
})

test('a slow client is told of, and once it has taken what was sent the writer is told to go on', async (t) => {
  const { client, writer, flushed } = await pair(t)
  client.pause()
  const block = Buffer.alloc(1_000_000, 1)
  let written = 0
  for (let more = true; more && written < 100;) {
    more = writer.write(block)
    written++
  }
  assert.ok(written < 100)
  assert.equal(writer.busy, true)
  assert.equal(flushed.count, 0)
  const read = readTo(client, written * block.length)
  client.resume()
  await read
  while (flushed.count === 0) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(writer.busy, false)
  assert.equal(writer.write('on'), true)
})

test('end() sends what is still on its way before it', async (t) => {
  const { client, accepted, writer } = await pair(t)
  client.pause()
  const block = Buffer.alloc(8_000_000, 2)
  writer.write(block)
  accepted.destroySoon()
  const read = readTo(client, block.length)
  const ended = once(client, 'end')
  client.resume()
  assert.ok((await read).equals(block))
  await ended
})

test('a client that is gone closes the socket, and writing to it then is no error', async (t) => {
  const { client, accepted, writer } = await pair(t)
  const closed = once(accepted, 'close').catch(() => undefined)
  accepted.on('error', () => undefined)
  client.resetAndDestroy()
  while (!accepted.destroyed) {
    writer.write('x'.repeat(1000))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await closed
  assert.equal(writer.write('late'), false)
})
