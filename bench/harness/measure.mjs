/** The method: servers in turn, one at a time, several rounds, and of those the medians. */
import { between, disturbed, readClocks } from './clocks.mjs'
import { memoryKiB } from './process-tree.mjs'
import { startServer } from './server-process.mjs'
import { median, spread } from './statistics.mjs'
import { describeErrors, runWrk } from './wrk.mjs'

const warmUpSeconds = 1

/** The errors of the runs with a server, the warm-up too; empty where all went well. */
function whatFailed(runs) {
  const errors = runs.map((run) => (run.requests === 0 ? 'no request was answered' : describeErrors(run.errors)))
  return errors.filter(Boolean).join('; ')
}

async function measureOnce(peer, scenario, { cores, secs }) {
  const server = await startServer({ name: peer.title, command: peer[scenario.kind], core: cores.server, probe: scenario.probe })
  try {
    const { run = runWrk } = scenario.load
    const warmUp = await run(server.port, scenario.load, warmUpSeconds)
    const before = readClocks(server, cores)
    const figures = await run(server.port, scenario.load, secs)
    const { cpu, core, others } = between(before, readClocks(server, cores))
    return {
      errors: server.ended() ? 'the server ended' : whatFailed([warmUp, figures]),
      rps: figures.rps,
      cpu: (cpu / figures.requests) * 1e6,
      p50: figures.p50,
      p99: figures.p99,
      memory: memoryKiB(server.pid) / 1024,
      core,
      others,
    }
  } finally {
    await server.stop()
  }
}

/** A disturbed measurement is made once more; the less disturbed one counts, whatever its figure. */
async function measureQuietly(peer, scenario, how) {
  const first = await measureOnce(peer, scenario, how)
  if (first.others <= disturbed || first.errors !== '') return first
  const second = await measureOnce(peer, scenario, how)
  return second.others < first.others || second.errors !== '' ? second : first
}

/** The rounds of one server in one row; a server with errors has them instead of figures. */
function summarize(peer, rounds) {
  const errors = [...new Set(rounds.map((round) => round.errors).filter(Boolean))].join('; ')
  const of = (key) => rounds.map((round) => round[key])
  return {
    peer: peer.name,
    title: peer.title,
    errors,
    rounds,
    ...Object.fromEntries(['rps', 'cpu', 'p50', 'p99', 'memory', 'core', 'others'].map((key) => [key, median(of(key))])),
    rpsSpread: spread(of('rps')),
    cpuSpread: spread(of('cpu')),
  }
}

/** Measures the peers on a scenario. The order turns by one each round: what follows whom is no advantage. */
export async function measure(peers, scenario, { cores, rounds, secs, report }) {
  const results = new Map(peers.map((peer) => [peer.name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < peers.length; turn += 1) {
      const peer = peers[(round + turn) % peers.length]
      report(`round ${round + 1} of ${rounds}: ${peer.title}`)
      results.get(peer.name).push(await measureQuietly(peer, scenario, { cores, secs }))
    }
  }
  return peers.map((peer) => summarize(peer, results.get(peer.name)))
}
