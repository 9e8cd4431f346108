/** `node bench/static.mjs`: files of 1 KiB and of 1 MiB, by MediaRouter and by sirv on node:http. */
import { join } from 'node:path'
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
import { long, makeFiles, short } from './servers/static-files.mjs'

const usage = 'node bench/static.mjs [options]'

const scenarioOf = (name, file, connections, must) => ({
  name,
  title: `${name}: GET of a file of ${file.content.length} bytes, ${connections} kept-alive connections`,
  kind: 'static',
  load: { connections, path: file.path },
  probe: { method: 'GET', path: file.path, answer: file.content },
  asks: [{ measure: 'rps', of: 'sirv', must }],
})
const scenarios = [scenarioOf('static-short', short, 64, 1.5), scenarioOf('static-long', long, 16, 1)]

function peersOf({ node }) {
  return [
    {
      name: 'pulsar', title: 'Pulsar, MediaRouter',
      static: [node, join(rootDirectory, 'dist', 'cli', 'main.js'), ...inOneProcess, server('pulsar-static'), '-b', '127.0.0.1:@PORT@'],
    },
    { name: 'sirv', title: 'sirv on node:http', static: [node, server('sirv-static'), '@PORT@'] },
  ]
}

async function main() {
  const options = readOptions(usage, { rounds: 5, secs: 3 })
  if (options === null) return 0
  installPeers()
  buildPulsar()
  makeFiles()
  wrkVersion()
  const peers = peersOf(options)
  const machine = describeMachine(options.node, peers.map(({ name }) => name))
  console.log(`${machine}\n${options.rounds} rounds of ${options.secs} s each, medians; ± is half the range.`)
  const cores = takeCores()
  let failed = false
  for (const scenario of scenarios) {
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
    failed ||= rows.some(({ errors }) => errors !== '')
  }
  return failed ? 1 : 0
}

await runMain(main)
