/** The method: servers in turn, one at a time, several rounds, and of those the medians. */
import { busySeconds } from './cores.mjs'
import { cpuSeconds, memoryKiB } from './process-tree.mjs'
import { startServer } from './server-process.mjs'
import { median, spread } from './statistics.mjs'
import { describeErrors, runWrk } from './wrk.mjs'

const warmUpSeconds = 1

async function measureOnce(peer, scenario, { core, secs }) {
  const server = await startServer({ name: peer.title, command: peer[scenario.kind], core, probe: scenario.probe })
  try {
    await runWrk(server.port, scenario.load, warmUpSeconds)
    const before = { at: performance.now(), cpu: cpuSeconds(server.pid), busy: busySeconds(core) }
    const figures = await runWrk(server.port, scenario.load, secs)
    const cpu = cpuSeconds(server.pid) - before.cpu
    const elapsed = (performance.now() - before.at) / 1000
    const others = Math.max(0, busySeconds(core) - before.busy - cpu)
    const errors = server.ended() ? 'the server ended' : describeErrors(figures.errors)
    return {
      errors,
      rps: figures.rps,
      cpu: (cpu / figures.requests) * 1e6,
      p50: figures.p50,
      p99: figures.p99,
      memory: memoryKiB(server.pid) / 1024,
      core: cpu / elapsed,
      others: others / elapsed,
    }
  } finally {
    await server.stop()
  }
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
export async function measure(peers, scenario, { core, rounds, secs, report }) {
  const results = new Map(peers.map((peer) => [peer.name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < peers.length; turn += 1) {
      const peer = peers[(round + turn) % peers.length]
      report(`round ${round + 1} of ${rounds}: ${peer.title}`)
      results.get(peer.name).push(await measureOnce(peer, scenario, { core, secs }))
    }
  }
  return peers.map((peer) => summarize(peer, results.get(peer.name)))
}
