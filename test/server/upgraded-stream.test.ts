/** Frames that go past the queue of the stream stay in order with what goes through it, and are counted while they wait. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { DirectStream } from '../../src/gateway/direct-stream.ts'
import { isDirect } from '../../src/gateway/direct-stream.ts'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import type { RawClient } from '../support/raw-client.ts'
import { secureClient } from '../support/secure-client.ts'
import { ServedApplication } from '../support/served-application.ts'

const directory = mkdtempSync(join(tmpdir(), 'pulsar-upgraded-'))
after(() => rmSync(directory, { recursive: true }))
const certificate = writeCertificate(directory, 'server', makeCertificate({ name: 'localhost' }))

/** A server whose every connection is upgraded, and the stream of the first. */
async function upgraded(wire: 'plain' | 'tls' = 'plain'): Promise<{ readonly served: ServedApplication, readonly client: RawClient, readonly stream: DirectStream }> {
  let give: (stream: DirectStream) => void = () => undefined
  const given = new Promise<DirectStream>((resolve) => { give = resolve })
  const served = await ServedApplication.start((environ) => {
    const stream = environ['pulsar.connection'].upgrade('101 Switching Protocols', [['Connection', 'Upgrade'], ['Upgrade', 'test']])
    assert.ok(isDirect(stream))
    give(stream)
    return []
  }, wire === 'tls' ? certificate : {})
  const client = wire === 'tls' ? (await secureClient(served.port)).raw : await served.client()
  await client.send('GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n')
  const { status } = await client.response()
  assert.equal(status, 101)
  return { served, client, stream: await given }
}

for (const wire of ['plain', 'tls'] as const) test(`what is sent past the queue and what is written through it comes in order (${wire})`, async () => {
  const { served, client, stream } = await upgraded(wire)
  await using _ = served
  const pieces = Array.from({ length: 300 }, (_unused, i) => Buffer.alloc(20_000, String.fromCharCode(65 + i % 26)))
  let told = true
  for (const [i, piece] of pieces.entries()) told = i % 3 === 0 ? stream.write(piece) : stream.send(piece)
  assert.equal(told, false)
  // In TLS writes go one at a time: without the queue two would meet.
  if (wire === 'tls') assert.equal(stream.sending, 0)
  // All but one piece wait where they are counted.
  assert.ok(stream.sending <= 20_000, String(stream.sending))
  assert.ok(stream.writableLength > 100 * 20_000, String(stream.writableLength))
  const drained = new Promise((resolve) => { stream.once('drain', resolve) })
  const got = await client.bytes(300 * 20_000)
  assert.ok(got.equals(Buffer.concat(pieces)))
  await drained
  assert.equal(stream.sending + stream.writableLength, 0)
})

test('one large piece past the queue is told when it has left', async () => {
  const { served, client, stream } = await upgraded()
  await using _ = served
  const large = Buffer.alloc(8_000_000, 'x')
  assert.equal(stream.send(large), false)
  assert.equal(stream.sending, large.length)
  const drained = new Promise((resolve) => { stream.once('drain', resolve) })
  assert.ok((await client.bytes(large.length)).equals(large))
  await drained
  assert.equal(stream.sending, 0)
})

test('after its end nothing is sent', async () => {
  const { served, client, stream } = await upgraded()
  await using _ = served
  const failed = new Promise<Error>((resolve) => { stream.once('error', resolve) })
  stream.end('last')
  stream.send(Buffer.from('too late'))
  assert.equal((await failed as NodeJS.ErrnoException).code, 'ERR_STREAM_WRITE_AFTER_END')
  assert.doesNotMatch((await client.untilClosed()).toString(), /too late/)
})
