import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { testWsgiEnviron } from '../../src/app/test-wsgi-environ.ts'
import { JsonProxy } from '../../src/rpc/json-proxy.ts'
import { method, MethodTable } from '../../src/rpc/method-table.ts'
import { InvalidParams, NoSuchFunction, RpcError } from '../../src/rpc/protocol/rpc-error.ts'
import { rpcSocket, type RpcConnection } from '../../src/rpc/rpc-socket.ts'
import type { WebSocketClass, WebSocketLike } from '../../src/rpc/socket-transport.ts'
import { RpcTransportError } from '../../src/rpc/transport.ts'
import { WsgiRequest } from '../../src/web/request.ts'
import { Router } from '../../src/web/router/router.ts'
import { projectRoot } from '../support/project.ts'
import { ServedApplication } from '../support/served-application.ts'
import { Specimen } from './specimen.ts'

const table = new MethodTable({
  add: method({ params: z.tuple([z.number(), z.number()]), result: z.number() }, ([a, b]) => a + b),
  greet: method({ params: z.object({ name: z.string() }) }, ({ name }) => `hello ${name}`),
  never: method(() => new Promise<void>(() => undefined)),
  token: method((request) => request.headers.get('x-token') ?? 'none'),
})

/** Only what compiles is asked of it: whoever calls with other types is stopped before. */
async function typed(proxy: JsonProxy<typeof table>, specimen: JsonProxy<Specimen>): Promise<void> {
  const sum: number = await proxy.add(1, 2)
  const greeting: string = await proxy.greet({ name: String(sum) })
  const parts: readonly unknown[] = await specimen.get_data()
  const divided: number = await specimen.calc.divide(parts.length, 2)
  const [one, two]: [number, string] = await proxy.$batch((batch) => [batch.add(1, 2), batch.greet({ name: greeting })])
  await proxy.$notify.add(one, divided)
  // @ts-expect-error: a string is no number
  await proxy.add('1', two)
  // @ts-expect-error: there is no such method
  await proxy.subtract(1, 2)
  // @ts-expect-error: the request is not the caller's to give
  await specimen.subtract(specimen, 1, 2)
  // @ts-expect-error: what is no method of the server cannot be called
  await specimen.putSubHandler('a', specimen)
}

class Connection implements RpcConnection {
  readonly request: WsgiRequest = WsgiRequest.from(testWsgiEnviron())
  private readonly client: PairedSocket

  constructor(client: PairedSocket) {
    this.client = client
  }

  write(text: string): undefined {
    this.client.receive(text)
  }

  close(code?: number, reason?: string): void {
    this.client.closed(code ?? 1000, reason ?? '')
  }
}

/** The client's end of a connection to a handler in this process: messages go through in turns of the loop. */
class PairedSocket implements WebSocketLike {
  static handler: ReturnType<typeof rpcSocket>
  static readonly made: PairedSocket[] = []
  readyState = 0
  readonly connection: Connection
  private readonly listeners = new Map<string, ((event: never) => void)[]>()

  constructor(_url: string) {
    this.connection = new Connection(this)
    PairedSocket.made.push(this)
    setImmediate(() => {
      this.readyState = 1
      this.emit('open', {})
    })
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.listeners.set(type, [...this.listeners.get(type) ?? [], listener])
  }

  send(text: string): void {
    setImmediate(() => { void PairedSocket.handler.onMessage(this.connection, text) })
  }

  receive(data: string): void {
    setImmediate(() => this.emit('message', { data }))
  }

  close(code: number = 1000, reason: string = ''): void {
    this.closed(code, reason)
  }

  closed(code: number, reason: string): void {
    this.readyState = 3
    setImmediate(() => this.emit('close', { code, reason }))
  }

  private emit(type: string, event: object): void {
    for (const listener of this.listeners.get(type) ?? []) listener(event as never)
  }
}

