/**
 * `node bench/slowloris.mjs [CLIENTS]`: the p99 of a normal request, alone and while slow clients hold connections open:
 * half with a head, half with a body that never ends. Longer than Pulsar's `headerTimeout`, so that its cuts are within.
 */
import { needDescriptors, openConnection } from './harness/hello-client.mjs'
import { begin, conclude, inTurn } from './harness/in-turn.mjs'
import { readOptions } from './harness/options.mjs'
import { helloProbe } from './harness/scenarios.mjs'
import { startSlowClients } from './harness/slow-process.mjs'
import { percentile } from './harness/statistics.mjs'
import { count, time } from './harness/table.mjs'
import { runMain } from './harness/trouble.mjs'
import { runWrk } from './harness/wrk.mjs'

const usage = 'node bench/slowloris.mjs [CLIENTS] [options]'

/** Requests one after another on one connection, for so long. */
async function normalTimes(port, secs) {
  const connection = await openConnection(port)
  const taken = []
  for (const end = performance.now() + secs * 1000; performance.now() < end;) taken.push(await connection.ask())
  connection.close()
  return taken
}

async function work(server, clients, secs) {
  await runWrk(server.port, { connections: 64 }, 2)
  await normalTimes(server.port, 1)
  const alone = await normalTimes(server.port, secs)
  const slow = await startSlowClients('slow-clients.mjs', server.port, clients)
  try {
    const among = await normalTimes(server.port, secs)
    const end = await slow.report()
    const aloneP99 = percentile(alone, 0.99)
    const amongP99 = percentile(among, 0.99)
    return {
      aloneP50: percentile(alone, 0.5),
      amongP50: percentile(among, 0.5),
      aloneP99,
      amongP99,
      slower: amongP99 / aloneP99,
      worst: percentile(among, 1),
      held: end.held,
      cut: end.cut,
      errors: slow.first.held < clients ? `only ${slow.first.held} slow clients got in` : '',
    }
  } finally {
    await slow.stop()
  }
}

async function main() {
  const options = readOptions(usage, { rounds: 3, secs: 20 })
  if (options === null) return 0
  const clients = Number(options.words[0] ?? 5000)
  needDescriptors(clients)
  const { peers, machine, cores } = begin(options, ['pulsar', 'node'])
  const rows = await inTurn({
    peers, kind: 'bodies', rounds: options.rounds, cores, probe: helloProbe,
    work: (server) => work(server, clients, options.secs),
  })
  return conclude({
    name: 'slowloris',
    title: `slowloris: ${count(clients)} slow clients, half heads, half bodies, a drip every 5 s; requests for ${options.secs} s`,
    machine,
    head: ['p50 alone', 'p50', 'p99 alone', 'p99', 'ratio of p99', 'worst', 'held at the end', 'cut'],
    cells: (row) => [
      time(row.aloneP50), time(row.amongP50), time(row.aloneP99), time(row.amongP99), `${row.slower.toFixed(2)}x`,
      time(row.worst),
      count(row.held), count(row.cut),
    ],
    rows,
    asks: [{ what: 'p99 of a normal request', value: ({ slower }) => slower, show: (value) => `${value.toFixed(2)}x`, must: 2 }],
  })
}

await runMain(main)
