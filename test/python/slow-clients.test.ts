/** Slow and hostile clients of Python applications: what is counted is who gets an answer. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { withoutPython3 } from '../support/python-environment.ts'
import { get, RawClient, valuesOf, type RawResponse } from '../support/raw-client.ts'
import { startCommand, type RunningCommand } from '../support/start-command.ts'
import { eventually } from '../support/workers.ts'

const skip = withoutPython3()
const LARGE = 1_000_000

const python = `
import os
import time

def app(environ, start_response):
    path, query = environ['PATH_INFO'], environ['QUERY_STRING']
    with open('calls', 'a') as calls:
        calls.write(path + '\\n')
    body = b'hello'
    if path == '/count':
        body = str(len(environ['wsgi.input'].read())).encode()
    elif path == '/large':
        size = int(query or ${LARGE})
        body = b''.join(b'%08d' % number * 8192 for number in range(size // 65536 + 1))[:size]
    elif path == '/hold':
        open('held-' + query, 'w').close()
        while not os.path.exists('go'):
            time.sleep(0.01)
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(body)))])
    return [body[at:at + 65536] for at in range(0, len(body), 65536)]
`
const typeScript = `
export default (environ: unknown, start: (status: string, fields: string[][]) => void) => {
  start('200 OK', [])
  return [Buffer.from('from TypeScript')]
}
`

const directories: string[] = []
after(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }) })

interface Place {
  readonly directory: string
  readonly server: RunningCommand
}

/** One Python process with one thread, unless the arguments say otherwise. */
async function serve(...args: string[]): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'pulsar-slow-'))
  directories.push(directory)
  writeFileSync(join(directory, 'slow.py'), python)
  writeFileSync(join(directory, 'fast.ts'), typeScript)
  const config = ['-b', '127.0.0.1:0', '--mount', '/=slow:app', '--mount', '/ts=fast.ts']
  return { directory, server: await startCommand([...config, ...args], { cwd: directory, env: { VIRTUAL_ENV: undefined } }) }
}

/** What GET /large gives: every 64 KiB are others. */
function largeBody(size: number): Buffer {
  const blocks = Array.from({ length: Math.floor(size / 65_536) + 1 }, (_, number) => String(number).padStart(8, '0').repeat(8192))
  return Buffer.from(blocks.join('')).subarray(0, size)
}

/** A client that has asked for a large answer, and takes nothing of it before take() is called. */
interface Taker {
  take(): Promise<Buffer>
  leave(): void
}

function taker(server: RunningCommand, size: number): Taker {
  const asked = request(`${server.address}/large?${size}`, { agent: false })
  const answered = once(asked, 'response') as Promise<[IncomingMessage]>
  answered.catch(() => undefined) // take() tells; who leaves does not care
  asked.end()
  return {
    take: async () => {
      const [response] = await answered
      return buffer(response)
    },
    leave: () => { asked.destroy() },
  }
}

const times = async <T>(count: number, one: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => one(index)))

/** A request of which a part is sent. */
async function begun(server: RunningCommand, text: string): Promise<RawClient> {
  const client = await RawClient.connect(server.address, { patience: 30_000 })
  await client.send(text)
  return client
}

const tally = (answers: readonly Pick<RawResponse, 'status'>[]): Record<number, number> =>
  answers.reduce<Record<number, number>>((sum, { status }) => ({ ...sum, [status]: (sum[status] ?? 0) + 1 }), {})

