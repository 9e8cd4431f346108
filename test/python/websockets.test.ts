/** WebSockets of Python applications: a connected socket in the environ. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { WebSocket, type ClientOptions } from 'ws'
import { AdminClient } from '../support/admin-client.ts'
import { Metrics } from '../support/prometheus.ts'
import { pythonPlace, startPython, withoutPython3, type PythonServer } from '../support/python-server.ts'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { pythonEnvironment, withoutPython } from '../support/python-environment.ts'
import { eventually } from '../support/workers.ts'

const BY_HAND = ['--python-websockets', '2', 'sockets:application']

/** A client that keeps what it hears: messages may come before somebody waits for them. */
class Client {
  readonly socket: WebSocket
  readonly heard: (string | Buffer)[] = []
  closed: { readonly code: number, readonly reason: string } | undefined
  pid = 0

  constructor(address: string, path: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(new URL(path, address.replace('http', 'ws')), options)
    this.socket.on('upgrade', ({ headers }: IncomingMessage) => { this.pid = Number(headers['x-pid']) })
    this.socket.on('message', (data: Buffer, binary: boolean) => this.heard.push(binary ? data : data.toString()))
    this.socket.on('close', (code, reason) => { this.closed = { code, reason: reason.toString() } })
    this.socket.on('error', () => undefined)
  }

  static async open(address: string, path: string, options?: ClientOptions): Promise<Client> {
    const client = new Client(address, path, options)
    await once(client.socket, 'open')
    return client
  }

  /** What is answered where there is no WebSocket. */
  static async refused(address: string, path: string): Promise<{ status: number, retry: string | undefined, body: string }> {
    const client = new Client(address, path)
    const [, response] = await once(client.socket, 'unexpected-response') as [unknown, IncomingMessage]
    const pieces: Buffer[] = []
    for await (const piece of response) pieces.push(piece as Buffer)
    return { status: response.statusCode ?? 0, retry: response.headers['retry-after'], body: Buffer.concat(pieces).toString() }
  }

  async next(): Promise<string | Buffer> {
    await eventually(() => this.heard.length > 0, () => 'a message')
    return this.heard.shift() as string | Buffer
  }

  async says(text: string | Buffer): Promise<string | Buffer> {
    this.socket.send(text)
    return this.next()
  }

  async ended(): Promise<number> {
    await eventually(() => this.closed !== undefined, () => 'the end of the WebSocket')
    return this.closed?.code ?? 0
  }
}

/** Behind TypeScript that adds to the environ. */
function wrapped(cwd: string, target: string): string {
  const index = new URL('../../src/python/index.js', import.meta.url).href
  writeFileSync(join(cwd, 'wrapped.mjs'), `import { python } from ${JSON.stringify(index)}
const inner = python(${JSON.stringify(target)}, { cwd: import.meta.dirname })
export default (environ, startResponse) => {
  environ['example.key'] = 'added'
  return inner(environ, startResponse)
}
`)
  return 'wrapped.mjs'
}

