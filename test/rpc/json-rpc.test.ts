import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { testWsgiEnviron } from '../../src/app/test-wsgi-environ.ts'
import { JSONRPC } from '../../src/rpc/json-rpc.ts'
import { inject } from '../../src/testing/inject.ts'
import type { InjectedResponse } from '../../src/testing/injected-response.ts'
import { WsgiRequest } from '../../src/web/request.ts'
import { Router } from '../../src/web/router/router.ts'
import { projectRoot } from '../support/project.ts'
import { Calculator, Specimen } from './specimen.ts'

interface SpecificationCase { readonly name: string, readonly request: string, readonly answer: unknown }
interface Refusal { readonly name: string, readonly request: string, readonly code: number, readonly id: number | null }

const read = <T>(name: string): T => JSON.parse(readFileSync(join(projectRoot, 'test/corpus/json-rpc', name), 'utf8')) as T

function post(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}, rpc: JSONRPC<never> | Specimen = new Specimen()): Promise<InjectedResponse> {
  const app = new Router('/rpc', { post: rpc })
  return inject(app, { method: 'POST', path: '/rpc', headers: { 'Content-Type': 'application/json', ...headers }, body })
}

const call = (method: string, params?: unknown, id: unknown = 1): string => JSON.stringify({ jsonrpc: '2.0', method, params, id })

/** Without what the server adds to the message of an error. */
function plain(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(plain)
  const { error, ...rest } = answer as { readonly error?: { readonly code: number, readonly message: string } }
  return error === undefined ? rest : { ...rest, error: { code: error.code, message: error.message.replace(/: .*/, '') } }
}

describe('the examples of the specification (JSON-RPC 2.0 section 7)', () => {
  for (const { name, request, answer } of read<SpecificationCase[]>('specification.json')) {
    test(`over HTTP: ${name}`, async () => {
      const response = await post(request)
      if (answer === null) assert.deepEqual([response.status, response.text()], [204, ''])
      else {
        assert.deepEqual(plain(response.json()), answer)
        assert.equal(response.headers.get('content-type'), 'application/json')
      }
    })

    test(`as a message: ${name}`, async () => {
      const text = await new Specimen().handleMessage(request, WsgiRequest.from(testWsgiEnviron()))
      assert.deepEqual(text === undefined ? null : plain(JSON.parse(text)), answer)
    })
  }
})

describe('what is refused', () => {
  for (const { name, request, code, id } of read<Refusal[]>('refusals.json')) {
    test(`${name} is answered with ${code}`, async () => {
      const response = await post(request)
      const answer = response.json() as { readonly error?: { readonly code: number }, readonly id: unknown } | readonly { readonly error: { readonly code: number } }[]
      const one = (Array.isArray(answer) ? answer[0] : answer) as { readonly error?: { readonly code: number }, readonly id: unknown }
      assert.deepEqual([one.error?.code, one.id], [code, id])
      assert.doesNotMatch(response.text(), /secret of the database|another secret/)
    })
  }
})

test('a method\'s own mistake is in the log whole, and not in the answer', async () => {
  const response = await post(call('fails'))
  assert.deepEqual(response.json(), { jsonrpc: '2.0', error: { code: -32603, message: 'Internal error' }, id: 1 })
  assert.match(response.log, /the secret of the database[^]*specimen/)
})

test('an error of the application has its code, its data and its status', async () => {
  const response = await post(call('refuses'))
  assert.equal(response.status, 402)
  assert.deepEqual(response.json(), { jsonrpc: '2.0', error: { code: 402, message: 'the account is empty', data: { missing: 12 } }, id: 1 })
})

const statuses: readonly (readonly [name: string, body: string | Uint8Array, headers: Readonly<Record<string, string>>, status: number, code: number])[] = [
  ['what is no JSON', '{', {}, 400, -32700],
  ['bytes that are no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), {}, 400, -32700],
  ['no request', '{}', {}, 400, -32600],
  ['a method that does not exist', call('nothing'), {}, 200, -32601],
  ['wrong parameters', call('subtract', [1]), {}, 200, -32602],
  ['a mistake', call('fails'), {}, 200, -32603],
  ['a type that a page of another site can send', call('sum'), { 'Content-Type': 'text/plain' }, 415, -32600],
  ['a client that accepts no JSON', call('sum'), { Accept: 'text/html' }, 406, -32600],
  ['a body that is too long', `"${'x'.repeat(1_048_576)}"`, {}, 413, -32600],
  ['JSON that is too deep', '['.repeat(101) + ']'.repeat(101), {}, 413, -32600],
  ['a batch that is too long', `[${Array.from({ length: 101 }, () => call('sum')).join()}]`, {}, 413, -32600],
]
for (const [name, body, headers, status, code] of statuses) {
  test(`over HTTP ${name} is answered with ${status} and ${code}`, async () => {
    const response = await post(body, headers)
    assert.deepEqual([response.status, (response.json() as { readonly error: { readonly code: number } }).error.code], [status, code])
  })
}

for (const type of ['application/json', 'application/json; charset=utf-8', 'application/json-rpc', 'application/vnd.a+json']) {
  test(`the type ${type} is taken`, async () => {
    assert.deepEqual((await post(call('sum', [1, 2]), { 'Content-Type': type })).json(), { jsonrpc: '2.0', result: 3, id: 1 })
  })
}

test('ids come back as they were: text, numbers of any kind, null', async () => {
  for (const id of ['', 'a"\u2028', 0, -1.5, 1e300, null]) {
    assert.deepEqual((await post(call('sum', [1], id))).json(), { jsonrpc: '2.0', result: 1, id })
  }
})

test('the answers to a batch have the order of its requests, and so many of them are under way as the limit says', async () => {
  let under = 0
  let most = 0
  class Slow extends JSONRPC {
    async rpcWait(_: WsgiRequest, turns: number): Promise<number> {
      most = Math.max(most, ++under)
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve))
      under--
      return turns
    }
  }
  const rpc = new Slow({}, { limits: { concurrency: 3 } })
  const turns = [9, 1, 5, 0, 7, 2, 2, 8]
  const response = await post(`[${turns.map((n, i) => call('wait', [n], i)).join()}]`, {}, rpc as never)
  assert.deepEqual(response.json(), turns.map((n, id) => ({ jsonrpc: '2.0', result: n, id })))
  assert.equal(most, 3)
})

