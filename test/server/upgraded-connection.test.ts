/**
 * A connection that has left HTTP is a socket like any other. Frames that go past its queue stay in order with what goes through
 * it, and are counted while they wait.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isDirect, sendDirect, sendingOf } from '../../src/gateway/direct-stream.ts'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import type { RawClient } from '../support/raw-client.ts'
import { secureClient } from '../support/secure-client.ts'
import { ServedApplication } from '../support/served-application.ts'

const directory = mkdtempSync(join(tmpdir(), 'pulsar-upgraded-'))
after(() => rmSync(directory, { recursive: true }))
const certificate = writeCertificate(directory, 'server', makeCertificate({ name: 'localhost' }))

const HEAD = 'GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n'

interface Upgraded {
  readonly served: ServedApplication
  readonly client: RawClient
  readonly stream: Socket
}

/** A server whose every connection is upgraded, and the stream of the first. */
async function upgraded(wire: 'plain' | 'tls' = 'plain', behind = '', ready: (client: RawClient) => unknown = () => undefined): Promise<Upgraded> {
  let give: (stream: Socket) => void = () => undefined
  let goOn: () => void = () => undefined
  const given = new Promise<Socket>((resolve) => { give = resolve })
  const clientReady = new Promise<void>((resolve) => { goOn = resolve })
  const served = await ServedApplication.start(async (environ) => {
    await clientReady
    const stream = environ['pulsar.connection'].upgrade('101 Switching Protocols', [['Connection', 'Upgrade'], ['Upgrade', 'test']])
    give(stream as Socket)
    return []
  }, wire === 'tls' ? certificate : {})
  const client = wire === 'tls' ? (await secureClient(served.port)).raw : await served.client()
  await client.send(HEAD + behind)
  await ready(client)
  goOn()
  const { status } = await client.response()
  assert.equal(status, 101)
  return { served, client, stream: await given }
}

/** To its end; unlike an iterator it leaves the other direction open. */
async function read(stream: Socket): Promise<string> {
  const pieces: Buffer[] = []
  stream.on('data', (bytes: Buffer) => pieces.push(bytes))
  await once(stream, 'end')
  return Buffer.concat(pieces).toString()
}

test('what is sent past the queue and what is written through it comes in order', async () => {
  const { served, client, stream } = await upgraded()
  await using _ = served
  const pieces = Array.from({ length: 600 }, (_unused, i) => Buffer.alloc(20_000, String.fromCharCode(65 + i % 26)))
  let told = true
  for (const [i, piece] of pieces.entries()) told = i % 3 === 0 ? stream.write(piece) : sendDirect(stream, piece)
  assert.equal(told, false)
  // All but one piece wait where they are counted.
  assert.ok(sendingOf(stream) <= 20_000, String(sendingOf(stream)))
  assert.ok(stream.writableLength > 100 * 20_000, String(stream.writableLength))
  const drained = once(stream, 'drain')
  const got = await client.bytes(600 * 20_000)
  assert.ok(got.equals(Buffer.concat(pieces)))
  await drained
  assert.equal(sendingOf(stream) + stream.writableLength, 0)
  stream.destroy()
})

for (const wire of ['plain', 'tls'] as const) {
  test(`what was read past the head comes first, then the rest, then the end (${wire})`, async () => {
    const { served, client, stream } = await upgraded(wire, 'early ')
    await using _ = served
    // TLS takes one write at a time: there all goes through the queue.
    assert.equal(isDirect(stream), wire === 'plain')
    await client.send('late')
    const all = read(stream)
    client.end()
    assert.equal(await all, 'early late')
    stream.end('answered')
    assert.equal((await client.untilClosed()).toString(), 'answered')
  })

  test(`who does not read is not read for (${wire})`, async () => {
    const { served, client, stream } = await upgraded(wire)
    await using _ = served
    const size = 32 << 20
    const sent = client.send(Buffer.alloc(size, 'x').toString())
    // Nothing is listened for: what was read waits, within the stream's bound and one read of 64 KiB.
    while (stream.readableLength === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.ok(stream.readableLength <= stream.readableHighWaterMark + 65536, String(stream.readableLength))
    let got = 0
    for await (const bytes of stream) {
      got += (bytes as Buffer).length
      if (got === size) break
    }
    await sent
    assert.equal(got, size)
  })
}

test('a connection that breaks ends nothing else, though nobody listens for it', async () => {
  const { served, client, stream } = await upgraded()
  await using _ = served
  const closed = new Promise((resolve) => { stream.on('close', resolve) })
  stream.resume()
  client.reset()
  await closed
  const other = await served.client()
  await other.send(HEAD)
  assert.equal((await other.response()).status, 101)
  other.destroy()
})

test('one large piece past the queue is told when it has left', async () => {
  const { served, client, stream } = await upgraded()
  await using _ = served
  const large = Buffer.alloc(8_000_000, 'x')
  assert.equal(sendDirect(stream, large), false)
  assert.equal(sendingOf(stream), large.length)
  const drained = once(stream, 'drain')
  assert.ok((await client.bytes(large.length)).equals(large))
  await drained
  assert.equal(sendingOf(stream), 0)
  stream.destroy()
})

test('after its end nothing is sent', async () => {
  const { served, client, stream } = await upgraded()
  await using _ = served
  const failed = new Promise<Error>((resolve) => { stream.once('error', resolve) })
  stream.end('last')
  sendDirect(stream, Buffer.from('too late'))
  assert.equal((await failed as NodeJS.ErrnoException).code, 'ERR_STREAM_WRITE_AFTER_END')
  assert.doesNotMatch((await client.untilClosed()).toString(), /too late/)
})

test('a client that had ended its side is still written to, and what it sent behind the head is read', async () => {
  const { served, client, stream } = await upgraded('plain', 'early', async (half) => {
    half.end()
    // Its end has to be here before the application goes on.
    await new Promise((resolve) => setTimeout(resolve, 100))
  })
  await using _ = served
  assert.equal(await read(stream), 'early')
  stream.end('answered')
  assert.equal((await client.untilClosed()).toString(), 'answered')
})
