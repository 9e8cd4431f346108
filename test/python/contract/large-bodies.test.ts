/** Bodies of 100 MB both ways, in bounded memory of the server; slow clients hold no worker; many requests at once. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, readlinkSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { RawClient } from '../../support/raw-client.ts'
import { startCommand, type RunningCommand } from '../../support/start-command.ts'
import { childrenOf } from '../../support/workers.ts'
import { direct, makeDirectory, unbuffered, wrapped } from './ways.ts'

const mebibyte = 1 << 20
const size = 100 * mebibyte
/** What the server may hold of a body, with what a garbage collector leaves lying: far from all of it. */
const allowance = 64 * mebibyte
const block = Buffer.alloc(1 << 16, Buffer.from(Array.from({ length: 251 }, (_, i) => i)))

const sources = {
  hello: `
    def application(environ, start_response):
        start_response('200 OK', TEXT)
        return [b'hello']
  `,
  up: `
    import hashlib
    def application(environ, start_response):
        digest, input = hashlib.sha256(), environ['wsgi.input']
        for piece in iter(lambda: input.read(1 << 16), b''):
            digest.update(piece)
        start_response('200 OK', TEXT)
        return [digest.hexdigest().encode()]
  `,
  down: `
    BLOCK = bytes(range(251)) * 262
    def application(environ, start_response):
        start_response('200 OK', TEXT)
        left = int(environ['QUERY_STRING'])
        while left > 0:
            yield BLOCK[:min(left, 1 << 16)]
            left -= 1 << 16
  `,
}

function digestOf(length: number): string {
  const hash = createHash('sha256')
  for (let left = length; left > 0; left -= block.length) hash.update(block.subarray(0, Math.min(left, block.length)))
  return hash.digest('hex')
}

/** Resident bytes of the Node processes of a server: those of Python are another matter. */
function nodeMemory(server: RunningCommand): number {
  const tree = [server.pid]
  for (const pid of tree) tree.push(...childrenOf(pid))
  let total = 0
  for (const pid of tree) {
    try {
      if (!readlinkSync(`/proc/${pid}/exe`).endsWith('/node')) continue
      total += Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error // ended between the two
    }
  }
  assert.ok(total > 0)
  return total
}

/** The result of the work, and by how much the server's memory grew at most while it was done. */
async function watched<T>(server: RunningCommand, work: () => Promise<T>): Promise<{ result: T, growth: number }> {
  const start = nodeMemory(server)
  let highest = start
  const timer = setInterval(() => { highest = Math.max(highest, nodeMemory(server)) }, 50)
  try {
    return { result: await work(), growth: highest - start }
  } finally {
    clearInterval(timer)
  }
}

async function answerTo(server: RunningCommand, one: string, path: string, method: string, length: number): Promise<IncomingMessage> {
  const headers = { 'X-Case': one, ...(length > 0 && { 'Content-Length': length }) }
  const asked = httpRequest(new URL(path, server.address), { method, headers, agent: false })
  const answer = once(asked, 'response') as Promise<[IncomingMessage]>
  for (let left = length; left > 0; left -= block.length) {
    if (!asked.write(block.subarray(0, Math.min(left, block.length)))) await once(asked, 'drain')
  }
  asked.end()
  return (await answer)[0]
}

async function upload(server: RunningCommand, length: number): Promise<string> {
  let text = ''
  for await (const piece of (await answerTo(server, 'up', '/', 'POST', length)).setEncoding('latin1')) text += String(piece)
  return text
}

async function download(server: RunningCommand, length: number): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of await answerTo(server, 'down', `/?${length}`, 'GET', 0)) hash.update(piece as Buffer)
  return hash.digest('hex')
}