describe('a proxy over HTTP', () => {
  let served: ServedApplication
  let url: string
  const specimen = new Specimen()
  before(async () => {
    served = await ServedApplication.start(new Router('/', new Router('typed', { post: table }), new Router('class', { post: specimen })))
    url = `http://127.0.0.1:${served.port}`
  })
  after(() => served[Symbol.asyncDispose]())

  const typedProxy = (): JsonProxy<typeof table> => new JsonProxy<typeof table>(`${url}/typed`)
  const classProxy = (): JsonProxy<Specimen> => new JsonProxy<Specimen>(`${url}/class`)

  test('methods are called as if they were here, with the types of the server', async () => {
    const [proxy, other] = [typedProxy(), classProxy()]
    assert.equal(await proxy.add(1, 2), 3)
    assert.equal(await proxy.greet({ name: 'ann' }), 'hello ann')
    assert.equal(await other.calc.divide(6, 3), 2)
    assert.deepEqual(await other.get_data(), ['hello', 5])
    assert.equal(typeof typed, 'function')
  })

  test('an error of the server rejects the call with the class of its code', async () => {
    const [proxy, other] = [typedProxy(), classProxy()]
    await assert.rejects(proxy.$call('nothing'), NoSuchFunction)
    await assert.rejects(proxy.$call('add', ['1']), (error) => error instanceof InvalidParams && Array.isArray((error.data as { issues: unknown }).issues))
    await assert.rejects(other.calc.divide(1, 0), (error) => error instanceof RpcError && error.code === 1 && error.message === 'division by zero'
      && (error.data as { dividend: number }).dividend === 1)
    await assert.rejects(other.refuses(), (error) => error instanceof RpcError && error.code === 402)
  })

  test('a batch is one request; its results have their order, and a call that fails fails alone', async () => {
    let requests = 0
    const counting: typeof fetch = (...args) => { requests++; return fetch(...args) }
    const proxy = new JsonProxy<Specimen>(`${url}/class`, { fetch: counting })
    assert.deepEqual(await proxy.$batch((batch) => [batch.subtract(3, 1), batch.calc.add(3, 4), batch.greet('you')]), [2, 7, 'hello you'])
    let caught: unknown
    const [sum] = await proxy.$batch((batch) => [batch.calc.add(1, 1), batch.calc.divide(1, 0).catch((error: unknown) => { caught = error; return 0 })])
    assert.ok(caught instanceof RpcError)
    assert.equal(sum, 2)
    await assert.rejects(proxy.$batch((batch) => [batch.calc.add(1, 1), batch.calc.divide(1, 0)]), /division by zero/)
    assert.deepEqual(await proxy.$batch(() => []), [])
    assert.equal(requests, 3)
  })

  test('a batch that the server refuses as a whole rejects each of its calls', async () => {
    await assert.rejects(classProxy().$batch((batch) => Array.from({ length: 101 }, () => batch.calc.add(1, 1))), /more than 100/)
  })

  test('notifications are done and not answered', async () => {
    const proxy = classProxy()
    await proxy.$notify.update(1, 2)
    assert.deepEqual(await proxy.$batch((batch) => [batch.$notify.update(3), batch.calc.add(1, 1)]), [undefined, 2])
    await proxy.$batch((batch) => [batch.$notify.update(4)])
    assert.deepEqual(specimen.updates, [[1, 2], [3], [4]])
  })

  test('headers are sent with each request, and may be worked out each time', async () => {
    const proxy = typedProxy()
    assert.equal(await proxy.token(), 'none')
    assert.equal(await proxy.$with({ headers: { 'X-Token': 'fixed' } }).token(), 'fixed')
    let n = 0
    const counting = proxy.$with({ headers: async () => ({ 'X-Token': String(++n) }) })
    assert.deepEqual([await counting.token(), await counting.token()], ['1', '2'])
  })

  test('a call that takes too long is rejected, and one that is aborted, with the reason', async () => {
    const proxy = typedProxy()
    await assert.rejects(proxy.$with({ timeout: 20 }).never(), { name: 'TimeoutError' })
    const controller = new AbortController()
    const call = proxy.$with({ signal: controller.signal }).never()
    controller.abort(new Error('never mind'))
    await assert.rejects(call, /never mind/)
    await assert.rejects(proxy.$with({ signal: controller.signal }).add(1, 2), /never mind/)
  })

  test('an argument that JSON cannot say rejects its call', async () => {
    await assert.rejects(typedProxy().$call('add', [1n]), TypeError)
  })

  test('a proxy and its methods are no promises', async () => {
    const proxy = typedProxy()
    assert.equal(await Promise.resolve(proxy), proxy)
    assert.equal(typeof await Promise.resolve(proxy.add), 'function')
    assert.throws(() => { (proxy as unknown as { add: unknown }).add = 1 }, TypeError)
  })
})

