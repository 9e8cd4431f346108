import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PulsarServerCommands, type ServerInfo } from '../../src/rpc/server-commands.ts'
import { inject } from '../../src/testing/inject.ts'
import type { WsgiRequest } from '../../src/web/request.ts'
import { Router } from '../../src/web/router/router.ts'
import { Calculator } from './specimen.ts'

class Root extends PulsarServerCommands<{ calc: Calculator }> {
  rpcHello(): string {
    return 'hello'
  }

  protected override extraServerInfo(_: WsgiRequest, info: ServerInfo): ServerInfo {
    return { ...info, extra: 'mine' }
  }
}

async function call(rpc: PulsarServerCommands | Root, method: string, params?: unknown, token = ''): Promise<{ readonly status: number, readonly result?: unknown, readonly error?: { readonly code: number } }> {
  const response = await inject(new Router('/', { post: rpc }), {
    method: 'POST', path: '/', headers: { 'Content-Type': 'application/json', 'X-Token': token },
    body: JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 }),
  })
  return { status: response.status, ...response.json() as object }
}

test('the commands answer what pulsar\'s do, and a subclass has its own beside them', async () => {
  const root = new Root({ calc: new Calculator() })
  assert.equal((await call(root, 'ping')).result, 'pong')
  assert.equal((await call(root, 'echo', ['hi'])).result, 'hi')
  assert.equal((await call(root, 'echo', { message: 'hi' })).result, 'hi')
  assert.equal((await call(root, 'echo')).result, '')
  assert.equal((await call(root, 'hello')).result, 'hello')
  assert.equal((await call(root, 'calc.add', [1, 2])).result, 3)
  const names = ((await call(root, 'functions_list')).result as [string][]).map(([name]) => name)
  assert.deepEqual(names, ['calc.add', 'calc.divide', 'documentation', 'echo', 'functions_list', 'hello', 'ping', 'server_info'])
  assert.match(String((await call(root, 'documentation')).result), /## ping\(\)\n\nAnswers "pong"\./)
})

test('server_info tells of the process that answers, and what a subclass adds', async () => {
  const info = (await call(new Root(), 'server_info')).result as ServerInfo
  assert.deepEqual([info.server.process_id, info.server.multiprocess, info.system.node, info.extra], [process.pid, false, process.version, 'mine'])
  assert.ok(info.server.uptime > 0 && info.memory.rss > 0)
})

test('who is not allowed is told nothing, by any command', async () => {
  const commands = new PulsarServerCommands({}, { allow: async (request) => request.headers.get('x-token') === 'secret' })
  for (const method of ['ping', 'echo', 'server_info', 'functions_list', 'documentation']) {
    const refused = await call(commands, method)
    assert.deepEqual([refused.status, refused.error?.code, 'result' in refused], [403, -32001, false], method)
    assert.equal((await call(commands, method, undefined, 'secret')).status, 200, method)
  }
})
