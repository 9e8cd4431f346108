import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JsonProxy } from '../../src/rpc/json-proxy.ts'
import { InternalError, InvalidParams, NoSuchFunction, RpcError } from '../../src/rpc/protocol/rpc-error.ts'
import { runCommand, startCommand } from '../support/start-command.ts'
import { projectRoot } from '../support/project.ts'
import { join } from 'node:path'

interface Calculator {
  ping(): string
  echo(message: string): string
  check_request(): string
  dodgy_method(): number
  functions_list(): [string, object][]
  documentation(): string
  server_info(): { server: { process_id: number } }
  calc: {
    add(a: number, b: number): number
    subtract(a: number, b: number): number
    multiply(a: number, b: number): number
    divide(a: number, b: number): number
    randompaths(options: { paths?: number, size?: number, sigma?: number }): number[][]
  }
}

const server = await startCommand(['examples/calculator/app.ts', '-b', '127.0.0.1:0', '-w', '0'])
const proxy = new JsonProxy<Calculator>(`${server.address}/rpc`)

test('every method answers', async () => {
  const { calc } = proxy
  assert.deepEqual(await Promise.all([calc.add(3, 4), calc.subtract(3, 4), calc.multiply(3, 4), calc.divide(3, 4)]), [7, -1, 12, 0.75])
  assert.deepEqual([await proxy.ping(), await proxy.echo('hi'), await proxy.check_request()], ['pong', 'hi', 'POST /rpc'])
  const paths = await calc.randompaths({ paths: 3, size: 50 })
  assert.deepEqual(paths.map((path) => [path.length, path[0]]), [[50, 0], [50, 0], [50, 0]])
  assert.ok((await proxy.functions_list()).some(([name]) => name === 'calc.randompaths'))
  assert.match(await proxy.documentation(), /## calc\.add\(a, b\)\n\nThe sum\./)
  assert.equal((await proxy.server_info()).server.process_id, server.pid)
})

test('what is wrong has the code for it', async () => {
  await assert.rejects(proxy.$call('calc.add', [1]), InvalidParams)
  await assert.rejects(proxy.$call('calc.add', ['1', 2]), InvalidParams)
  await assert.rejects(proxy.$call('calc.nothing', [1]), NoSuchFunction)
  await assert.rejects(proxy.$call('nothing.add', [1]), NoSuchFunction)
  await assert.rejects(proxy.dodgy_method(), InternalError)
  await assert.rejects(proxy.calc.divide(1, 0), (error) => error instanceof RpcError && error.code === 1)
})

test('the page and all that it loads are served, and nothing else of the package', async () => {
  for (const path of ['/', '/assets/page.js', '/assets/page.css', '/client/client.js']) {
    assert.equal((await fetch(server.address + path)).status, 200, path)
  }
  // What a client imports besides would have to be served too.
  assert.doesNotMatch(await (await fetch(`${server.address}/client/client.js`)).text(), /^import |\bimport\(| from '/m)
  assert.equal((await fetch(`${server.address}/client/../index.js`)).status, 404)
  assert.equal((await fetch(`${server.address}/rpc`)).status, 405)
})

test('the script of the example calls it with the server\'s own types', async () => {
  const { stdout, stderr, code } = await runCommand([join(projectRoot, 'examples/calculator/client.ts'), server.address], {
    program: [process.execPath, '--import', 'tsx'],
  })
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^3 \+ 4 = 7\n6 \* 7 = 42 and 1 \/ 8 = 0\.125\n1 \/ 0: division by zero \{"dividend":1\}\na walk of 10 steps\nmethods: calc\.add, /)
})