for (const way of [direct, unbuffered, wrapped]) {
  describe(way.name, { skip: way.skip() }, () => {
    let server: RunningCommand
    before(async () => {
      server = await way.start(makeDirectory(sources))
      // What it takes to have done it once is no growth.
      assert.equal(await upload(server, 8 * mebibyte), digestOf(8 * mebibyte))
      assert.equal(await download(server, 8 * mebibyte), digestOf(8 * mebibyte))
    })
    after(() => server?.stop())

    test(`an upload of 100 MB arrives whole, in bounded memory of the server (${way.name})`, async () => {
      const { result, growth } = await watched(server, () => upload(server, size))
      assert.equal(result, digestOf(size))
      assert.ok(growth < allowance, `the server grew by ${growth / mebibyte} MiB`)
    })

    test(`a download of 100 MB arrives whole, in bounded memory of the server (${way.name})`, async () => {
      const { result, growth } = await watched(server, () => download(server, size))
      assert.equal(result, digestOf(size))
      assert.ok(growth < allowance, `the server grew by ${growth / mebibyte} MiB`)
    })

    test(`a client that does not read its answer costs the server bounded memory (${way.name})`, async () => {
      await using client = await RawClient.connect(server.address)
      client.pause()
      const { growth } = await watched(server, async () => {
        await client.send(`GET /?${size} HTTP/1.1\r\nHost: a\r\nX-Case: down\r\n\r\n`)
        await new Promise((resolve) => setTimeout(resolve, 1000))
      })
      assert.ok(growth < allowance, `the server grew by ${growth / mebibyte} MiB`)
    })
  })
}

describe('one worker with one thread', { skip: direct.skip() }, () => {
  let server: RunningCommand
  before(async () => { server = await direct.start(makeDirectory(sources)) })
  after(() => server?.stop())

  async function isFree(): Promise<void> {
    await using client = await RawClient.connect(server.address)
    await client.send('GET / HTTP/1.1\r\nHost: a\r\nX-Case: hello\r\n\r\n')
    assert.equal((await client.finalResponse()).body.toString(), 'hello')
  }

  test('a slow upload holds no worker: others are answered while it comes', async () => {
    await using client = await RawClient.connect(server.address)
    await client.send(`POST / HTTP/1.1\r\nHost: a\r\nX-Case: up\r\nContent-Length: ${3 * block.length}\r\n\r\n`)
    for (let i = 0; i < 3; i++) {
      await isFree()
      await client.send(block)
    }
    assert.equal((await client.finalResponse('POST')).body.toString(), digestOf(3 * block.length))
  })

  test('a thousand slow uploads hold no worker', async () => {
    const clients = await Promise.all(Array.from({ length: 1000 }, () => RawClient.connect(server.address, { patience: 30_000 })))
    try {
      for (const client of clients) await client.send('POST / HTTP/1.1\r\nHost: a\r\nX-Case: up\r\nContent-Length: 4\r\n\r\nab')
      await isFree()
      for (const client of clients) await client.send('cd')
      const expected = createHash('sha256').update('abcd').digest('hex')
      for (const client of clients) assert.equal((await client.finalResponse('POST')).body.toString(), expected)
    } finally {
      for (const client of clients) client.destroy()
    }
  })

  test('an answer that its client does not take holds no worker, up to what is kept for it', async () => {
    await using client = await RawClient.connect(server.address)
    client.pause()
    await client.send(`GET /?${1 << 16} HTTP/1.1\r\nHost: a\r\nX-Case: down\r\n\r\n`)
    await isFree()
    client.resume()
    assert.equal(createHash('sha256').update((await client.finalResponse()).body).digest('hex'), digestOf(1 << 16))
  })
})

test('of a thousand requests at once none is lost', { skip: direct.skip() }, async () => {
  const directory = makeDirectory(sources)
  const server = await startCommand(['-b', '127.0.0.1:0', '-w', '2', 'contract.app:application'], { cwd: directory, env: { VIRTUAL_ENV: undefined } })
  const clients = await Promise.all(Array.from({ length: 1000 }, () => RawClient.connect(server.address, { patience: 30_000 })))
  try {
    for (let round = 0; round < 3; round++) {
      for (const client of clients) void client.send('GET / HTTP/1.1\r\nHost: a\r\nX-Case: hello\r\n\r\n')
      const answers = await Promise.all(clients.map((client) => client.finalResponse()))
      assert.deepEqual(answers.filter(({ status }) => status !== 200), [])
    }
  } finally {
    for (const client of clients) client.destroy()
  }
  const { code, stderr } = await server.stop()
  assert.equal(code, 0, stderr)
})
