/**
 * `node bench/python.mjs [hello] [close] [flask] [django] [up] [down]`: Python applications on Pulsar and on other servers, with as many
 * Python processes each. bench/README.md says how it is measured.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { pythonEnvironment } from '../scripts/python-environment.mjs'
import { takeCores } from './harness/cores.mjs'
import { buildPulsar } from './harness/install.mjs'
import { describeMachine } from './harness/machine.mjs'
import { readOptions } from './harness/options.mjs'
import { cpuSeconds, memoryKiB } from './harness/process-tree.mjs'
import { endReport, report } from './harness/progress.mjs'
import { pythonPeers } from './harness/python-peers.mjs'
import { keepFigures } from './harness/results.mjs'
import { startServer } from './harness/server-process.mjs'
import { median, spread } from './harness/statistics.mjs'
import { count, percent, table, time } from './harness/table.mjs'
import { runMain, Trouble } from './harness/trouble.mjs'
import { judge, ratio } from './harness/verdicts.mjs'
import { describeErrors, runWrk } from './harness/wrk.mjs'

const usage = `node bench/python.mjs [hello | close | flask | django | up | down]... [options]

  Peers here: pulsar, sync, gthread (gunicorn), uwsgi-http, uwsgi-socket, waitress, granian, of the system debian-sync, debian-gthread,
  debian-uwsgi-http, debian-uwsgi-socket, or one of them with its Python processes, such as pulsar-2.`

const connections = 64
const megabyte = 1e6
const bodySize = 100 * megabyte

const hello = { method: 'GET', path: '/', answer: Buffer.from('Hello World!') }
const small = { method: 'POST', path: '/up', body: Buffer.from('abc'), answer: Buffer.from('3') }

const table20 = { method: 'GET', path: '/', isRight: (body) => body.toString().split('<tr').length === 21 && body.includes('ARTICLE &lt;19&gt;') }

const scenarios = {
  hello: {
    title: `hello: a plain callable, 12 bytes, ${connections} connections, kept alive where the server does`,
    target: 'wsgi_hello:application', probe: hello, work: (server, secs) => underLoad(server, secs, 'report.lua'),
    asks: { gunicorn: { must: 3.5, aim: 4.5, cpu: { must: 0.4, aim: 0.33 } }, uwsgi: { must: 2.8, aim: 3.5 } }, plain: true,
  },
  close: {
    title: `close: the same, each request on a connection of its own, ${connections} at a time`,
    target: 'wsgi_hello:application', probe: hello, work: (server, secs) => underLoad(server, secs, 'close.lua'), asks: { gunicorn: { must: 1 } }, plain: true,
  },
  flask: {
    title: `flask: hello of Flask, ${connections} connections, kept alive where the server does`,
    target: 'flask_hello:app', probe: hello, work: (server, secs) => underLoad(server, secs, 'report.lua'),
    asks: { gunicorn: { must: 1.8 }, uwsgi: { must: 1.3 } },
  },
  django: {
    title: `django: a view of Django's with a template, ${connections} connections, kept alive where the server does`,
    target: 'django_view:application', probe: table20, work: (server, secs) => underLoad(server, secs, 'report.lua'),
    asks: { gunicorn: { must: 1.3 } },
  },
  up: { title: 'up: POST of 100 MB, counted, one at a time', target: 'bodies:application', probe: small, work: uploads, asks: { gunicorn: { must: 1 } }, plain: true },
  down: { title: 'down: GET of 100 MB in blocks of 64 KiB, one at a time', target: 'bodies:application', probe: small, work: downloads, asks: { gunicorn: { must: 1 } }, plain: true },
}

async function underLoad(server, secs, script) {
  const load = { connections, path: '/', script }
  const warmUp = await runWrk(server.port, load, 1)
  const before = cpuSeconds(server.pid)
  const figures = await runWrk(server.port, load, secs)
  const cpu = (cpuSeconds(server.pid) - before) / figures.requests * 1e6
  const errors = [warmUp, figures].map((run) => run.requests === 0 ? 'no request was answered' : describeErrors(run.errors))
  return { rps: figures.rps, cpu, p50: figures.p50, p99: figures.p99, errors: errors.filter(Boolean).join('; ') }
}

/** Bodies one after another for so many seconds: bodies a second, and CPU of the server for one. */
async function bodies(server, secs, transfer) {
  await transfer(server.port)
  const before = cpuSeconds(server.pid)
  const start = performance.now()
  const times = []
  while (performance.now() - start < secs * 1000) {
    const begun = performance.now()
    await transfer(server.port)
    times.push((performance.now() - begun) * 1000)
  }
  const rps = times.length / ((performance.now() - start) / 1000)
  return { rps, cpu: (cpuSeconds(server.pid) - before) / times.length * 1e6, p50: median(times), p99: Math.max(...times), errors: '' }
}

