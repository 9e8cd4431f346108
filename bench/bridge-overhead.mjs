/**
 * `node bench/bridge-overhead.mjs [hello] [flask] [django]`: what the bridge to Python costs for a request, in CPU: the server's
 * process, and Python's beyond the same application called in a bare loop. bench/README.md says how it is measured.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pythonEnvironment } from '../scripts/python-environment.mjs'
import { takeCores } from './harness/cores.mjs'
import { buildPulsar } from './harness/install.mjs'
import { describeMachine } from './harness/machine.mjs'
import { readOptions } from './harness/options.mjs'
import { benchDirectory, rootDirectory } from './harness/paths.mjs'
import { processTree } from './harness/process-tree.mjs'
import { endReport, report } from './harness/progress.mjs'
import { keepFigures } from './harness/results.mjs'
import { startServer } from './harness/server-process.mjs'
import { median, spread } from './harness/statistics.mjs'
import { percent, table } from './harness/table.mjs'
import { runMain, Trouble } from './harness/trouble.mjs'
import { runWrk } from './harness/wrk.mjs'

const usage = `node bench/bridge-overhead.mjs [hello | flask | django]... [options]

  --peers has no meaning here.`

const directory = join(benchDirectory, 'servers', 'python')
const connections = 64
const hello = { method: 'GET', path: '/', answer: Buffer.from('Hello World!') }
const applications = {
  hello: { target: 'wsgi_hello:application', probe: hello },
  flask: { target: 'flask_hello:app', probe: hello },
  django: { target: 'django_view:application', probe: { method: 'GET', path: '/', isRight: (body) => body.toString().split('<tr').length === 21 } },
}

/** Seconds of CPU of one process, all its threads. */
function ownCpu(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`)
  return tasks.reduce((sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]), 0) / 1e9
}

/** The server process and Python's, behind the arbiter. */
function processesOf(arbiter) {
  const python = processTree(arbiter).find((pid) => /\0-u\0.*pulsar_worker\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1')))
  if (python === undefined) throw new Trouble('there is no Python process')
  const server = Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${python}/status`, 'latin1'))[1])
  return { server, python }
}

async function measure({ target, probe }, { node, secs, python, core }) {
  const command = [
    node, join(rootDirectory, 'dist', 'cli', 'main.js'), '-w', '1', '--python', python, '-b', '127.0.0.1:@PORT@', '--log-level', 'warning',
    '--chdir', directory, target,
  ]
  const server = await startServer({ name: 'Pulsar', command, core, probe })
  try {
    await runWrk(server.port, { connections, path: '/', script: 'report.lua' }, 1)
    const pids = processesOf(server.pid)
    const before = { server: ownCpu(pids.server), python: ownCpu(pids.python) }
    const { requests, rps } = await runWrk(server.port, { connections, path: '/', script: 'report.lua' }, secs)
    const used = (name) => (ownCpu(pids[name]) - before[name]) / requests * 1e6
    return { rps, server: used('server'), python: used('python'), bare: bareLoop(python, target, secs) }
  } finally {
    await server.stop()
  }
}

/** The application alone: microseconds of CPU a call. */
function bareLoop(python, target, secs) {
  const { status, stdout, stderr } = spawnSync(python, [join(directory, 'bare_loop.py'), target, String(secs)], { encoding: 'utf8', cwd: directory })
  if (status !== 0) throw new Trouble(`bare_loop.py ended with ${status}:\n${stderr}`)
  return Number(stdout) * 1e6
}

async function main() {
  const options = readOptions(usage, { rounds: 3, secs: 2 })
  if (options === null) return 0
  const names = options.words.length === 0 ? Object.keys(applications) : options.words
  const unknown = names.filter((name) => !Object.hasOwn(applications, name))
  if (unknown.length > 0) throw new Trouble(`No such application: ${unknown.join(', ')}. There are ${Object.keys(applications).join(', ')}.`)
  buildPulsar()
  const python = join(await pythonEnvironment(), 'bin', 'python')
  // Read before this process, and so what it starts, is put on one.
  const core = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]
  takeCores()
  const machine = describeMachine(options.node, ['pulsar'])
  console.log(`${machine}\n${options.rounds} rounds of ${options.secs} s each, medians of microseconds of CPU for a request; ± is half the range.`)
  const rounds = new Map(names.map((name) => [name, []]))
  for (let round = 0; round < options.rounds; round += 1) {
    for (const name of names) {
      report(`round ${round + 1} of ${options.rounds}: ${name}`)
      rounds.get(name).push(await measure(applications[name], { ...options, python, core }))
    }
  }
  endReport()
  const head = ['application', 'requests/s', 'server', 'Python', 'application alone', 'bridge in Python', 'bridge, both', 'of the whole']
  const rows = names.map((name) => {
    const of = (pick) => rounds.get(name).map(pick)
    const both = of(({ server, python: own, bare }) => server + own - bare)
    const shown = (values) => `${median(values).toFixed(1)} ±${percent(spread(values))}`
    return [
      name, median(of(({ rps }) => rps)).toFixed(0), shown(of((one) => one.server)), shown(of((one) => one.python)), shown(of((one) => one.bare)),
      shown(of((one) => one.python - one.bare)), shown(both), percent(median(of(({ server, python: own, bare }) => (server + own - bare) / (server + own)))),
    ]
  })
  console.log(`\n${table(head, rows)}`)
  keepFigures('bridge-overhead', { machine, rounds: options.rounds, secs: options.secs, applications: Object.fromEntries(rounds) })
  return 0
}

await runMain(main)