test('optional parameters may be left out, by position and by name', async () => {
  const results = []
  for (const params of [['you'], ['you', 'good day'], { name: 'you' }, { greeting: 'hi', name: 'you' }]) {
    results.push((await post(call('greet', params))).json())
  }
  assert.deepEqual(results.map((answer) => (answer as { readonly result: unknown }).result), ['hello you', 'good day you', 'hello you', 'hi you'])
})

test('a method of one parameter without a name gets named ones as an object', async () => {
  assert.deepEqual((await post(call('whole', { a: 1, b: 2 }))).json(), { jsonrpc: '2.0', result: { a: 1, b: 2 }, id: 1 })
})

test('methods get the request; methods of handlers below are reached by both names, however deep', async () => {
  assert.deepEqual((await post(call('path'))).json(), { jsonrpc: '2.0', result: '/rpc', id: 1 })
  const deep = new JSONRPC<{ a: JSONRPC<{ b: Calculator }> }>({ a: new JSONRPC<{ b: Calculator }>({ b: new Calculator() }) })
  assert.deepEqual((await post(call('a.b.add', [1, 2]), {}, deep as never)).json(), { jsonrpc: '2.0', result: 3, id: 1 })
})

test('a handler knows those above and below', () => {
  const calc = new Calculator()
  const root = new JSONRPC()
  assert.equal(root.putSubHandler('calc', calc), root)
  assert.deepEqual([calc.parent === root as unknown, calc.root === root as unknown, calc.isRoot(), root.isRoot()], [true, true, false, true])
  assert.equal(root.getSubHandler('calc'), calc)
  assert.deepEqual([...root.subHandlers.keys()], ['calc'])
  assert.deepEqual([...root.methods.keys()].sort(), ['calc.add', 'calc.divide'])
})

test('a prefix that methods cannot have, and a handler twice in a tree, are refused', () => {
  for (const prefix of ['', 'rpc', 'a.b']) assert.throws(() => new JSONRPC().putSubHandler(prefix, new Calculator()), RangeError)
  const root = new JSONRPC()
  assert.throws(() => root.putSubHandler('self', root), /twice in a tree/)
})

test('a handler that is put below later is found, also where methods were looked for before', () => {
  const [root, middle] = [new JSONRPC(), new JSONRPC()]
  root.putSubHandler('middle', middle)
  assert.equal(root.methods.size, 0)
  middle.putSubHandler('calc', new Calculator())
  assert.ok(root.methods.has('middle.calc.add'))
})

test('a subclass has the methods of its class, replaces them, and takes them away', async () => {
  class Scientific extends Calculator {
    override rpcAdd(request: WsgiRequest, a: number, b: number): number {
      return super.rpcAdd(request, a, b) + 0.5
    }

    override rpcDivide = undefined as never
    rpcHalf = (_: WsgiRequest, a: number): number => a / 2
  }
  const rpc = new Scientific()
  assert.deepEqual([...rpc.methods.keys()].sort(), ['add', 'half'])
  assert.deepEqual((await post(call('add', [1, 2]), {}, rpc as never)).json(), { jsonrpc: '2.0', result: 3.5, id: 1 })
})

test('listFunctions() and docs() say what there is', () => {
  const specimen = new Specimen()
  const rows = new Map(specimen.listFunctions())
  assert.deepEqual(rows.get('subtract'), { doc: 'The difference.', section: '', parameters: ['minuend', 'subtrahend'] })
  assert.deepEqual(rows.get('calc.add'), { doc: '', section: 'calc', parameters: [] })
  assert.match(specimen.docs(), /## subtract\(minuend, subtrahend\)\n\nThe difference\.\n/)
})

test('a prototype that somebody has extended adds no method and no request', async () => {
  const prototype = Object.prototype as { rpcEvil?: unknown, method?: unknown }
  prototype.rpcEvil = () => 'evil'
  prototype.method = 'sum'
  try {
    const codes = []
    for (const body of [call('evil'), '{"jsonrpc":"2.0","id":1}']) {
      codes.push(((await post(body)).json() as { readonly error: { readonly code: number } }).error.code)
    }
    assert.deepEqual(codes, [-32601, -32600])
  } finally {
    delete prototype.rpcEvil
    delete prototype.method
  }
})

test('floods of batches are answered, each with as many answers as it may have', async () => {
  const rpc = new Specimen()
  const app = new Router('/rpc', { post: rpc })
  const body = `[${Array.from({ length: 100 }, (_, i) => call('calc.divide', [i, i % 2], i)).join()}]`
  const responses = await Promise.all(Array.from({ length: 100 }, () =>
    inject(app, { method: 'POST', path: '/rpc', headers: { 'Content-Type': 'application/json' }, body })))
  for (const response of responses) assert.equal((response.json() as unknown[]).length, 100)
})
