/** JSON-RPC over a WebSocket that the server holds. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WebSocket as LibrarySocket } from 'ws'
import { JsonProxy } from '../../src/rpc/json-proxy.ts'
import { RpcError } from '../../src/rpc/protocol/rpc-error.ts'
import { rpcSocket } from '../../src/rpc/rpc-socket.ts'
import type { WebSocketClass } from '../../src/rpc/socket-transport.ts'
import { WsgiHandler } from '../../src/web/wsgi-handler.ts'
import { WebSocket } from '../../src/ws/websocket.ts'
import { ServedApplication } from '../support/served-application.ts'
import { Specimen } from './specimen.ts'

test('calls, batches and notifications go over one connection, which large and many messages do not stop', async () => {
  const specimen = new Specimen()
  await using served = await ServedApplication.start(new WsgiHandler([new WebSocket('/rpc', rpcSocket(specimen))]))
  const proxy = new JsonProxy<Specimen>(`ws://127.0.0.1:${served.port}/rpc`, { WebSocket: LibrarySocket as unknown as WebSocketClass })
  const sums = await Promise.all(Array.from({ length: 500 }, (_, i) => proxy.calc.add(i, i)))
  assert.deepEqual(sums, Array.from({ length: 500 }, (_, i) => 2 * i))
  const large = 'x'.repeat(500_000)
  assert.equal(await proxy.whole(large), large)
  await proxy.$notify.update('seen')
  assert.deepEqual(await proxy.$batch((batch) => [batch.path(), batch.subtract(3, 1)]), ['/rpc', 2])
  assert.deepEqual(specimen.updates, [['seen']])
  await assert.rejects(proxy.calc.divide(1, 0), RpcError)
  proxy.$close()
})
