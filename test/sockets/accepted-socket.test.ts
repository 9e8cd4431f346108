import assert from 'node:assert/strict'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import { readInto, sendProgress, SHARED, supportsOnread, type Receive } from '../../src/sockets/accepted-socket.ts'

interface Pair {
  readonly server: Server
  readonly client: Socket
  readonly accepted: Socket
}

async function pair(way: 'onread' | 'events', receive: Receive): Promise<Pair> {
  let take: ((socket: Socket) => void) | undefined
  const accepted = new Promise<Socket>((resolve) => { take = resolve })
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => take?.(readInto(socket, server, receive, way)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(client, 'connect')
  return { server, client, accepted: await accepted }
}

test('this Node has what the fast way of reading relies on', () => {
  assert.equal(supportsOnread(), true)
})

for (const way of ['onread', 'events'] as const) {
  test(`bytes arrive in order, both ways, and the server's close() ends when the socket does (${way})`, async () => {
    const received: string[] = []
    const { server, client, accepted } = await pair(way, (bytes, length) => {
      received.push(bytes.toString('latin1', 0, length))
      return undefined
    })
    assert.match(accepted.remoteAddress ?? '', /127\.0\.0\.1/)
    for (const text of ['one', 'two', 'three']) {
      client.write(text)
      while (!received.join('').endsWith(text)) await new Promise((resolve) => setImmediate(resolve))
    }
    accepted.write('answer')
    const [answer] = await once(client, 'data') as [Buffer]
    assert.equal(answer.toString(), 'answer')
    const closed = new Promise<void>((resolve) => { server.close(() => resolve()) })
    const ended = once(accepted, 'end')
    client.end()
    await ended
    accepted.end()
    await closed
    assert.equal(received.join(''), 'onetwothree')
  })

  test(`pause() stops reading, resume() goes on (${way})`, async () => {
    let bytesReceived = 0
    const { server, client, accepted } = await pair(way, (_bytes, length) => {
      bytesReceived += length
      return undefined
    })
    accepted.pause()
    client.write(Buffer.alloc(500_000))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const held = bytesReceived
    assert.ok(held <= SHARED.length, `${held} bytes while paused`)
    accepted.resume()
    while (bytesReceived < 500_000) await new Promise((resolve) => setImmediate(resolve))
    client.destroy()
    accepted.destroy()
    server.close()
    await once(server, 'close')
  })

  test(`a client that resets is told by an error and by close (${way})`, async () => {
    const { server, client, accepted } = await pair(way, () => undefined)
    const failed = once(accepted, 'error').catch((error: unknown) => [error])
    client.resetAndDestroy()
    const [error] = await failed as [NodeJS.ErrnoException]
    assert.equal(error.code, 'ECONNRESET')
    server.close()
    await once(server, 'close')
  })

  test(`sendProgress() changes as the client takes bytes, and stands still while it does not (${way})`, async () => {
    const { server, client, accepted } = await pair(way, () => undefined)
    client.pause()
    const total = 20_000_000
    accepted.write(Buffer.alloc(total))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const stuck = sendProgress(accepted)
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(sendProgress(accepted), stuck)
    assert.ok(stuck < total)
    client.resume()
    await once(accepted, 'drain')
    assert.equal(sendProgress(accepted), total)
    client.destroy()
    accepted.destroy()
    server.close()
    await once(server, 'close')
  })
}

test('a buffer that is returned is the one of the next read; without one the last is used again', async () => {
  const own = Buffer.alloc(10)
  const seen: [Buffer, number][] = []
  const { server, client, accepted } = await pair('onread', (bytes, length) => {
    seen.push([bytes, length])
    return seen.length === 1 ? own : seen.length === 3 ? SHARED : undefined
  })
  for (let i = 1; i <= 4; i++) {
    client.write(`piece ${i}`)
    while (seen.length < i) await new Promise((resolve) => setImmediate(resolve))
  }
  assert.deepEqual(seen.map(([bytes]) => (bytes === SHARED ? 'shared' : bytes === own ? 'own' : 'other')), ['shared', 'own', 'own', 'shared'])
  assert.equal(own.toString('latin1', 0, 7), 'piece 3')
  client.destroy()
  accepted.destroy()
  server.close()
  await once(server, 'close')
})
