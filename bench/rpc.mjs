/** `node bench/rpc.mjs`: a call of JSON-RPC over HTTP, by Pulsar and by jayson's own server on node:http. */
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { takeCores } from './harness/cores.mjs'
import { tellDisturbance } from './harness/disturbance.mjs'
import { buildPulsar, installPeers } from './harness/install.mjs'
import { describeMachine } from './harness/machine.mjs'
import { measure } from './harness/measure.mjs'
import { readOptions } from './harness/options.mjs'
import { rootDirectory, server } from './harness/paths.mjs'
import { inOneProcess } from './harness/peers.mjs'
import { endReport, report } from './harness/progress.mjs'
import { keepFigures } from './harness/results.mjs'
import { count, percent, table } from './harness/table.mjs'
import { runMain } from './harness/trouble.mjs'
import { verdicts } from './harness/verdicts.mjs'
import { wrkVersion } from './harness/wrk.mjs'

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
      rpc: [node, join(rootDirectory, 'dist', 'cli', 'main.js'), ...inOneProcess, server('pulsar-rpc'), '-b', '127.0.0.1:@PORT@'],
    },
    { name: 'jayson', title: 'jayson on node:http', rpc: [node, server('jayson-rpc'), '@PORT@'] },
  ]
}

async function main() {
  const options = readOptions(usage, { rounds: 5, secs: 3 })
  if (options === null) return 0
  installPeers()
  buildPulsar()
  wrkVersion()
  const peers = peersOf(options)
  const machine = describeMachine(options.node, peers.map(({ name }) => name))
  console.log(`${machine}\n${options.rounds} rounds of ${options.secs} s each, medians; ± is half the range.`)
  const cores = takeCores()
  const rows = await measure(peers, scenario, { cores, rounds: options.rounds, secs: options.secs, report })
  endReport()
  const cells = (row) => (row.errors === ''
    ? [row.title, `${count(row.rps)} ±${percent(row.rpsSpread)}`, `${row.cpu.toFixed(1)} ±${percent(row.cpuSpread)}`, `${row.memory.toFixed(0)} MiB`, percent(row.core), 'none']
    : [row.title, '-', '-', '-', '-', row.errors])
  console.log(`\n${scenario.title}\n\n${table(['server', 'requests/s', 'CPU us/request', 'memory', 'core', 'errors'], rows.map(cells))}`)
  for (const row of rows) tellDisturbance(row)
  const judged = verdicts(scenario, rows)
  if (judged.length > 0) console.log(`\n${table(['Pulsar', 'asked', 'measured', 'verdict'], judged)}`)
  keepFigures(scenario.name, { machine, scenario: scenario.title, rounds: options.rounds, secs: options.secs, rows })
  return rows.some(({ errors }) => errors !== '') ? 1 : 0
}

await runMain(main)
