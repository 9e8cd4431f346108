/**
 * `node bench/router.mjs`: a route with a variable, answered with JSON, beside Fastify and Hono; and 1,000 routes beside 10,
 * over sockets and, without the noise of those, through the server's own parts without a socket.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { printComparison } from './harness/comparison.mjs'
import { takeCores } from './harness/cores.mjs'
import { describeMachine } from './harness/machine.mjs'
import { measure } from './harness/measure.mjs'
import { readOptions } from './harness/options.mjs'
import { rootDirectory, server } from './harness/paths.mjs'
import { preparePeers, pulsarCommand } from './harness/peers.mjs'
import { endReport, report } from './harness/progress.mjs'
import { keepFigures } from './harness/results.mjs'
import { helloProbe } from './harness/scenarios.mjs'
import { median, spread } from './harness/statistics.mjs'
import { percent, table } from './harness/table.mjs'
import { runMain } from './harness/trouble.mjs'
import { judge, ratio } from './harness/verdicts.mjs'
import { wrkVersion } from './harness/wrk.mjs'
import { asked } from './servers/routes.mjs'

const usage = 'node bench/router.mjs [options]'

const scenario = {
  title: `router: GET ${asked.path} of 10 routes, ${asked.answer.length} bytes of JSON, 64 kept-alive connections`,
  kind: 'router',
  load: { connections: 64, path: asked.path },
  probe: { method: 'GET', path: asked.path, answer: Buffer.from(asked.answer) },
  asks: [
    { measure: 'cpu', of: 'fastify', must: 0.45 },
    { measure: 'cpu', of: 'hono', must: 0.5 },
  ],
}

/** More routes may cost so many times as much. */
const manyRoutes = 1.05
const callsPerRound = 200_000

function commands({ peers, node }) {
  const pulsar = (file) => pulsarCommand(node, file)
  const all = preparePeers(peers ?? ['pulsar', 'fastify', 'hono'], node)
  return all.flatMap((peer) => {
    if (peer.name !== 'pulsar') return [{ ...peer, router: [node, server(`${peer.name}-router`), '@PORT@'] }]
    return [
      { ...peer, router: pulsar('pulsar-router') },
      { ...peer, name: 'pulsar-1000', title: 'Pulsar, 1,000 routes', router: pulsar('pulsar-router-1000') },
    ]
  })
}

/** Requests to a router, one by one, through the server's parser, gateway and writer without a socket. Nanoseconds each. */
async function timeCalls({ HttpServerResponse, settingsFrom }, application, paths) {
  const connection = new HttpServerResponse(application, settingsFrom({}))
  connection.connectionMade({ write: () => true, close: () => undefined })
  const requests = paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`))
  const before = process.cpuUsage()
  for (let i = 0; i < callsPerRound; i += 1) {
    connection.dataReceived(requests[i % requests.length])
    if (i % requests.length === 0) await new Promise(setImmediate)
  }
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / callsPerRound
}

async function measureCalls(rounds) {
  const [pulsar, { router }] = await Promise.all([join(rootDirectory, 'dist', 'index.js'), server('pulsar-routes')].map((file) => import(pathToFileURL(file).href)))
  const paths = Array.from({ length: 100 }, (_, i) => `/api/resource0/${i}${['', '/items', '/tags/5'][i % 3]}`)
  const kinds = [
    { title: '10 routes', application: router(10), paths, times: [] },
    { title: '1,000 routes', application: router(1000), paths, times: [] },
  ]
  // What is compiled in the first round would count against whoever comes first.
  for (let round = -1; round < rounds; round += 1) {
    for (const kind of round % 2 === 0 ? kinds : kinds.toReversed()) {
      report(`calls, round ${round + 1} of ${rounds}: ${kind.title}`)
      const taken = await timeCalls(pulsar, kind.application, kind.paths)
      if (round >= 0) kind.times.push(taken)
    }
  }
  endReport()
  return kinds
}

/** The same question over sockets, where its answer is within the noise. */
function manyOf(rows) {
  const [few, many] = ['pulsar', 'pulsar-1000'].map((name) => rows.find(({ peer, errors }) => peer === name && errors === ''))
  if (few === undefined || many === undefined) return []
  const value = ratio(many, few, 'cpu')
  return [['CPU per request with 1,000 routes, of 10', `at most ${manyRoutes}x`, `${value.toFixed(2)}x`, judge(value, { must: manyRoutes })]]
}

function printCalls([few, many]) {
  const rows = [few, many].map(({ title, times }) => [title, `${median(times).toFixed(0)} ns ±${percent(spread(times))}`])
  const value = median(many.times.map((time, round) => time / few.times[round]))
  console.log(`\nRequests without a socket, on Node ${process.versions.node}, to the same paths of the first resource\n\n${table(['routes', 'CPU a request'], rows)}`)
  console.log(`\n${table(['Pulsar', 'asked', 'measured', 'verdict'], [
    ['1,000 routes, of 10', `at most ${manyRoutes}x`, `${value.toFixed(2)}x`, judge(value, { must: manyRoutes })],
  ])}`)
}

async function main() {
  const options = readOptions(usage, { rounds: 5, secs: 3 })
  if (options === null) return 0
  const peers = commands(options)
  const floor = preparePeers(['raw'], options.node)
  wrkVersion()
  const machine = describeMachine(options.node, peers.map(({ name }) => name))
  console.log(`${machine}\n${options.rounds} rounds of ${options.secs} s each, medians; ± is half the range.`)
  const calls = peers.some(({ name }) => name === 'pulsar') ? await measureCalls(options.rounds) : undefined
  if (calls !== undefined) printCalls(calls)
  const how = { cores: takeCores(), rounds: options.rounds, secs: options.secs, report }
  // The raw socket's constant is the floor that no server gets below.
  const rows = [...await measure(peers, scenario, how), ...await measure(floor, { ...scenario, kind: 'hello', probe: helloProbe }, how)]
  endReport()
  printComparison(scenario, rows, manyOf(rows))
  keepFigures('router', { machine, scenario: scenario.title, rows, calls: calls?.map(({ title, times }) => ({ title, times })) })
  return rows.some(({ errors }) => errors !== '') ? 1 : 0
}

await runMain(main)
