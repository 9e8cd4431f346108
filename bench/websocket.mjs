/**
 * `node bench/websocket.mjs [echo] [broadcast] [idle]`: WebSockets beside the `ws` library's own server on node:http. An echo of
 * 64 bytes of text on 200 connections; 64 bytes to 10,000 connections, beside a loop of sends; what an idle one costs in memory.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { between, readClocks } from './harness/clocks.mjs'
import { takeCores } from './harness/cores.mjs'
import { tellDisturbance } from './harness/disturbance.mjs'
import { needDescriptors } from './harness/hello-client.mjs'
import { inTurn } from './harness/in-turn.mjs'
import { buildPulsar } from './harness/install.mjs'
import { describeMachine } from './harness/machine.mjs'
import { readOptions } from './harness/options.mjs'
import { server } from './harness/paths.mjs'
import { pulsarCommand } from './harness/peers.mjs'
import { keepFigures } from './harness/results.mjs'
import { helloProbe } from './harness/scenarios.mjs'
import { ask } from './harness/server-process.mjs'
import { settledMemory } from './harness/settled-memory.mjs'
import { count, percent, table } from './harness/table.mjs'
import { runMain, Trouble } from './harness/trouble.mjs'
import { judge, ratio } from './harness/verdicts.mjs'
import { failures, maskedFrame, openWebSockets, plainFrame } from './harness/web-socket-client.mjs'
import { message } from './servers/payloads.mjs'

const usage = 'node bench/websocket.mjs [echo] [broadcast] [idle] [options]'
const echoConnections = 200
const manyConnections = 10_000
/** Messages to all, one after another: the next one leaves when the last has come everywhere. */
const broadcasts = 30

const question = maskedFrame(message)
const expected = plainFrame(message)

async function echo(port, cores, { secs, pid }) {
  let echoes = 0
  const onMessages = (messages, client) => {
    echoes += messages
    client.send(question)
  }
  const clients = await openWebSockets(port, '/echo', { count: echoConnections, expected, onMessages })
  for (const client of clients) client.send(question)
  await sleep(1000)
  const from = { echoes, clocks: readClocks({ pid }, cores) }
  await sleep(secs * 1000)
  const { cpu, core } = between(from.clocks, readClocks({ pid }, cores))
  const done = echoes - from.echoes
  for (const client of clients) client.close()
  return { rps: done / secs, cpu: (cpu / done) * 1e6, core, errors: failures(clients) || (done === 0 ? 'no echo came' : '') }
}

async function broadcast(port, cores, { pid }) {
  let missing = 0
  let heard = () => undefined
  const onMessages = (messages) => {
    missing -= messages
    if (missing === 0) heard()
  }
  const clients = await openWebSockets(port, '/all', { count: manyConnections, expected, onMessages })
  const once = async () => {
    missing += manyConnections
    const late = AbortSignal.timeout(30_000)
    const everywhere = new Promise((resolve, reject) => {
      heard = resolve
      late.addEventListener('abort', () => reject(new Trouble(`after 30 s ${missing} messages had not come`)), { once: true })
    })
    await ask(port, { method: 'POST', path: '/publish', body: 'x' })
    await everywhere
  }
  for (let i = 0; i < 5; i += 1) await once()
  const before = readClocks({ pid }, cores)
  for (let i = 0; i < broadcasts; i += 1) await once()
  const after = readClocks({ pid }, cores)
  const { cpu, core } = between(before, after)
  const sent = broadcasts * manyConnections
  for (const client of clients) client.close()
  return { rps: sent / (after.at - before.at), cpu: (cpu / sent) * 1e6, core, errors: failures(clients) }
}

async function idle(port, _cores, { pid }) {
  let echoes = 0
  const onMessages = (messages) => { echoes += messages }
  // What a first hundred brings along is there before the others are counted.
  const first = await openWebSockets(port, '/echo', { count: 100, expected, onMessages })
  for (const client of first) client.send(question)
  const before = await settledMemory(pid)
  const clients = await openWebSockets(port, '/echo', { count: manyConnections, expected, onMessages })
  for (const client of clients) client.send(question)
  const after = await settledMemory(pid)
  const errors = failures(clients) || (echoes === manyConnections + first.length ? '' : `${echoes} echoes came`)
  for (const client of [...first, ...clients]) client.close()
  return { memory: (after - before) / manyConnections, errors }
}

