/** `node bench/rpc.mjs`: a call of JSON-RPC over HTTP, by Pulsar and by jayson's own server on node:http. */
import { isDeepStrictEqual } from 'node:util'
import { server } from './harness/paths.mjs'
import { pulsarCommand } from './harness/peers.mjs'
import { runMain } from './harness/trouble.mjs'
import { compareTwo } from './harness/two-peers.mjs'

const usage = 'node bench/rpc.mjs [options]'

const scenario = {
  name: 'rpc',
  title: 'rpc: a POST that calls a method with two numbers, 64 kept-alive connections',
  kind: 'rpc',
  load: { connections: 64, path: '/rpc', script: 'rpc.lua' },
  probe: {
    method: 'POST', path: '/rpc', type: 'application/json',
    body: '{"jsonrpc":"2.0","method":"add","params":[19,23],"id":7}',
    // The order of the members is the server's own.
    isRight: (body) => isDeepStrictEqual(JSON.parse(body.toString()), { jsonrpc: '2.0', result: 42, id: 7 }),
  },
  asks: [{ measure: 'cpu', of: 'jayson', must: 0.5 }],
}

function peersOf({ node }) {
  return [
    {
      name: 'pulsar', title: 'Pulsar, JSONRPC',
      rpc: pulsarCommand(node, 'pulsar-rpc'),
    },
    { name: 'jayson', title: 'jayson on node:http', rpc: [node, server('jayson-rpc'), '@PORT@'] },
  ]
}

await runMain(() => compareTwo({ usage, scenarios: [scenario], peersOf }))
