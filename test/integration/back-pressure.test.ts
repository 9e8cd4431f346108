import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { bareRule } from '../support/served-application.ts'
import type { Environ, StartResponse } from '../../src/gateway/wsgi.ts'

const MiB = 1024 * 1024
/** What kernel buffers on both sides of a loopback connection may hold, with room to spare. */
const BUFFERS = 24 * MiB

for (const kind of ['synchronous', 'asynchronous'] as const) {
  bareRule(`a ${kind} body is not produced faster than a slow client takes it`, async (serve) => {
    const total = 256 * MiB
    let produced = 0
    function* blocks(): Generator<Buffer> {
      for (; produced < total; produced += MiB) yield Buffer.alloc(MiB)
    }
    async function* later(): AsyncGenerator<Buffer> { yield* blocks() }
    const served = await serve((_environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', String(total)]])
      return kind === 'synchronous' ? blocks() : later()
    })
    const client = await served.client()
    client.pause()
    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await delay(300)
    assert.ok(produced < BUFFERS, `produced ${produced} bytes for a client that reads nothing`)
    const paused = produced
    client.socket.removeAllListeners('data')
    let received = 0
    client.socket.on('data', (piece: Buffer) => { received += piece.length })
    client.resume()
    while (received < total) await delay(5)
    assert.ok(produced > paused)
    assert.equal(produced, total)
  })
}

bareRule('write() promises where the client is slow, and goes on when it reads', async (serve) => {
  const total = 64 * MiB
  let produced = 0
  let waited = 0
  const served = await serve(async (_environ, startResponse) => {
    const write = startResponse('200 OK', [['Content-Length', String(total)]])
    for (; produced < total; produced += MiB) {
      const taken = write(Buffer.alloc(MiB))
      if (taken instanceof Promise) waited++
      assert.equal(await taken, MiB)
    }
    return []
  })
  const client = await served.client()
  client.pause()
  await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  await delay(200)
  assert.ok(produced < BUFFERS)
  client.socket.removeAllListeners('data')
  let received = 0
  client.socket.on('data', (piece: Buffer) => { received += piece.length })
  client.resume()
  while (received < total) await delay(5)
  assert.ok(waited > 0)
})

for (const framing of ['length', 'chunked'] as const) {
  bareRule(`an upload (${framing}) is not read faster than the application reads it`, async (serve) => {
    const total = 128 * MiB
    let go: (() => void) | undefined
    const gate = new Promise<void>((resolve) => { go = resolve })
    const served = await serve(async (environ: Environ, startResponse: StartResponse) => {
      const input = environ['wsgi.input']
      let read = (await input.read(10)).length
      await gate
      for (;;) {
        const piece = await input.read(MiB)
        if (piece.length === 0) break
        read += piece.length
      }
      startResponse('200 OK', [])
      return [Buffer.from(String(read))]
    })
    const client = await served.client()
    const header = framing === 'length' ? `Content-Length: ${total}` : 'Transfer-Encoding: chunked'
    await client.send(`POST / HTTP/1.1\r\nHost: h\r\n${header}\r\n\r\n`)
    let sent = 0
    const block = Buffer.alloc(MiB)
    const piece = framing === 'length' ? block : Buffer.concat([Buffer.from(`${MiB.toString(16)}\r\n`), block, Buffer.from('\r\n')])
    const upload = (async () => {
      for (; sent < total; sent += MiB) {
        if (!client.socket.write(piece)) await new Promise((resolve) => client.socket.once('drain', resolve))
      }
      if (framing === 'chunked') client.socket.write('0\r\n\r\n')
    })()
    await delay(300)
    assert.ok(sent < BUFFERS, `took ${sent} bytes for an application that reads nothing`)
    go?.()
    await upload
    assert.equal((await client.response('POST')).body.toString(), String(total))
  })
}

bareRule('a body in chunks of one byte does not fill the memory', async (serve) => {
  const count = 200_000
  let go: (() => void) | undefined
  const gate = new Promise<void>((resolve) => { go = resolve })
  const served = await serve(async (environ: Environ, startResponse: StartResponse) => {
    await gate
    const body = await environ['wsgi.input'].read()
    startResponse('200 OK', [])
    return [Buffer.from(String(body.length))]
  })
  const client = await served.client()
  await client.send(`POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(count)}0\r\n\r\n`)
  await delay(100)
  go?.()
  assert.equal((await client.response('POST')).body.toString(), String(count))
})

bareRule('a synchronous body that is always ready lets others have their turn', async (serve) => {
  const served = await serve((environ, startResponse) => {
    startResponse('200 OK', [])
    if (environ.PATH_INFO === '/quick') return [Buffer.from('quick')]
    return (function* () {
      for (;;) yield Buffer.alloc(1000)
    })()
  })
  const greedy = await served.client()
  greedy.socket.removeAllListeners('data')
  greedy.socket.on('data', () => undefined)
  await greedy.send('GET /endless HTTP/1.1\r\nHost: h\r\n\r\n')
  await delay(50)
  assert.equal((await served.get('/quick')).body.toString(), 'quick')
})