function uploads(server, secs) {
  return bodies(server, secs, async (port) => {
    const { text } = await exchange(port, { method: 'POST', path: '/up', length: bodySize })
    if (text !== String(bodySize)) throw new Trouble(`an upload of ${bodySize} bytes was counted as ${text}`)
  })
}

function downloads(server, secs) {
  return bodies(server, secs, async (port) => {
    const { bytes } = await exchange(port, { method: 'GET', path: `/down?${bodySize}`, length: 0 })
    if (bytes !== bodySize) throw new Trouble(`a download of ${bodySize} bytes had ${bytes}`)
  })
}

const block = Buffer.alloc(1 << 18)

async function exchange(port, { method, path, length }) {
  const headers = length > 0 ? { 'Content-Length': length } : {}
  const asked = request({ port, host: '127.0.0.1', method, path, headers, agent: false })
  const answered = once(asked, 'response')
  for (let left = length; left > 0; left -= block.length) {
    if (!asked.write(left < block.length ? block.subarray(0, left) : block)) await once(asked, 'drain')
  }
  asked.end()
  const [response] = await answered
  let bytes = 0
  let text = ''
  for await (const piece of response) {
    bytes += piece.length
    if (text.length < 100) text += piece.toString('latin1', 0, 100)
  }
  return { bytes, text }
}

async function measure(peers, scenario, { rounds, secs, allCores }) {
  const results = new Map(peers.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < peers.length; turn += 1) {
      const peer = peers[(round + turn) % peers.length]
      report(`round ${round + 1} of ${rounds}: ${peer.title}`)
      const server = await startServer({ name: peer.title, command: peer.command(scenario.target), core: allCores, probe: scenario.probe })
      try {
        const figures = await scenario.work(server, secs)
        const memory = memoryKiB(server.pid) / 1024
        results.get(peer.name).push({ ...figures, memory, errors: server.ended() ? 'the server ended' : figures.errors })
      } finally {
        await server.stop()
      }
    }
  }
  endReport()
  return peers.map((peer) => summarize(peer, results.get(peer.name)))
}

function summarize({ name, kind, family, processes, title }, rounds) {
  const of = (key) => rounds.map((round) => round[key])
  return {
    peer: name, kind, family, processes, title, rounds,
    errors: [...new Set(of('errors').filter(Boolean))].join('; '),
    ...Object.fromEntries(['rps', 'cpu', 'p50', 'p99', 'memory'].map((key) => [key, median(of(key))])),
    rpsSpread: spread(of('rps')), cpuSpread: spread(of('cpu')),
  }
}

