/**
 * `npm run profile`: where the time of a hello goes. Runs the server with `--cpu-prof` under load, and writes to
 * bench/results/ a flame graph, the functions by self time, and the profile itself (for the developer tools of a browser).
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { takeCores } from './harness/cores.mjs'
import { callTree, selfTimes } from './harness/cpu-profile.mjs'
import { flameGraph } from './harness/flame-graph.mjs'
import { describeMachine } from './harness/machine.mjs'
import { readOptions } from './harness/options.mjs'
import { benchDirectory, resultsDirectory } from './harness/paths.mjs'
import { preparePeers } from './harness/peers.mjs'
import { keep } from './harness/results.mjs'
import { scenarios } from './harness/scenarios.mjs'
import { startServer } from './harness/server-process.mjs'
import { runMain, Trouble } from './harness/trouble.mjs'
import { describeErrors, runWrk } from './harness/wrk.mjs'

const usage = `npm run profile -- [SCENARIO] [options]

  Of --peers the first is profiled, pulsar unless another is named. bun has no such profile.`

/** Microseconds of the monotonic clock, which V8 stamps its samples with. */
const now = () => Number(process.hrtime.bigint() / 1000n)

/** The command with the profiler switched on; Pulsar without an arbiter, so that the process that serves is the one profiled. */
function profiled({ name, hello, bodies }, kind, folder) {
  const [program, ...words] = kind === 'hello' ? hello : bodies
  const flags = ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', folder]
  if (name === 'pulsar') return [program, ...flags, ...words]
  return [program, ...flags, '--import', join(benchDirectory, 'harness', 'end-on-sigterm.mjs'), ...words]
}

/** Serves under load and gives the profile, with the span of time in which the load was on. */
async function record(peer, scenario, secs) {
  mkdirSync(resultsDirectory, { recursive: true })
  const folder = mkdtempSync(join(resultsDirectory, 'recording-'))
  try {
    const command = profiled(peer, scenario.kind, folder)
    const server = await startServer({ name: peer.title, command, core: takeCores().server, probe: scenario.probe })
    let figures
    let from
    let to
    try {
      await runWrk(server.port, scenario.load, 1)
      from = now()
      figures = await runWrk(server.port, scenario.load, secs)
      to = now()
    } finally {
      await server.stop()
    }
    if (describeErrors(figures.errors) !== '') throw new Trouble(`The load had errors: ${describeErrors(figures.errors)}.`)
    const files = readdirSync(folder)
    if (files.length === 0) {
      throw new Trouble(`${peer.title} wrote no profile: it did not end by itself after SIGTERM.\n${server.said()}`)
    }
    const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'))
    // Threads write profiles of their own; the one that served has by far the most.
    return { text: texts.reduce((a, b) => (b.length > a.length ? b : a)), figures, from, to }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function listing(title, tree, requests) {
  const rows = selfTimes(tree).slice(0, 60).map(({ name, place, self }) => (
    `${((100 * self) / tree.total).toFixed(2).padStart(6)}%  ${(self / requests).toFixed(3).padStart(8)} us  ${name}  ${place}`))
  return `${title}\nSelf time: part of all, and per request (with the profiler's own cost).\n\n${rows.join('\n')}\n`
}

async function main() {
  const options = readOptions(usage, { rounds: 1, secs: 5 })
  if (options === null) return 0
  const scenarioName = options.words[0] ?? 'hello'
  const scenario = Object.hasOwn(scenarios, scenarioName) ? scenarios[scenarioName] : undefined
  if (scenario === undefined) {
    throw new Trouble(`No such scenario: ${scenarioName}. There are ${Object.keys(scenarios).join(', ')}.`)
  }
  const name = options.peers?.[0] ?? 'pulsar'
  if (name === 'bun') throw new Trouble('Bun writes no profile that could be compared.')
  const [peer] = preparePeers([name], options.node)
  if (peer[scenario.kind] === undefined) throw new Trouble(`${peer.title} does not take part in ${scenarioName}.`)
  const title = `${peer.title}, ${scenario.title}`
  const about = `${title}\n${describeMachine(options.node, [name])}`

  const { text, figures, from, to } = await record(peer, scenario, options.secs)
  const tree = callTree(JSON.parse(text), { from, to })
  if (tree.total === 0) throw new Trouble('The profile has no samples of the time of the load.')
  const files = `profile-${name}-${scenarioName}`
  const list = listing(about, tree, figures.requests)
  console.log(list.split('\n').slice(0, 29).join('\n'))
  const kept = { html: flameGraph(title, tree), txt: list, cpuprofile: text }
  console.log()
  for (const [type, content] of Object.entries(kept)) console.log(keep(`${files}.${type}`, content))
  return 0
}

await runMain(main)
