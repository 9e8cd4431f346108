import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer, request, type IncomingMessage, type RequestListener } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { loadModule } from '../../src/app/load-module.ts'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { projectRoot } from '../support/project.ts'
import { RawClient, valuesOf } from '../support/raw-client.ts'
import { ServedApplication } from '../support/served-application.ts'
import { startCommand } from '../support/start-command.ts'

const served = await startCommand(['examples/proxy/app.ts', '-b', '127.0.0.1:0', '-w', '0', '--server-software', 'a-proxy', '--forwarded-allow-ips', ''])
const servers: Server[] = []
after(() => { for (const server of servers) server.close() })

interface Upstream {
  readonly url: string
  readonly port: number
}

async function listening(server: Server): Promise<Upstream> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}` }
}

const upstream = (listener: RequestListener): Promise<Upstream> => listening(createServer(listener))

const read = async (message: IncomingMessage): Promise<Buffer> => Buffer.concat(await message.toArray() as Buffer[])

/** By the proxy of the example, on a connection of its own. */
async function asked(head: string, body: string = ''): ReturnType<RawClient['finalResponse']> {
  await using client = await RawClient.connect(served.address)
  await client.send(`${head}\r\n\r\n${body}`)
  return await client.finalResponse(head.split(' ', 1)[0])
}

test('a request is passed on with its fields, without those of the connection, and so is the answer', async () => {
  let seen: { readonly url: string, readonly rawHeaders: readonly string[], readonly body: string } | undefined
  const { url, port } = await upstream(async (incoming, response) => {
    seen = { url: incoming.url ?? '', rawHeaders: incoming.rawHeaders, body: (await read(incoming)).toString() }
    response.writeHead(201, 'Made', [['X-Answer', 'one'], ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2'], ['Connection', 'keep-alive, x-mine'], ['X-Mine', 'of this hop']])
    response.end('made')
  })
  const answer = await asked([
    `POST ${url}/a%20b?c=d HTTP/1.1`, 'Host: another.example', 'Content-Length: 4', 'X-Question: two', 'X-Forwarded-For: 192.0.2.7', 'Via: 1.0 first',
    'Connection: keep-alive, x-private', 'X-Private: of this hop', 'Proxy-Connection: keep-alive', 'Proxy-Authorization: Basic c2VjcmV0', 'TE: trailers',
  ].join('\r\n'), 'four')
  assert.equal(seen?.url, '/a%20b?c=d')
  assert.equal(seen.body, 'four')
  const sent = new Map(Array.from({ length: seen.rawHeaders.length / 2 }, (_, i) => [(seen?.rawHeaders[2 * i] as string).toLowerCase(), seen?.rawHeaders[2 * i + 1]]))
  sent.delete('connection') // of the proxy's own connection
  assert.deepEqual(Object.fromEntries(sent), {
    'host': `127.0.0.1:${port}`, 'content-length': '4', 'x-question': 'two', 'x-forwarded-for': '192.0.2.7, 127.0.0.1', 'via': '1.0 first, 1.1 pulsar-proxy',
  })
  assert.deepEqual([answer.status, answer.reason, answer.body.toString()], [201, 'Made', 'made'])
  assert.deepEqual(['x-answer', 'set-cookie', 'x-mine', 'via', 'server'].map((name) => valuesOf(answer, name)), [['one'], ['a=1', 'b=2'], [], ['1.1 pulsar-proxy'], ['a-proxy']])
})

test('bodies are streamed both ways: an answer begins before its request has ended, and neither is changed', async () => {
  const { url } = await upstream((incoming, response) => { incoming.pipe(response) })
  const { hostname, port } = new URL(served.address)
  const sent = request({ hostname, port, method: 'PUT', path: `${url}/echo`, headers: { 'Host': 'h', 'Transfer-Encoding': 'chunked' } })
  sent.write('first')
  const response = await new Promise<IncomingMessage>((resolve, reject) => { sent.on('response', resolve).on('error', reject) })
  assert.equal(String((await new Promise<Buffer>((resolve) => { response.once('data', resolve) }))), 'first')
  const hash = createHash('sha256')
  response.on('data', (piece: Buffer) => { hash.update(piece) })
  const expected = createHash('sha256')
  for (let i = 0; i < 200; i++) {
    const piece = Buffer.alloc(65_536, i)
    expected.update(piece)
    if (!sent.write(piece)) await new Promise((resolve) => { sent.once('drain', resolve) })
  }
  sent.end()
  await new Promise((resolve) => { response.once('end', resolve) })
  assert.equal(hash.digest('hex'), expected.digest('hex'))
})

test('HEAD, 204 and 304 have no body, and connections to the other server are used again', async () => {
  const ports = new Set<number>()
  const { url } = await upstream((incoming, response) => {
    ports.add(incoming.socket.remotePort as number)
    if (incoming.url === '/head') response.writeHead(200, { 'Content-Length': '1234' }).end()
    else response.writeHead(Number(incoming.url?.slice(1)), { ETag: '"x"' }).end()
  })
  const head = await asked(`HEAD ${url}/head HTTP/1.1\r\nHost: h`)
  assert.deepEqual([head.status, valuesOf(head, 'content-length'), head.body.length], [200, ['1234'], 0])
  for (const status of [204, 304]) assert.equal((await asked(`GET ${url}/${status} HTTP/1.1\r\nHost: h`)).status, status)
  assert.equal(ports.size, 1)
})

test('who expects 100 gets it when the other server wants the body, and a refusal otherwise', async () => {
  const server = createServer(async (incoming, response) => { response.end(await read(incoming)) })
  server.on('checkContinue', (incoming: IncomingMessage, response) => {
    if (incoming.url === '/no') {
      response.writeHead(417).end('no')
      return
    }
    response.writeContinue()
    server.emit('request', incoming, response)
  })
  const { url } = await listening(server)
  await using client = await RawClient.connect(served.address)
  const head = (path: string): string => `POST ${url}${path} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`
  await client.send(head('/yes'))
  assert.equal((await client.response('POST')).status, 100)
  await client.send('hello')
  assert.equal((await client.response('POST')).body.toString(), 'hello')
  await client.send(head('/no'))
  assert.deepEqual([(await client.response('POST')).status], [417])
})

test('103 comes through before the answer', async () => {
  const { url } = await upstream((_incoming, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    response.end('done')
  })
  await using client = await RawClient.connect(served.address)
  await client.send(`GET ${url}/ HTTP/1.1\r\nHost: h\r\n\r\n`)
  const early = await client.response()
  assert.deepEqual([early.status, valuesOf(early, 'link')], [103, ['</style.css>; rel=preload']])
  assert.equal((await client.response()).body.toString(), 'done')
})

test('a server that is not there is a 502, one that talks something else too, and one that is silent a 504', async () => {
  const gone = await upstream(() => undefined)
  await new Promise((resolve) => { servers.at(-1)?.close(resolve) })
  assert.equal((await asked(`GET ${gone.url}/ HTTP/1.1\r\nHost: h`)).status, 502)
  assert.equal((await asked(`CONNECT 127.0.0.1:${gone.port} HTTP/1.1\r\nHost: h`)).status, 502)
  const other = await listening(createTcpServer((socket) => { socket.end('220 mail.example ESMTP\r\n') }))
  assert.equal((await asked(`GET ${other.url}/ HTTP/1.1\r\nHost: h`)).status, 502)
  const { proxy } = await loadModule(join(projectRoot, 'examples/proxy/proxy.ts')) as { proxy(options: { patience?: number, allows?: () => boolean }): WSGIApplication }
  await using impatient = await ServedApplication.start(proxy({ patience: 0.1 }))
  const silent = await listening(createTcpServer(() => undefined))
  assert.equal((await impatient.get(`${silent.url}/`)).status, 504)
  await using closed = await ServedApplication.start(proxy({ allows: () => false }))
  assert.equal((await closed.get(`${silent.url}/`)).status, 403)
})

test('an answer that breaks off does so for the client, too', async () => {
  const { url } = await upstream((_incoming, response) => {
    response.writeHead(200, { 'Content-Length': '100' })
    response.write('some', () => response.destroy())
  })
  await using client = await RawClient.connect(served.address)
  await client.send(`GET ${url}/ HTTP/1.1\r\nHost: h\r\n\r\n`)
  const text = (await client.untilClosed()).toString()
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nsome$/)
})

test('a client that goes away ends the request to the other server', async () => {
  let ended: () => void = () => undefined
  const closed = new Promise<void>((resolve) => { ended = resolve })
  const { url } = await upstream((_incoming, response) => {
    response.write('endless')
    response.on('close', ended)
  })
  const client = await RawClient.connect(served.address)
  await client.send(`GET ${url}/ HTTP/1.1\r\nHost: h\r\n\r\n`)
  await client.bytes(20)
  client.reset()
  await closed
  assert.ok(client.socket.destroyed)
})

test('CONNECT opens a tunnel for whatever comes, with each end passed on by itself', async () => {
  const { port } = await listening(createTcpServer({ allowHalfOpen: true }, (socket) => {
    const pieces: Buffer[] = []
    socket.on('data', (piece: Buffer) => pieces.push(piece))
    socket.on('end', () => socket.end(Buffer.concat(pieces).reverse()))
  }))
  await using client = await RawClient.connect(served.address)
  await client.send(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: h\r\n\r\nsent at once `)
  assert.equal((await client.response('CONNECT')).status, 200)
  await client.send('and later')
  client.end()
  assert.equal((await client.untilClosed()).reverse().toString(), 'sent at once and later')
})

test('what is no request to a proxy is refused', async () => {
  assert.equal((await asked('GET / HTTP/1.1\r\nHost: h')).status, 400)
  assert.equal((await asked('GET ftp://h/file HTTP/1.1\r\nHost: h')).status, 400)
  const direct = connect(Number(new URL(served.address).port), '127.0.0.1')
  await new Promise((resolve) => { direct.once('connect', resolve) })
  direct.destroy()
  assert.equal((await asked('GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: h')).status, 502)
})
