/** A benchmark of Pulsar beside one peer, scenario by scenario; what `node bench/rpc.mjs` and `node bench/static.mjs` run. */
import { printComparison } from './comparison.mjs'
import { takeCores } from './cores.mjs'
import { buildPulsar, installPeers } from './install.mjs'
import { describeMachine } from './machine.mjs'
import { measure } from './measure.mjs'
import { readOptions } from './options.mjs'
import { endReport, report } from './progress.mjs'
import { keepFigures } from './results.mjs'
import { Trouble } from './trouble.mjs'
import { wrkVersion } from './wrk.mjs'

/**
 * @param peersOf gives the servers, for the options; `prepare` is called before them
 * @returns the exit status
 */
export async function compareTwo({ usage, scenarios, peersOf, prepare }) {
  const options = readOptions(usage, { rounds: 5, secs: 3 })
  if (options === null) return 0
  installPeers()
  buildPulsar()
  prepare?.()
  wrkVersion()
  const peers = peersOf(options)
  const machine = describeMachine(options.node, peers.map(({ name }) => name))
  console.log(`${machine}\n${options.rounds} rounds of ${options.secs} s each, medians; ± is half the range.`)
  const cores = takeCores()
  let failed = false
  for (const scenario of chosen(scenarios, options.words)) {
    const rows = await measure(peers.filter((peer) => peer[scenario.kind] !== undefined), scenario, { cores, rounds: options.rounds, secs: options.secs, report })
    endReport()
    printComparison(scenario, rows)
    keepFigures(scenario.name, { machine, scenario: scenario.title, rounds: options.rounds, secs: options.secs, rows })
    failed ||= rows.some(({ errors }) => errors !== '')
  }
  return failed ? 1 : 0
}

/** Those that the words name; all without a word. */
function chosen(scenarios, words) {
  const unknown = words.filter((word) => scenarios.every(({ name }) => name !== word))
  if (unknown.length > 0) throw new Trouble(`No such scenario: ${unknown.join(', ')}. There are ${scenarios.map(({ name }) => name).join(', ')}.`)
  return words.length === 0 ? scenarios : scenarios.filter(({ name }) => words.includes(name))
}
