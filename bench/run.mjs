/**
 * `npm run bench`: hello against a raw `net` socket and node:http. `npm run bench -- all`, or names of scenarios, for more.
 * bench/README.md says how it is measured.
 */
import { takeCores } from './harness/cores.mjs'
import { tellDisturbance } from './harness/disturbance.mjs'
import { describeMachine } from './harness/machine.mjs'
import { measure } from './harness/measure.mjs'
import { readOptions } from './harness/options.mjs'
import { preparePeers } from './harness/peers.mjs'
import { endReport, report } from './harness/progress.mjs'
import { keepFigures } from './harness/results.mjs'
import { scenarios } from './harness/scenarios.mjs'
import { count, percent, table, time } from './harness/table.mjs'
import { runMain, Trouble } from './harness/trouble.mjs'
import { verdicts } from './harness/verdicts.mjs'
import { wrkVersion } from './harness/wrk.mjs'

const usage = `npm run bench -- [SCENARIO... | all] [options]

  Scenarios: ${Object.keys(scenarios).join(', ')}. Without one: a short hello against raw and node.`

/** Above this part of its core a server is the bottleneck; below, the load is, and requests/s say little. */
const saturated = 0.9

function chooseScenarios(words) {
  const names = words.length === 0 ? ['hello'] : words.includes('all') ? Object.keys(scenarios) : words
  const unknown = names.filter((name) => !Object.hasOwn(scenarios, name))
  if (unknown.length > 0) {
    throw new Trouble(`No such scenario: ${unknown.join(', ')}. There are ${Object.keys(scenarios).join(', ')}.`)
  }
  return names
}

function cells(row, { batched }, pulsar) {
  if (row.errors !== '') return [row.title, '-', '-', '-', '-', '-', '-', '-', '-', row.errors]
  const compared = (key) => (pulsar === undefined ? '' : `${(row[key] / pulsar[key]).toFixed(2)}x`)
  return [
    row.title,
    `${count(row.rps)} ±${percent(row.rpsSpread)}`, compared('rps'),
    `${row.cpu.toFixed(1)} ±${percent(row.cpuSpread)}`, compared('cpu'),
    batched ? '-' : time(row.p50), batched ? '-' : time(row.p99), `${row.memory.toFixed(0)} MiB`, percent(row.core), 'none',
  ]
}

function print(scenario, rows) {
  const pulsar = rows.find(({ peer, errors }) => peer === 'pulsar' && errors === '')
  const head = ['server', 'requests/s', '/ Pulsar', 'CPU us/request', '/ Pulsar', 'p50', 'p99', 'memory', 'core', 'errors']
  console.log(`\n${scenario.title}\n\n${table(head, rows.map((row) => cells(row, scenario, pulsar)))}`)
  for (const row of rows.filter(({ errors }) => errors === '')) {
    if (row.core < saturated) {
      console.log(`${row.title} used ${percent(row.core)} of its core: the load was the limit, its requests/s are a lower bound.`)
    }
    tellDisturbance(row)
  }
  const judged = verdicts(scenario, rows)
  if (judged.length > 0) console.log(`\n${table(['Pulsar', 'asked', 'measured', 'verdict'], judged)}`)
}

async function main() {
  const short = process.argv.length === 2
  const options = readOptions(usage, short ? { rounds: 3, secs: 3 } : { rounds: 5, secs: 3 })
  if (options === null) return 0
  const names = chooseScenarios(options.words)
  const few = options.words.length === 0 ? ['pulsar', 'raw', 'node'] : undefined
  const wanted = options.peers ?? few ?? names.flatMap((name) => scenarios[name].peers)
  const prepared = preparePeers([...new Set(wanted)], options.node)
  wrkVersion()
  const machine = describeMachine(options.node, prepared.map(({ name }) => name))
  console.log(`${machine}\n${options.rounds} rounds of ${options.secs} s each, medians; ± is half the range.`)
  const cores = takeCores()
  let failed = false
  for (const name of names) {
    const scenario = scenarios[name]
    const taking = prepared.filter((peer) => scenario.peers.includes(peer.name))
    const rows = await measure(taking, scenario, { cores, rounds: options.rounds, secs: options.secs, report })
    endReport()
    print(scenario, rows)
    keepFigures(name, { machine, scenario: scenario.title, rounds: options.rounds, secs: options.secs, rows })
    failed ||= rows.some(({ errors }) => errors !== '')
  }
  return failed ? 1 : 0
}

await runMain(main)
