/** `node bench/metrics.mjs`: what counting costs: the same server with an admin server beside it, and without. */
import { pulsarCommand } from './harness/peers.mjs'
import { helloProbe } from './harness/scenarios.mjs'
import { runMain } from './harness/trouble.mjs'
import { compareTwo } from './harness/two-peers.mjs'

const usage = 'node bench/metrics.mjs [options]'

const scenario = {
  name: 'metrics',
  title: 'metrics: hello, 64 kept-alive connections, with --admin and without',
  kind: 'hello',
  load: { connections: 64, path: '/' },
  probe: helloProbe,
  asks: [{ measure: 'rps', of: 'off', must: 0.95 }, { measure: 'cpu', of: 'off', must: 1.05 }],
}

function peersOf({ node }) {
  const hello = pulsarCommand(node, 'pulsar-hello')
  return [
    { name: 'pulsar', title: 'Pulsar, --admin', hello: [...hello, '--admin', '127.0.0.1:0'] },
    { name: 'off', title: 'Pulsar', hello },
  ]
}

await runMain(() => compareTwo({ usage, scenarios: [scenario], peersOf }))