const speed = (one, many) => ({
  head: [`${many}/s`, `CPU us/${one}`, 'core'],
  cells: (row) => [count(row.rps), row.cpu.toFixed(2), percent(row.core)],
})
const scenarios = {
  echo: {
    title: `echo: 64 bytes of text on ${echoConnections} connections, one on its way on each`,
    work: echo, ...speed('echo', 'echoes'),
    asks: [{ measure: 'rps', what: 'echoes/s', must: 1, atLeast: true }, { measure: 'cpu', what: 'CPU per echo', must: 1, atLeast: false }],
  },
  broadcast: {
    title: `broadcast: 64 bytes of text to ${count(manyConnections)} connections, ${broadcasts} times; ws by a loop of sends`,
    work: broadcast, ...speed('message', 'messages'),
    asks: [{ measure: 'rps', what: 'messages/s', must: 2, atLeast: true }, { measure: 'cpu', what: 'CPU per message', must: 0.5, atLeast: false }],
  },
  idle: {
    title: `idle: ${count(manyConnections)} connections that have echoed once`,
    work: idle, head: ['memory each'], cells: (row) => [`${row.memory.toFixed(2)} KiB`],
    asks: [{ measure: 'memory', what: 'memory of an idle connection', must: 1, atLeast: false }],
  },
}

/** @returns whether there were errors */
function conclude(name, { title, head, cells, asks }, rows, machine) {
  const shown = rows.map((row) => [row.title, ...(row.errors === '' ? cells(row) : head.map(() => '-')), row.errors || 'none'])
  console.log(`\n${title}\n\n${table(['server', ...head, 'errors'], shown)}`)
  rows.forEach(tellDisturbance)
  const [pulsar, ws] = ['pulsar', 'ws'].map((peer) => rows.find((row) => row.peer === peer && row.errors === ''))
  if (pulsar !== undefined && ws !== undefined) {
    const judged = asks.map(({ measure, what, must, atLeast }) => {
      const value = ratio(pulsar, ws, measure)
      return [`${what}, of ${ws.title}`, `${atLeast ? 'at least' : 'at most'} ${must}x`, `${value.toFixed(2)}x`, judge(value, { must, atLeast })]
    })
    console.log(`\n${table(['Pulsar', 'asked', 'measured', 'verdict'], judged)}`)
  }
  keepFigures(`websocket-${name}`, { machine, title, rows })
  return rows.some(({ errors }) => errors !== '')
}

async function main() {
  const options = readOptions(usage, { rounds: 3, secs: 3 })
  if (options === null) return 0
  const names = options.words.length > 0 ? options.words : Object.keys(scenarios)
  const unknown = names.filter((name) => !Object.hasOwn(scenarios, name))
  if (unknown.length > 0) throw new Trouble(`No such scenario: ${unknown.join(', ')}. There are ${Object.keys(scenarios).join(', ')}.`)
  needDescriptors(manyConnections + 100)
  buildPulsar()
  const all = [
    { name: 'pulsar', title: 'Pulsar', socket: pulsarCommand(options.node, 'pulsar-websocket') },
    { name: 'raw', title: 'ready frames on bare sockets', socket: [options.node, server('raw-websocket'), '@PORT@'] },
    { name: 'ws', title: 'ws on node:http', socket: [options.node, server('ws-websocket'), '@PORT@'] },
  ]
  const peers = all.filter(({ name }) => options.peers?.includes(name) ?? true)
  const machine = describeMachine(options.node, peers.map(({ name }) => name))
  console.log(`${machine}\n${options.rounds} round${options.rounds === 1 ? '' : 's'}, medians.`)
  const cores = takeCores()
  let failed = false
  for (const name of names) {
    const { work } = scenarios[name]
    const rows = await inTurn({
      peers, kind: 'socket', rounds: options.rounds, cores, probe: helloProbe,
      work: ({ port, pid }) => work(port, cores, { secs: options.secs, pid }),
    })
    failed = conclude(name, scenarios[name], rows, machine) || failed
  }
  return failed ? 1 : 0
}

await runMain(main)
