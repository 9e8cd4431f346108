/**
 * `node bench/metrics.mjs [metrics|metrics-router]`: what counting costs: the same server with an admin server beside it, and without; and
 * where a router names its routes.
 */
import { pulsarCommand } from './harness/peers.mjs'
import { helloProbe } from './harness/scenarios.mjs'
import { runMain } from './harness/trouble.mjs'
import { compareTwo } from './harness/two-peers.mjs'
import { asked } from './servers/routes.mjs'

const usage = 'node bench/metrics.mjs [metrics|metrics-router] [options]'

const asks = [{ measure: 'rps', of: 'off', must: 0.95 }, { measure: 'cpu', of: 'off', must: 1.05 }]

const scenarios = [
  {
    name: 'metrics', title: 'metrics: hello, 64 kept-alive connections, with --admin and without', kind: 'hello',
    load: { connections: 64, path: '/' }, probe: helloProbe, asks,
  },
  {
    name: 'metrics-router', title: `metrics: GET ${asked.path} of a router, 64 kept-alive connections, with --admin and without`, kind: 'router',
    load: { connections: 64, path: asked.path }, probe: { method: 'GET', path: asked.path, answer: Buffer.from(asked.answer) }, asks,
  },
]

function peersOf({ node }) {
  const hello = pulsarCommand(node, 'pulsar-hello')
  const router = pulsarCommand(node, 'pulsar-router')
  const counted = (command) => [...command, '--admin', '127.0.0.1:0']
  return [
    { name: 'pulsar', title: 'Pulsar, --admin', hello: counted(hello), router: counted(router) },
    { name: 'off', title: 'Pulsar', hello, router },
  ]
}

await runMain(() => compareTwo({ usage, scenarios, peersOf }))