suite('WebSockets of Python applications', { skip: withoutPython3 }, () => {
  for (const way of ['direct', 'wrapped'] as const) {
    const started = (target: string, ...args: string[]): Promise<PythonServer> => {
      const cwd = pythonPlace()
      return startPython(['--python-websockets', '2', ...args, way === 'direct' ? target : wrapped(cwd, target)], { cwd })
    }

    test(`${way}: the application answers the handshake on its socket, and what it returns is for nobody`, async () => {
      const server = await started('sockets:application')
      const client = await Client.open(server.address, '/echo')
      assert.deepEqual(await client.says('hello'), 'hello')
      assert.deepEqual(await client.says(Buffer.alloc(60_000, 7)), Buffer.alloc(60_000, 7))
      client.socket.close(4000, 'done')
      assert.equal(await client.ended(), 4000)
      assert.match(await server.body('/'), /^no socket, \d+ threads, multithread True/)
      const { code, stderr } = await server.stop()
      assert.equal(code, 0)
      assert.doesNotMatch(stderr, /"level":"(?:warning|error)"/)
    })

    test(`${way}: they are among the server's WebSockets and messages`, async () => {
      const server = await started('sockets:application', '--admin', '127.0.0.1:0')
      const admin = AdminClient.of(server)
      const figures = async (): Promise<number[]> => {
        const metrics = await Metrics.of(admin)
        const messages = (direction: string): number => metrics.sum('pulsar_websocket_messages_total', { direction })
        return [metrics.sum('pulsar_websockets'), metrics.sum('pulsar_websockets_opened_total'), messages('received'), messages('sent')]
      }
      const client = await Client.open(server.address, '/echo')
      for (let i = 0; i < 3; i++) await client.says('hello')
      await client.says(Buffer.alloc(60_000, 7))
      assert.deepEqual(await figures(), [1, 1, 4, 4])
      const other = await Client.open(server.address, '/echo')
      assert.deepEqual(await figures(), [2, 2, 4, 4])
      for (const { socket } of [client, other]) socket.close(1000)
      await eventually(async () => (await figures())[0] === 0, () => 'no WebSocket')
      assert.deepEqual(await figures(), [0, 2, 4, 4])
      await server.stop()
    })

    test(`${way}: an application that leaves its socket alone answers as any other`, async () => {
      const server = await started('sockets:application')
      assert.match((await Client.refused(server.address, '/')).body, /^a socket, /)
      await server.stop()
      const streaming = await started('sockets:streaming')
      assert.deepEqual(await Client.refused(streaming.address, '/'), { status: 200, retry: undefined, body: '0\n1\n2\n' })
      await streaming.stop()
    })

    test(`${way}: another answer on the socket than 101 is an answer, and what is none is an error of the application`, async () => {
      const server = await started('sockets:application')
      assert.deepEqual(await Client.refused(server.address, '/refuse'), { status: 403, retry: undefined, body: 'no way' })
      assert.equal((await Client.refused(server.address, '/nonsense')).status, 500)
      await server.until(/the application wrote no answer on its socket/)
      await server.stop()
    })

    test(`${way}: what the application raises behind the handshake ends the WebSocket and is in the log`, async () => {
      const server = await started('sockets:application')
      const client = await Client.open(server.address, '/raise')
      assert.equal(await client.ended(), 1006)
      await server.until(/ValueError: behind the handshake/)
      await server.stop()
    })
  }

  test('each holds a thread of its own, so many as there may be; one more gets 503, and requests go on', async () => {
    const server = await startPython(BY_HAND, { cwd: pythonPlace() })
    const [first, second] = await Promise.all([Client.open(server.address, '/echo'), Client.open(server.address, '/echo')])
    const { status, retry } = await Client.refused(server.address, '/echo')
    assert.deepEqual([status, Number(retry) > 0], [503, true])
    assert.equal(await server.status('/'), 200)
    first.socket.close(1000)
    await first.ended()
    // The place is free when the application has returned, which is later than that.
    let third: Client | undefined
    await eventually(async () => {
      third = new Client(server.address, '/echo')
      const [what] = await Promise.race([once(third.socket, 'open').then(() => ['open']), once(third.socket, 'unexpected-response').then(() => ['refused'])])
      return what === 'open'
    }, () => 'a place')
    assert.equal(await third?.says('third'), 'third')
    assert.equal(await second.says('second'), 'second')
    await server.stop()
  })

  test('they are shared out among the processes', async () => {
    const server = await startPython(['-w', '2', ...BY_HAND], { cwd: pythonPlace() })
    const clients = []
    for (let i = 0; i < 4; i++) clients.push(await Client.open(server.address, '/echo'))
    const pids = clients.map(({ pid }) => pid)
    assert.deepEqual([...new Set(pids)].map((pid) => pids.filter((one) => one === pid).length), [2, 2])
    await server.stop()
  })

  test('a client that goes away ends the thread: its place is free', async () => {
    const server = await startPython(BY_HAND, { cwd: pythonPlace() })
    for (let i = 0; i < 4; i++) {
      const gone = await Client.open(server.address, '/echo')
      gone.socket.terminate()
      await eventually(async () => /^no socket, 2 threads/.test(await server.body('/')), () => 'the end of the thread')
    }
    assert.equal(server.times(/"level":"(?:warning|error)"/), 0)
    await server.stop()
  })

  test('a process that dies cuts its own, and no other', async () => {
    const server = await startPython(['-w', '2', ...BY_HAND], { cwd: pythonPlace() })
    const one = await Client.open(server.address, '/echo')
    const other = await Client.open(server.address, '/echo')
    const leaving = await Client.open(server.address, '/leave')
    leaving.socket.send('leave')
    assert.equal(await leaving.ended(), 1006)
    await server.until(/ended with status 7/)
    const [hit, spared] = leaving.pid === one.pid ? [one, other] : [other, one]
    assert.equal(await hit.ended(), 1006)
    assert.equal(await spared.says('still here'), 'still here')
    await server.stop()
  })

  test('a reload asks them to end with 1001, when a frame on its way is over, and the new version has the next', async () => {
    const server = await startPython(BY_HAND, { cwd: pythonPlace() })
    const client = await Client.open(server.address, '/echo')
    const halfway = await Client.open(server.address, '/echo')
    // A frame whose rest comes later: the Close must not get into it.
    const raw = (halfway.socket as unknown as { _socket: import('node:net').Socket })._socket
    raw.write(Buffer.from([0x81, 0x80 | 4, 0, 0, 0, 0, 0x68, 0x61]))
    process.kill(server.pid, 'SIGHUP')
    assert.equal(await client.ended(), 1001)
    raw.write(Buffer.from([0x6c, 0x66]))
    assert.equal(await halfway.next(), 'half')
    assert.equal(await halfway.ended(), 1001)
    const next = await Client.open(server.address, '/echo')
    assert.notEqual(next.pid, client.pid)
    assert.equal(await next.says('again'), 'again')
    const { code, stderr } = await server.stop()
    assert.equal(code, 0)
    assert.doesNotMatch(stderr, /"level":"(?:warning|error)"/)
  })

  test('a Python process that is replaced asks its own to end', async () => {
    const server = await startPython(['--max-requests', '3', ...BY_HAND], { cwd: pythonPlace() })
    const client = await Client.open(server.address, '/echo')
    for (let i = 0; i < 2; i++) await server.body('/')
    assert.equal(await client.ended(), 1001)
    await server.until(/is ready, process/, 2)
    await server.stop()
  })

  test('without the setting Python is offered none, and the log says once what would be needed', async () => {
    const server = await startPython(['sockets:application'], { cwd: pythonPlace() })
    for (let i = 0; i < 2; i++) assert.match((await Client.refused(server.address, '/echo')).body, /^no socket, \d threads, multithread False/)
    await server.until(/--python-websockets/)
    assert.equal(server.times(/--python-websockets/), 1)
    await server.stop()
  })

  test('with threads and with --preload it is the same', async () => {
    for (const args of [['--threads', '2'], ['--preload']]) {
      const server = await startPython([...args, ...BY_HAND], { cwd: pythonPlace() })
      const client = await Client.open(server.address, '/echo')
      assert.equal(await client.says('hello'), 'hello')
      process.kill(server.pid, 'SIGTERM')
      assert.equal(await client.ended(), 1001)
      assert.equal((await server.stop()).code, 0)
    }
  })
})

