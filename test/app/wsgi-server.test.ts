import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SettingsError, WSGIServer, type StartResponse, type Environ } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'

const quiet = { loadConfig: false, bind: '127.0.0.1:0', logLevel: 'none' } as const

function hello(_environ: Environ, startResponse: StartResponse): [Buffer] {
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from('hello')]
}

async function statusAt(where: number | { path: string }): Promise<number> {
  const client = await RawClient.connect(where)
  await client.send('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
  const { status } = await client.response()
  client.destroy()
  return status
}

test('a server starts on port 0, tells its address, and closes', async () => {
  const server = new WSGIServer(hello, quiet)
  assert.equal(server.addresses.length, 0)
  await server.start()
  const [address] = server.addresses
  assert.ok(address?.kind === 'tcp' && address.port > 0)
  assert.equal(await statusAt(address.port), 200)
  await server.close()
  assert.equal(server.addresses.length, 0)
  await assert.rejects(RawClient.connect(address.port), /ECONNREFUSED/)
})

test('several addresses are served by one server', async () => {
  const server = new WSGIServer(hello, { ...quiet, bind: ['127.0.0.1:0', '[::1]:0'] })
  await server.start()
  assert.equal(server.addresses.length, 2)
  for (const address of server.addresses) {
    assert.ok(address.kind === 'tcp')
    const client = await RawClient.connect({ host: address.host ?? 'localhost', port: address.port })
    await client.send('GET / HTTP/1.0\r\n\r\n')
    assert.equal((await client.response()).status, 200)
    client.destroy()
  }
  await server.close()
})

test('a unix socket is served, replaced where nobody listens, and refused where somebody does', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pulsar-'))
  const path = join(directory, 'app.sock')
  try {
    const stale = createServer().listen(path)
    await new Promise((resolve) => stale.once('listening', resolve))
    // A server that is killed leaves its file: closed without Node's tidying up.
    const handle = (stale as unknown as { _handle: { close(): void, unref(): void } })._handle
    handle.close()
    if (!existsSync(path)) writeFileSync(join(directory, 'note'), 'the file was removed with the handle')
    const server = new WSGIServer(hello, { ...quiet, bind: `unix:${path}` })
    await server.start()
    assert.equal(await statusAt({ path }), 200)
    await assert.rejects(new WSGIServer(hello, { ...quiet, bind: `unix:${path}` }).start(), /cannot listen on unix:.*the address is in use/)
    assert.equal(await statusAt({ path }), 200, 'the first goes on')
    await server.close()
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('an occupied port is a rejection that names it, and leaves nothing listening', async () => {
  const first = new WSGIServer(hello, quiet)
  await first.start()
  const [taken] = first.addresses
  assert.ok(taken?.kind === 'tcp')
  const second = new WSGIServer(hello, { ...quiet, bind: ['127.0.0.1:0', `127.0.0.1:${taken.port}`] })
  await assert.rejects(second.start(), (error: NodeJS.ErrnoException) => {
    assert.equal(error.code, 'EADDRINUSE')
    assert.match(error.message, new RegExp(`cannot listen on 127\\.0\\.0\\.1:${taken.port}: the address is in use`))
    return true
  })
  assert.deepEqual(second.addresses, [])
  await first.close()
})

test('a bad setting is a rejection that names it', async () => {
  const wrong = { ...quiet, keepAlive: -1 }
  await assert.rejects(new WSGIServer(hello, wrong).start(), (error) => error instanceof SettingsError && /keepAlive \(constructor\)/.test(error.message))
})

test('an unknown setting is a rejection that names the nearest', async () => {
  const wrong = { ...quiet, keepalive: 3 } as typeof quiet
  await assert.rejects(new WSGIServer(hello, wrong).start(), /keepAlive/)
})

test('a callable that is none is refused at once', () => {
  assert.throws(() => new WSGIServer('hello' as unknown as typeof hello), TypeError)
})

test('a server starts once', async () => {
  const server = new WSGIServer(hello, quiet)
  await server.start()
  await assert.rejects(server.start(), /started already/)
  await server.close()
})

test('close() may be called twice, and before the start has ended', async () => {
  const server = new WSGIServer(hello, quiet)
  const starting = server.start()
  await Promise.all([server.close(), server.close()])
  await starting
  assert.equal(server.addresses.length, 0)
})
