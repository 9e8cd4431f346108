/** `node bench/http2.mjs`: hello over HTTP/2 without TLS, beside the compatibility API of node:http2. */
import { h2loadVersion, runH2load } from './harness/h2load.mjs'
import { server } from './harness/paths.mjs'
import { pulsarCommand } from './harness/peers.mjs'
import { runMain } from './harness/trouble.mjs'
import { compareTwo } from './harness/two-peers.mjs'

const usage = 'node bench/http2.mjs [options]'

const scenario = {
  name: 'http2',
  title: 'http2: GET of 12 bytes, 100 streams on each of 10 connections',
  kind: 'hello',
  load: { connections: 10, streams: 100, run: runH2load },
  probe: { method: 'GET', path: '/', answer: Buffer.from('Hello World!'), http2: true },
  asks: [{ measure: 'rps', of: 'node', must: 1 }],
}

function peersOf({ node }) {
  return [
    { name: 'pulsar', title: 'Pulsar', hello: [...pulsarCommand(node, 'pulsar-hello'), '--http2', 'on'] },
    { name: 'node', title: 'node:http2, compatibility API', hello: [node, server('node-http2-hello'), '@PORT@'] },
  ]
}

await runMain(() => compareTwo({ usage, scenarios: [scenario], peersOf, prepare: h2loadVersion }))
