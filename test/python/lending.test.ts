/** Long answers, for which a Python process is lent the client's socket (docs/wire.md). */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { Http2Client } from '../support/http2-client.ts'
import { letGo, pythonPlace, startPython, withoutPython3, type PythonServer } from '../support/python-server.ts'
import { RawClient } from '../support/raw-client.ts'
import { secureClient } from '../support/secure-client.ts'
import { eventually } from '../support/workers.ts'

/** 8 MiB: more than twice of what a socket is asked for. */
const BLOCKS = 128
/** More than the system's buffers take of a client that takes nothing: 32 MiB. */
const MANY = 512

const skip: string | false = withoutPython3 !== false ? withoutPython3 : existsSync('/proc/self/fd') ? false : 'no /proc here'

function bodyOf(blocks: number): Buffer {
  return Buffer.concat(Array.from({ length: blocks }, (_, number) => Buffer.from(String(number).padStart(8, '0').repeat(8192))))
}

const request = (path: string, ...fields: string[]): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields.map((line) => `${line}\r\n`).join('')}\r\n`
const CLOSE = 'Connection: close'

/** All answers on a connection, read when they are there: who looks through what has come each time some comes is no quick client. */
async function answers(client: RawClient, count: number): Promise<Buffer[]> {
  await client.untilClosed()
  const bodies: Buffer[] = []
  while (bodies.length < count) bodies.push((await client.response()).body)
  assert.equal(client.received().length, 0)
  return bodies
}

function same(bodies: readonly Buffer[], expected: readonly Buffer[]): void {
  assert.deepEqual(bodies.map(({ length }) => length), expected.map(({ length }) => length))
  for (const [index, body] of bodies.entries()) assert.ok(body.equals(expected[index] as Buffer), `body ${index}`)
}

interface Place {
  readonly cwd: string
  readonly server: PythonServer
  /** What the application has written there. */
  told(name: string): string
}

async function serve(...args: string[]): Promise<Place> {
  const cwd = pythonPlace()
  const server = await startPython(['--access-log', 'access', '--access-log-format', 'json', ...args, 'long_answers:application'], { cwd })
  return { cwd, server, told: (name) => existsSync(join(cwd, name)) ? readFileSync(join(cwd, name), 'utf8') : '' }
}

interface Entry { readonly target: string, readonly bytes: number, readonly cause: string | null }

/** The line about a request. */
async function logged({ told }: Place, path: string): Promise<Entry> {
  const find = (): Entry | undefined => told('access').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Entry).find(({ target }) => target.startsWith(`${path}?`))
  await eventually(() => find() !== undefined, () => `a line about ${path}`)
  return find() as Entry
}

suite('a long answer of a Python application', { skip }, () => {
  for (const args of [[], ['--threads', '3'], ['-b', 'unix:socket']]) {
    test(`is written by its process itself, and the connection goes on ${args.join(' ')}`, async () => {
      const place = await serve(...args)
      const { server, told, cwd } = place
      const client = await RawClient.connect(args[0] === '-b' ? { path: join(cwd, 'socket') } : server.address)
      await client.send(request(`/?${BLOCKS},a`) + request('/small') + request(`/longer?${BLOCKS},b`) + request('/small', CLOSE))
      same(await answers(client, 4), [bodyOf(BLOCKS), Buffer.from('hello'), bodyOf(BLOCKS), Buffer.from('hello')])
      assert.deepEqual([told('a'), told('b')], ['lent closed ', 'lent closed '])
      assert.equal((await logged(place, '/')).bytes, BLOCKS * 65_536)
      assert.equal((await server.stop()).code, 0)
    })
  }

  test('goes through the server where that cannot be, and is the same', async () => {
    const { certFile, keyFile } = writeCertificate(pythonPlace(), 'own', makeCertificate({ name: 'a.example' }))
    const cases: readonly (readonly [args: readonly string[], path: string])[] = [
      [['--preload'], `/?${BLOCKS},a`], [[], `/chunked?${BLOCKS},a`], [[], '/?63,a'],
      [['--cert-file', certFile, '--key-file', keyFile], `/?${BLOCKS},a`], [['--http2', 'on'], `/?${BLOCKS},a`],
    ]
    for (const [args, path] of cases) {
      const { server, told } = await serve(...args)
      const expected = bodyOf(Number(/\d+/.exec(path)?.[0]))
      let body: Buffer
      if (args[0] === '--cert-file') {
        await using client = await secureClient(Number(new URL(server.address).port))
        body = (await client.get(path)).body
      } else if (args[0] === '--http2') {
        await using client = await Http2Client.connect(server.address)
        body = (await client.request({ ':path': path })).body
      } else {
        await using client = await RawClient.connect(server.address);
        [body] = await answers(await client.send(request(path, CLOSE)), 1) as [Buffer]
      }
      same([body], [expected])
      assert.equal(told('a'), 'not lent closed ')
      await server.stop()
    }
  })

  test('a client that stops taking it holds no thread, and gets every byte in the end', async () => {
    const place = await serve()
    const { server, told } = place
    const clients = await Promise.all(['a', 'b', 'c'].map(async (name) => {
      const client = await RawClient.connect(server.address, { patience: 30_000 })
      client.pause()
      return client.send(request(`/${name}?${MANY},${name}`, CLOSE))
    }))
    for (let round = 0; round < 5; round++) assert.equal(await server.body('/small'), 'hello')
    for (const client of clients) client.resume()
    for (const client of clients) same(await answers(client, 1), [bodyOf(MANY)])
    for (const name of ['a', 'b', 'c']) {
      assert.equal(told(name), 'lent closed ')
      assert.equal((await logged(place, `/${name}`)).bytes, MANY * 65_536)
    }
    assert.equal((await server.stop()).code, 0)
  })

  test('of a client that goes away is closed, and the application can tell', async () => {
    const place = await serve()
    const { server, told, cwd } = place
    const client = await RawClient.connect(server.address)
    await client.send(request(`/hold?${BLOCKS},a`))
    await eventually(() => told('a') === 'lent half ', () => told('a'))
    client.reset()
    const { bytes, cause } = await logged(place, '/hold')
    assert.equal(cause, 'client-gone')
    assert.ok(bytes <= BLOCKS / 2 * 65_536)
    letGo(join(cwd, 'a'))
    assert.equal(await server.body('/small'), 'hello')
    assert.equal(told('a'), 'lent half closed, client gone ')
    assert.equal((await server.stop()).code, 0)
  })

  for (const [path, cause] of [['/exit', 'worker-died'], ['/raise', 'application-error'], ['/shorter', 'short-answer']] as const) {
    test(`is cut where it cannot be whole, ${cause}, and nothing follows it`, async () => {
      const place = await serve()
      const { server, told } = place
      const client = await RawClient.connect(server.address)
      await client.send(request(`${path}?${BLOCKS},a`) + request('/small'))
      const received = await client.untilClosed()
      const head = received.indexOf('\r\n\r\n') + 4
      const given = path === '/shorter' ? BLOCKS : BLOCKS / 2
      assert.ok(received.subarray(head).equals(bodyOf(given)), `${received.length - head} bytes`)
      assert.match(told('a'), /^lent/)
      assert.equal((await logged(place, path)).cause, cause)
      await eventually(async () => await server.body('/small') === 'hello', () => 'an answer')
      await server.stop()
    })
  }

  test('is cut where the server stops and does not wait for it', async () => {
    const place = await serve('--graceful-timeout', '0.5')
    const { server, told } = place
    const client = await RawClient.connect(server.address)
    await client.send(request(`/hold?${BLOCKS},a`))
    await eventually(() => told('a') === 'lent half ', () => told('a'))
    const stopped = server.stop()
    const received = await client.untilClosed()
    assert.ok(received.subarray(received.indexOf('\r\n\r\n') + 4).equals(bodyOf(BLOCKS / 2)))
    await stopped
  })

  test('comes whole over a reload, and of a worker that has had its last request', async () => {
    const place = await serve('--max-requests', '1')
    const { server, told, cwd } = place
    const client = await RawClient.connect(server.address)
    await client.send(request(`/hold?${BLOCKS},a`, CLOSE))
    await eventually(() => told('a') === 'lent half ', () => told('a'))
    process.kill(server.pid, 'SIGHUP')
    await server.until(/reloaded: \d+ new workers? serve/)
    letGo(join(cwd, 'a'))
    same(await answers(client, 1), [bodyOf(BLOCKS)])
    await eventually(async () => await server.body('/small') === 'hello', () => 'an answer')
    await server.stop()
  })
})
