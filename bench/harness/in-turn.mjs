/** What bench's scripts beside run.mjs have in common: peers in turn, rounds, a table, a verdict. */
import { between, readClocks } from './clocks.mjs'
import { takeCores } from './cores.mjs'
import { tellDisturbance } from './disturbance.mjs'
import { describeMachine } from './machine.mjs'
import { preparePeers } from './peers.mjs'
import { endReport, report } from './progress.mjs'
import { keepFigures } from './results.mjs'
import { startServer } from './server-process.mjs'
import { median } from './statistics.mjs'
import { table } from './table.mjs'
import { judge } from './verdicts.mjs'

/**
 * Measures every peer once per round, each on a server started for it.
 * @param work `(server, peer) => figures`: numbers, and `errors`, a text that is empty where all went well
 * @returns rows of `{ peer, title, errors, rounds, ...medians }`
 */
export async function inTurn({ peers, kind, rounds, cores, probe, work }) {
  const results = new Map(peers.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < peers.length; turn += 1) {
      const peer = peers[(round + turn) % peers.length]
      report(`round ${round + 1} of ${rounds}: ${peer.title}`)
      const server = await startServer({ name: peer.title, command: peer[kind], core: cores.server, probe })
      try {
        const before = readClocks(server, cores)
        const figures = await work(server, peer)
        const { others } = between(before, readClocks(server, cores))
        results.get(peer.name).push({ ...figures, others, errors: server.ended() ? 'the server ended' : figures.errors })
      } finally {
        await server.stop()
      }
    }
  }
  endReport()
  return peers.map((peer) => medians(peer, results.get(peer.name)))
}

/** One row of the rounds of a peer. */
export function medians(peer, rounds) {
  const errors = [...new Set(rounds.map((round) => round.errors).filter(Boolean))].join('; ')
  const keys = Object.keys(rounds[0]).filter((key) => key !== 'errors')
  const figures = Object.fromEntries(keys.map((key) => [key, median(rounds.map((round) => round[key]))]))
  return { peer: peer.name, title: peer.title, errors, rounds, ...figures }
}

/** Prepares peers and cores, and says on what is measured. */
export function begin(options, defaults) {
  const names = options.peers ?? defaults
  const peers = preparePeers(names, options.node)
  const machine = describeMachine(options.node, names)
  console.log(`${machine}\n${options.rounds} round${options.rounds === 1 ? '' : 's'}, medians.`)
  return { peers, machine, cores: takeCores() }
}

/**
 * Prints a table and, below it, what was asked of Pulsar; keeps the figures.
 * @param asks `{ what, value(row), show(value), must }`, all "at most"
 * @returns {number} the exit status: 1 where a run had errors
 */
export function conclude({ name, title, machine, head, cells, rows, asks }) {
  const shown = rows.map((row) => {
    const figures = row.errors === '' ? cells(row) : head.map(() => '-')
    return [row.title, ...figures, row.errors || 'none']
  })
  console.log(`\n${title}\n\n${table(['server', ...head, 'errors'], shown)}`)
  rows.forEach(tellDisturbance)
  const pulsar = rows.find(({ peer, errors }) => peer === 'pulsar' && errors === '')
  if (pulsar !== undefined) {
    const judged = asks.map(({ what, value, show, must }) => (
      [what, `at most ${show(must)}`, show(value(pulsar)), judge(value(pulsar), { must, atLeast: false })]))
    console.log(`\n${table(['Pulsar', 'asked', 'measured', 'verdict'], judged)}`)
  }
  keepFigures(name, { machine, title, rows })
  return rows.some(({ errors }) => errors !== '') ? 1 : 0
}
