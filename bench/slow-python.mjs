/**
 * `node bench/slow-python.mjs [CLIENTS]`: the p99 of a normal request to a Python application, alone and among clients of 1 KB/s,
 * half of them up, half down; gunicorn with as many workers beside. And the p99 of a route in JavaScript in the same server while every
 * Python thread sleeps and the queue is full.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { pythonEnvironment } from '../scripts/python-environment.mjs'
import { takeCores } from './harness/cores.mjs'
import { needDescriptors } from './harness/hello-client.mjs'
import { buildPulsar } from './harness/install.mjs'
import { conclude, inTurn } from './harness/in-turn.mjs'
import { describeMachine } from './harness/machine.mjs'
import { readOptions } from './harness/options.mjs'
import { benchDirectory, rootDirectory } from './harness/paths.mjs'
import { helloProbe } from './harness/scenarios.mjs'
import { startSlowClients } from './harness/slow-process.mjs'
import { percentile } from './harness/statistics.mjs'
import { count, time } from './harness/table.mjs'
import { runMain, Trouble } from './harness/trouble.mjs'

const usage = `node bench/slow-python.mjs [CLIENTS] [options]

  Peers here: pulsar, sync, gthread.`

const workers = 2
const threads = 4
const queueLimit = 64
/** A normal request that takes longer has failed: milliseconds. */
const patience = 5000
const asking = 4

function makePeers(node, environment) {
  const directory = join(benchDirectory, 'servers', 'python')
  const bind = ['-b', '127.0.0.1:@PORT@', '--log-level', 'critical', '--chdir', directory]
  const pulsar = [
    node, join(rootDirectory, 'dist', 'cli', 'main.js'), '-w', '1', '--python-workers', String(workers), '--python', join(environment, 'bin', 'python'),
    ...bind, '--mount', '/=slow:application', '--mount', `/js=${join(benchDirectory, 'servers', 'slow-route.mjs')}`,
  ]
  const gunicorn = [join(environment, 'bin', 'gunicorn'), '-w', String(workers), ...bind]
  return [
    { name: 'pulsar', title: `Pulsar, ${workers} processes`, command: pulsar, queue: [...pulsar, '--threads', String(threads), '--queue-limit', String(queueLimit), '--queue-timeout', '0', '--timeout', '0'] },
    { name: 'sync', title: `gunicorn sync, ${workers} processes`, command: [...gunicorn, '-k', 'sync', 'slow:application'] },
    { name: 'gthread', title: `gunicorn gthread, ${workers} x ${threads}`, command: [...gunicorn, '-k', 'gthread', '--threads', String(threads), 'slow:application'] },
  ]
}

