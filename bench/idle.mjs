/**
 * `node bench/idle.mjs [CONNECTIONS]`: what idle kept-alive connections cost in memory, and whether a request on one of
 * them is slower than on a server that has no other. Memory is the server's own (PSS), without the kernel's socket buffers.
 * With `express`, `fastify`, `koa`, `handler`, `hono` or `fetch` the same of Pulsar with such an application.
 */
import { needDescriptors, openConnection, openConnections, times } from './harness/hello-client.mjs'
import { begin, conclude, inTurn } from './harness/in-turn.mjs'
import { installPeers } from './harness/install.mjs'
import { readOptions } from './harness/options.mjs'
import { pulsarCommand } from './harness/peers.mjs'
import { helloProbe } from './harness/scenarios.mjs'
import { settledMemory } from './harness/settled-memory.mjs'
import { percentile } from './harness/statistics.mjs'
import { count, time } from './harness/table.mjs'
import { runMain, Trouble } from './harness/trouble.mjs'
import { runWrk } from './harness/wrk.mjs'

const usage = 'node bench/idle.mjs [CONNECTIONS] [KIND ...] [options]'
/** By the names that they have in servers/. */
const applications = {
  express: 'express-app', fastify: 'fastify-app', koa: 'koa-app', handler: 'node-handler', hono: 'pulsar-hono', fetch: 'fetch-handler',
}
const warm = 3000
const measured = 5000

async function work(server, connections) {
  await runWrk(server.port, { connections: 64 }, 2)
  const single = await openConnection(server.port)
  await times(warm, () => single)
  const alone = percentile(await times(measured, () => single), 0.5)
  const before = await settledMemory(server.pid)

  const idle = await openConnections(server.port, connections)
  const after = await settledMemory(server.pid)
  const chosen = idle[idle.length >> 1]
  await times(warm, () => chosen)
  const among = percentile(await times(measured, () => chosen), 0.5)
  let next = 0
  const turning = percentile(await times(measured, () => idle[(next += 7919) % idle.length]), 0.5)

  const closed = idle.filter(({ open }) => !open).length
  for (const connection of [single, ...idle]) connection.close()
  return {
    each: (after - before) / connections,
    alone,
    among,
    turning,
    slower: among / alone,
    errors: closed === 0 ? '' : `${closed} connections were closed`,
  }
}

async function main() {
  const options = readOptions(usage, { rounds: 3, secs: 1 })
  if (options === null) return 0
  const [kinds, numbers] = partition(options.words, (word) => Object.hasOwn(applications, word))
  const connections = Number(numbers[0] ?? 10_000)
  if (!Number.isInteger(connections) || numbers.length > 1) throw new Trouble(`Usage: ${usage}; kinds are ${Object.keys(applications).join(', ')}.`)
  needDescriptors(connections)
  if (kinds.length > 0) installPeers()
  const { peers: servers, machine, cores } = begin(options, kinds.length === 0 ? ['pulsar', 'raw', 'node'] : ['pulsar'])
  const served = kinds.map((kind) => ({ name: kind, title: `Pulsar, ${kind}`, hello: pulsarCommand(options.node, applications[kind]) }))
  const peers = [...servers, ...served]
  const rows = await inTurn({
    peers, kind: 'hello', rounds: options.rounds, cores, probe: helloProbe,
    work: (server) => work(server, connections),
  })
  return conclude({
    name: 'idle',
    title: `idle: ${count(connections)} kept-alive connections, each used once`,
    machine,
    head: ['memory each', 'p50 without them', 'p50 on one of them', 'ratio', 'p50 on a different one each time'],
    cells: (row) => [
      `${row.each.toFixed(2)} KiB`, time(row.alone), time(row.among), `${row.slower.toFixed(2)}x`, time(row.turning),
    ],
    rows,
    asks: [
      { what: 'memory of an idle connection', value: ({ each }) => each, show: (value) => `${value.toFixed(2)} KiB`, must: 5 },
      { what: 'p50 on one of them', value: ({ slower }) => slower, show: (value) => `${value.toFixed(2)}x`, must: 1.2 },
    ],
  })
}

function partition(words, isOne) {
  return [words.filter(isOne), words.filter((word) => !isOne(word))]
}

await runMain(main)