describe('a proxy of what is no server of JSON-RPC', () => {
  const answers: Readonly<Record<string, readonly [status: number, body: string]>> = {
    '/page': [200, '<!doctype html>'], '/down': [502, 'bad gateway'], '/empty': [200, ''], '/other': [200, '{"a":1}'],
    '/foreign': [200, '{"jsonrpc":"2.0","result":1,"id":"another"}'], '/strange': [200, '{"jsonrpc":"2.0","error":"no","id":null}'],
  }
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [404, '']
    response.writeHead(status).end(body)
  })
  let url: string
  before(async () => {
    await new Promise<void>((resolved) => server.listen(0, '127.0.0.1', resolved))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => { server.close(); server.closeAllConnections() })

  for (const [path, [status]] of Object.entries(answers)) {
    test(`${path} rejects calls with an error of the way`, async () => {
      await assert.rejects(new JsonProxy<typeof table>(url + path).add(1, 2), RpcTransportError)
      assert.ok(status >= 200)
    })
  }

  test('so does nobody at all, and the status of HTTP is told', async () => {
    await assert.rejects(new JsonProxy<typeof table>('http://127.0.0.1:1/').add(1, 2), (error) => error instanceof RpcTransportError && error.status === undefined)
    await assert.rejects(new JsonProxy<typeof table>(`${url}/down`).add(1, 2), (error) => error instanceof RpcTransportError && error.status === 502)
    await assert.rejects(new JsonProxy<typeof table>(`${url}/down`).$notify.add(1, 2), RpcTransportError)
  })
})

describe('a proxy over a socket', () => {
  const connect = (): JsonProxy<Specimen> => {
    PairedSocket.handler = rpcSocket(new Specimen())
    PairedSocket.made.length = 0
    return new JsonProxy<Specimen>('ws://a.example/rpc', { WebSocket: PairedSocket as unknown as WebSocketClass })
  }

  test('many calls are under way on one connection, with notifications and batches', async () => {
    const proxy = connect()
    const sums = await Promise.all(Array.from({ length: 200 }, (_, i) => proxy.calc.add(i, i)))
    assert.deepEqual(sums, Array.from({ length: 200 }, (_, i) => 2 * i))
    await proxy.$notify.update(1)
    assert.deepEqual(await proxy.$batch((batch) => [batch.subtract(3, 1), batch.$notify.update(2), batch.greet('you')]), [2, undefined, 'hello you'])
    await assert.rejects(proxy.calc.divide(1, 0), RpcError)
    assert.equal(PairedSocket.made.length, 1)
  })

  test('a connection that is lost rejects what is under way, and the next call makes another', async () => {
    const proxy = connect()
    await proxy.calc.add(1, 1)
    const call = proxy.never()
    await new Promise((resolved) => setImmediate(resolved))
    PairedSocket.made[0]?.close(1006)
    await assert.rejects(call, /the connection was closed: 1006/)
    assert.equal(await proxy.calc.add(1, 3), 4)
    assert.equal(PairedSocket.made.length, 2)
  })

  test('a call that is aborted leaves the others', async () => {
    const proxy = connect()
    const controller = new AbortController()
    const aborted = proxy.$with({ signal: controller.signal }).calc.add(1, 1)
    const other = proxy.calc.add(1, 2)
    controller.abort(new Error('never mind'))
    await assert.rejects(aborted, /never mind/)
    assert.equal(await other, 3)
  })

  test('no more is read from a connection that has as many calls under way as it may', async () => {
    const handler = rpcSocket(new Specimen({ concurrency: 3 }))
    const written: string[] = []
    const connection: RpcConnection = {
      request: WsgiRequest.from(testWsgiEnviron()), write: (text) => { written.push(text); return undefined }, close: () => undefined,
    }
    const call = (method: string, id: number): Promise<void> | undefined => handler.onMessage(connection, JSON.stringify({ jsonrpc: '2.0', method, id }))
    assert.deepEqual([call('never', 1), call('never', 2)], [undefined, undefined])
    const full = call('get_data', 3)
    assert.ok(full instanceof Promise)
    await full
    assert.deepEqual(written, ['{"jsonrpc":"2.0","result":["hello",5],"id":3}'])
    assert.ok(call('never', 4) instanceof Promise)
  })

  test('bytes are refused', () => {
    const proxy = connect()
    void proxy.calc.add(1, 1).catch(() => undefined)
    const closed: (number | undefined)[] = []
    PairedSocket.handler.onBytes({ request: WsgiRequest.from(testWsgiEnviron()), write: () => undefined, close: (code?: number) => { closed.push(code) } })
    assert.deepEqual(closed, [1003])
  })
})

test('the client is made of files that import nothing of Node.js', () => {
  const seen = new Set<string>()
  const visit = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    for (const [, from = ''] of readFileSync(path, 'utf8').matchAll(/^(?:import|export) .*? from ['"](.*)['"]/gm)) {
      assert.match(from, /^\./, `${path} imports ${from}`)
      visit(resolve(dirname(path), from))
    }
  }
  visit(join(projectRoot, 'build', 'src', 'rpc', 'client.js'))
  assert.ok(seen.size > 5)
})