const FLASK = `
from flask import Flask, request
from flask_sock import Sock

app = Flask(__name__)
app.config['SOCK_SERVER_OPTIONS'] = {'ping_interval': 25}
sock = Sock(app)
ended = []

@sock.route('/echo')
def echo(ws):
    try:
        while True:
            ws.send(ws.receive())
    finally:
        ended.append(ws.close_reason)

@sock.route('/short')
def short(ws):
    ws.send('short')

@sock.route('/agent')
def agent(ws):
    ws.send(request.headers['User-Agent'])
    ws.close(4001, 'that was all')

@app.get('/ended')
def shown():
    return repr([int(code) for code in ended])

@app.get('/')
def hello():
    return 'Hello World!'
`

suite('Flask-Sock', { skip: withoutPython() }, () => {
  const start = async (...args: string[]): Promise<PythonServer> => {
    const cwd = pythonPlace()
    writeFileSync(join(cwd, 'chat.py'), FLASK)
    return startPython(['--python', pythonEnvironment().python, '--python-websockets', '20', ...args, 'chat:app'], { cwd })
  }

  test('works unchanged: text, bytes, what is large, with compression and without, from many clients', async () => {
    const server = await start()
    const clients = await Promise.all(Array.from({ length: 20 }, (_, index) => Client.open(server.address, '/echo', { perMessageDeflate: index % 2 === 0 })))
    assert.deepEqual(clients.map(({ socket }) => socket.extensions), clients.map((_, index) => index % 2 === 0 ? 'permessage-deflate' : ''))
    const large = 'äöü '.repeat(50_000)
    assert.deepEqual(await Promise.all(clients.map((client, index) => client.says(`client ${index}`))), clients.map((_, index) => `client ${index}`))
    assert.deepEqual(await Promise.all(clients.slice(0, 4).map((client) => client.says(large))), [large, large, large, large])
    assert.deepEqual(await clients[0]?.says(Buffer.from([0, 1, 255])), Buffer.from([0, 1, 255]))
    assert.equal(await server.body('/'), 'Hello World!')
    for (const { socket } of clients) socket.close(1000)
    for (const client of clients) assert.equal(await client.ended(), 1000)
    await eventually(async () => (await server.body('/ended')).split(',').length === 20, () => 'the end of 20')
    const { code, stderr } = await server.stop()
    assert.equal(code, 0)
    assert.doesNotMatch(stderr, /"level":"(?:warning|error)"|Traceback/)
  })

  test('a view that returns closes its WebSocket, and one that closes it says how', async () => {
    const server = await start('--threads', '2')
    const short = await Client.open(server.address, '/short')
    assert.deepEqual([await short.next(), await short.ended()], ['short', 1000])
    const agent = await Client.open(server.address, '/agent', { headers: { 'User-Agent': 'a test' } })
    assert.deepEqual([await agent.next(), await agent.ended(), agent.closed?.reason], ['a test', 4001, 'that was all'])
    assert.equal((await Client.refused(server.address, '/nowhere')).status, 404)
    await server.stop()
  })

  test('works over TLS', async () => {
    const { certFile, keyFile } = writeCertificate(pythonPlace(), 'server', makeCertificate({ name: 'localhost', hosts: ['127.0.0.1'] }))
    const server = await start('--cert-file', String(certFile), '--key-file', String(keyFile))
    const client = await Client.open(server.address, '/echo', { rejectUnauthorized: false })
    const large = Buffer.alloc(1_000_000, 3)
    assert.equal(await client.says('hello'), 'hello')
    assert.deepEqual(await client.says(large), large)
    process.kill(server.pid, 'SIGHUP')
    assert.equal(await client.ended(), 1001)
    const { code, stderr } = await server.stop()
    assert.equal(code, 0)
    assert.doesNotMatch(stderr, /"level":"(?:warning|error)"|Traceback/)
  })

  test('a reload closes them with 1001, which the view is told', async () => {
    const server = await start()
    const client = await Client.open(server.address, '/echo')
    assert.equal(await client.says('before'), 'before')
    process.kill(server.pid, 'SIGHUP')
    assert.equal(await client.ended(), 1001)
    const { code, stderr } = await server.stop()
    assert.equal(code, 0)
    assert.doesNotMatch(stderr, /"level":"(?:warning|error)"|Traceback/)
  })
})