test('while slow clients send and take, everybody else is answered by the one thread; then so are they', { skip }, async () => {
  const { server } = await serve()
  const heads = await times(50, () => begun(server, 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: '))
  const bodies = await times(50, () => begun(server, 'POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n123'))
  const chunked = await times(50, () => begun(server, 'POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n123\r\n'))
  const takers = await times(20, () => begun(server, 'GET /large HTTP/1.1\r\nHost: a\r\n\r\n'))
  for (const taker of takers) taker.pause()
  assert.deepEqual(tally(await times(200, () => get(server.address, '/'))), { 200: 200 })
  await times(50, async (index) => {
    await heads[index]?.send('1\r\n\r\n')
    await bodies[index]?.send('x'.repeat(997))
    await chunked[index]?.send('2\r\nab\r\n0\r\n\r\n')
  })
  for (const taker of takers) taker.resume()
  const answers = async (clients: readonly RawClient[], method: string): Promise<string[]> =>
    [...new Set(await Promise.all(clients.map(async (client) => {
      const { status, body } = await client.response(method)
      return `${status} ${body.length > 100 ? body.length : body.toString()}`
    })))]
  assert.deepEqual(await answers(heads, 'GET'), ['200 hello'])
  assert.deepEqual(await answers(bodies, 'POST'), ['200 1000'])
  assert.deepEqual(await answers(chunked, 'POST'), ['200 5'])
  assert.deepEqual(await answers(takers, 'GET'), [`200 ${LARGE}`])
  for (const client of [...heads, ...bodies, ...chunked, ...takers]) client.destroy()
  assert.equal((await server.stop()).code, 0)
})

for (const size of [3_000_000, 40_000_000]) {
  test(`clients that do not take ${size} bytes hold no thread while others wait, and get every byte in the end`, { skip }, async () => {
    const { server } = await serve()
    const takers = Array.from({ length: 5 }, () => taker(server, size))
    assert.deepEqual(tally(await times(50, () => get(server.address, '/'))), { 200: 50 })
    const expected = largeBody(size)
    for (const body of await Promise.all(takers.map((one) => one.take()))) assert.ok(body.equals(expected))
    assert.equal((await server.stop()).code, 0)
  })
}

test('without room for it the application waits for its clients, and they get every byte', { skip }, async () => {
  const { server } = await serve('--response-buffer-limit', '2M')
  const takers = Array.from({ length: 2 }, () => taker(server, 20_000_000))
  const waiting = await begun(server, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const expected = largeBody(20_000_000)
  for (const body of await Promise.all(takers.map((one) => one.take()))) assert.ok(body.equals(expected))
  assert.equal((await waiting.response()).body.toString(), 'hello')
  waiting.destroy()
  assert.equal((await server.stop()).code, 0)
})

test('a client that goes away while its answer is kept costs nobody an answer, and is no trouble', { skip }, async () => {
  const { server } = await serve()
  const takers = Array.from({ length: 4 }, () => taker(server, 30_000_000))
  assert.deepEqual(tally(await times(20, () => get(server.address, '/'))), { 200: 20 })
  for (const one of takers) one.leave()
  assert.deepEqual(tally(await times(20, () => get(server.address, '/'))), { 200: 20 })
  const { code, stderr } = await server.stop()
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(stderr, /"level":"(?:warning|error)"/)
})

test('while every Python thread sleeps and the queue is full, TypeScript in the same server answers', { skip }, async () => {
  const { directory, server } = await serve('--threads', '2', '--queue-limit', '3')
  const sleeping = await times(2, (index) => begun(server, `GET /hold?${index} HTTP/1.1\r\nHost: a\r\n\r\n`))
  await eventually(() => existsSync(join(directory, 'held-0')) && existsSync(join(directory, 'held-1')), () => readdirSync(directory).join())
  const waiting = await times(3, () => begun(server, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'))
  // Each on a connection of its own: who is refused is there after those that wait.
  await eventually(async () => (await get(server.address, '/')).status === 503, () => 'the queue to be full')
  const refused = await times(20, () => get(server.address, '/'))
  assert.deepEqual(tally(refused), { 503: 20 })
  for (const answer of refused) assert.match(valuesOf(answer, 'retry-after').join(), /^\d+$/)
  const answers = await times(100, () => get(server.address, '/ts'))
  assert.deepEqual([tally(answers), new Set(answers.map(({ body }) => body.toString()))], [{ 200: 100 }, new Set(['from TypeScript'])])
  writeFileSync(join(directory, 'go'), '')
  const after = await Promise.all([...sleeping, ...waiting].map((client) => client.response()))
  const { 200: right = 0, ...others } = tally(after)
  // Whoever found out that the queue was full may have been in it before one of them.
  assert.ok(right >= 4 && Object.keys(others).every((status) => status === '503'), JSON.stringify(tally(after)))
  for (const client of [...sleeping, ...waiting]) client.destroy()
  assert.equal((await server.stop()).code, 0)
})

test('clients that break off, lie or never finish do not reach Python, and cost nobody else an answer', { skip }, async () => {
  const { directory, server } = await serve('--header-timeout', '1', '--body-timeout', '1')
  const wrong: readonly (readonly [text: string, status: number])[] = [
    ['POST /evil HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['POST /evil HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
    ['GET /evil HTTP/1.1\r\n\r\n', 400],
    ['GET /evil HTTP/1.1\r\nHost: a\r\nX: ', 408],
    ['POST /evil HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345', 408],
    ['POST /evil HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123', 408],
  ]
  const answered = wrong.flatMap((one) => Array.from({ length: 10 }, () => one)).map(async ([text, status]) => {
    const client = await begun(server, text)
    const answer = await client.response(text.slice(0, text.indexOf(' ')))
    client.destroy()
    return answer.status === status ? 'as it should' : `${text}: ${answer.status}`
  })
  const broken = await times(30, () => begun(server, 'POST /evil HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n12345'))
  for (const [index, client] of broken.entries()) {
    if (index % 2 === 0) client.reset()
    else client.destroy()
  }
  assert.deepEqual(tally(await times(100, () => get(server.address, '/'))), { 200: 100 })
  assert.deepEqual([...new Set(await Promise.all(answered))], ['as it should'])
  assert.equal((await get(server.address, '/')).status, 200)
  assert.doesNotMatch(readFileSync(join(directory, 'calls'), 'utf8'), /evil/)
  assert.equal((await server.stop()).code, 0)
})