/** A request on a connection of its own, as gunicorn's sync has it: microseconds, or null where no right answer came in time. */
function askOnce(port, path) {
  return new Promise((resolve) => {
    const from = performance.now()
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const late = setTimeout(() => end(null), patience)
    const end = (taken) => {
      clearTimeout(late)
      socket.destroy()
      resolve(taken)
    }
    socket.setEncoding('latin1')
    socket.on('connect', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`))
    socket.on('data', (piece) => {
      text += piece
      if (text.endsWith('Hello World!')) end(text.startsWith('HTTP/1.1 200 ') ? (performance.now() - from) * 1000 : null)
    })
    socket.on('error', () => end(null))
    socket.on('close', () => end(null))
  })
}

/** Several clients that ask one request after another, with a pause between: normal ones do not load a server. */
async function normalTimes(port, path, secs) {
  const taken = []
  let failed = 0
  const end = performance.now() + secs * 1000
  await Promise.all(Array.from({ length: asking }, async () => {
    while (performance.now() < end) {
      const one = await askOnce(port, path)
      if (one === null) failed += 1
      // It took as long as that at least.
      taken.push(one ?? patience * 1000)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }))
  return { taken, failed }
}

async function amongSlow(server, clients, secs) {
  await normalTimes(server.port, '/', 1)
  const alone = await normalTimes(server.port, '/', secs)
  const slow = await startSlowClients('trickle-clients.mjs', server.port, clients)
  try {
    const among = await normalTimes(server.port, '/', secs)
    const { held } = await slow.report()
    return figures(alone, among, { held })
  } finally {
    await slow.stop()
  }
}

/** As many requests as all threads and the queue can take, each of which outlasts the measurement. */
async function besideSleepers(server, secs) {
  await normalTimes(server.port, '/js', 1)
  const alone = await normalTimes(server.port, '/js', secs)
  const sleepers = Array.from({ length: workers * threads + queueLimit }, () => connect({ port: server.port, host: '127.0.0.1' }))
  for (const sleeper of sleepers) {
    sleeper.on('error', () => sleeper.destroy())
    sleeper.write(`GET /sleep?${secs * 4 + 30} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  }
  try {
    await untilFull(server.port)
    const among = await normalTimes(server.port, '/js', secs)
    return figures(alone, among, { held: sleepers.filter(({ destroyed }) => !destroyed).length })
  } finally {
    for (const sleeper of sleepers) sleeper.destroy()
  }
}

/** One more request to Python is refused at once. */
async function untilFull(port) {
  for (const end = performance.now() + 20_000; performance.now() < end;) {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.write('GET /sleep?0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    const [piece] = await Promise.race([once(socket, 'data'), new Promise((resolve) => setTimeout(resolve, 500, ['']))])
    socket.destroy()
    if (String(piece).startsWith('HTTP/1.1 503')) return
  }
  throw new Trouble('the queue did not fill')
}

function figures(alone, among, more) {
  const aloneP99 = percentile(alone.taken, 0.99)
  const amongP99 = percentile(among.taken, 0.99)
  return {
    aloneP50: percentile(alone.taken, 0.5), amongP50: percentile(among.taken, 0.5), aloneP99, amongP99,
    slower: amongP99 / aloneP99, worst: percentile(among.taken, 1), answered: among.taken.length - among.failed, failed: among.failed, ...more, errors: '',
  }
}

const head = ['p50 alone', 'p50', 'p99 alone', 'p99', 'ratio of p99', 'worst', 'answered', 'not in 5 s', 'held']
const cells = (row) => [
  time(row.aloneP50), time(row.amongP50), time(row.aloneP99), time(row.amongP99), `${row.slower.toFixed(2)}x`, time(row.worst),
  count(row.answered), count(row.failed), count(row.held),
]
const asks = [{ what: 'p99 of a normal request', value: ({ slower, failed }) => (failed > 0 ? Infinity : slower), show: (value) => `${value.toFixed(2)}x`, must: 1.5 }]

async function main() {
  const options = readOptions(usage, { rounds: 3, secs: 10 })
  if (options === null) return 0
  const clients = Number(options.words[0] ?? 500)
  needDescriptors(clients)
  buildPulsar()
  const all = makePeers(options.node, await pythonEnvironment())
  const peers = all.filter(({ name }) => options.peers?.includes(name) ?? true)
  if (peers.length === 0) throw new Trouble(`No such peer: ${options.peers.join(', ')}. There are ${all.map(({ name }) => name).join(', ')}.`)
  const machine = describeMachine(options.node, ['pulsar'])
  console.log(`${machine}\n${options.rounds} round${options.rounds === 1 ? '' : 's'}, medians.`)
  const cores = takeCores()
  const { rounds, secs } = options
  const rows = await inTurn({ peers, kind: 'command', rounds, cores, probe: helloProbe, work: (server) => amongSlow(server, clients, secs) })
  const status = conclude({
    name: 'slow-python', title: `slow clients: ${count(clients)} of 1 KB/s, half up, half down; ${asking} others ask for ${secs} s`, machine, head, cells, rows, asks,
  })
  const own = peers.filter(({ queue }) => queue !== undefined)
  if (own.length === 0) return status
  const beside = await inTurn({ peers: own, kind: 'queue', rounds, cores, probe: helloProbe, work: (server) => besideSleepers(server, secs) })
  return Math.max(status, conclude({
    name: 'slow-python-queue', machine, head, cells, rows: beside, asks,
    title: `a route in JavaScript while ${workers} x ${threads} Python threads sleep and ${queueLimit} requests wait`,
  }))
}

await runMain(main)