function print(name, scenario, rows) {
  const large = name === 'up' || name === 'down'
  const unit = large ? 'MB/s' : 'requests/s'
  const rate = (row) => large ? row.rps * bodySize / megabyte : row.rps
  const head = ['server, Python processes', unit, large ? 'CPU ms/body' : 'CPU us/request', 'p50', large ? 'longest' : 'p99', 'memory', 'errors']
  console.log(`\n${scenario.title}\n\n${table(head, rows.map((row) => [
    row.title, `${count(rate(row))} ±${percent(row.rpsSpread)}`, `${(large ? row.cpu / 1000 : row.cpu).toFixed(1)} ±${percent(row.cpuSpread)}`,
    time(row.p50), time(row.p99), `${row.memory.toFixed(0)} MiB`, row.errors || 'none',
  ]))}`)
  const judged = rows.filter(({ kind }) => kind === 'pulsar').flatMap((own) => rows
    .filter(({ kind, processes, errors }) => kind !== 'pulsar' && processes === own.processes && errors === '' && own.errors === '')
    .flatMap((other) => judgements(own, other, scenario.asks[other.family], unit)))
  console.log(`\n${table(['', 'of', 'asked', 'measured', 'verdict'], judged)}`)
}

/** Requests, or bytes, a second, and CPU: what was asked, and where nothing was the ratio alone. */
function judgements(own, other, ask, unit) {
  return [['rps', unit, ask, true], ['cpu', 'CPU', ask?.cpu, false]].map(([measure, what, asked, atLeast]) => {
    const value = ratio(own, other, measure)
    const limit = asked === undefined ? '-' : `at ${atLeast ? 'least' : 'most'} ${asked.must}x${asked.aim === undefined ? '' : `, aim ${asked.aim}x`}`
    return [`${own.title}: ${what}`, other.title, limit, `${value.toFixed(2)}x`, asked === undefined ? '' : judge(value, { ...asked, atLeast })]
  })
}

async function main() {
  const options = readOptions(usage, { rounds: 3, secs: 3 })
  if (options === null) return 0
  const names = options.words.length === 0 ? Object.keys(scenarios) : options.words
  const unknown = names.filter((name) => !Object.hasOwn(scenarios, name))
  if (unknown.length > 0) throw new Trouble(`No such scenario: ${unknown.join(', ')}. There are ${Object.keys(scenarios).join(', ')}.`)
  buildPulsar()
  const environment = await pythonEnvironment()
  const { peers: all, missing } = pythonPeers(options.node, environment, pythonVersion(environment))
  const peers = options.peers ? all.filter(({ name, kind }) => options.peers.includes(name) || options.peers.includes(kind)) : all
  if (peers.length === 0) throw new Trouble(`No such peer: ${options.peers.join(', ')}. There are ${all.map(({ name }) => name).join(', ')}.`)
  const machine = `${describeMachine(options.node, ['pulsar'])}; ${pythonVersions(environment)}`
  console.log(`${machine}\n${options.rounds} rounds of ${options.secs} s each, medians; ± is half the range. Servers use every core, the load the last one.`)
  // Read before this process, and so what it starts, is put on one.
  const allCores = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]
  takeCores()
  for (const why of missing) console.log(`left out: ${why}`)
  let failed = false
  for (const name of names) {
    const able = peers.filter(({ plain }) => plain !== true || scenarios[name].plain === true)
    const rows = await measure(able, scenarios[name], { ...options, allCores })
    print(name, scenarios[name], rows)
    keepFigures(`python-${name}`, { machine, scenario: scenarios[name].title, rounds: options.rounds, secs: options.secs, rows })
    failed ||= rows.some(({ errors }) => errors !== '')
  }
  return failed ? 1 : 0
}

function pythonVersion(environment) {
  return spawnSync(join(environment, 'bin', 'python'), ['-V'], { encoding: 'utf8' }).stdout.trim()
}

function pythonVersions(environment) {
  const { stdout } = spawnSync(join(environment, 'bin', 'python'), ['-c', `
import platform
from importlib.metadata import version
print('Python ' + platform.python_version(), *('%s %s' % (name, version(name)) for name in ('gunicorn', 'flask', 'django')), sep='; ')`], { encoding: 'utf8' })
  return stdout.trim()
}

await runMain(main)
