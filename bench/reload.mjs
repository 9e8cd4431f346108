// node bench/reload.mjs [--pause SECONDS] [--only pulsar|gunicorn|kills|changes|cores]
// 64 kept-alive clients, and what a server loses of their requests while it is reloaded.
// gunicorn is that of the tests' virtual environment (scripts/python-environment.mjs).
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pythonEnvironment } from '../scripts/python-environment.mjs'
import { buildPulsar } from './harness/install.mjs'
import { rootDirectory } from './harness/paths.mjs'
import { SteadyClients } from './harness/steady-clients.mjs'

const CLIENTS = 64
const { values } = parseArgs({ options: { pause: { type: 'string', default: '1.5' }, only: { type: 'string' } } })
const pause = Number(values.pause) * 1000
const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const place = mkdtempSync(join(tmpdir(), 'pulsar-reload-'))
const command = join(rootDirectory, 'dist', 'cli', 'main.js')
const node = `export default (environ, start) => {
  if (environ.PATH_INFO === '/pid') { start('200 OK', []); return [Buffer.from(String(process.pid))] }
  if (environ.PATH_INFO === '/work') {
    let sum = 0
    for (let i = 0; i < 3e6; i++) sum += i % 7
    start('200 OK', [])
    return [Buffer.from(String(sum))]
  }
  start('200 OK', [['Content-Type', 'text/plain']]); return [Buffer.from('Hello World!')] }`
const python = `def app(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '12')])
    return [b'Hello World!']
`
writeFileSync(join(place, 'app.mjs'), node)
writeFileSync(join(place, 'hello.py'), python)

/** Servers, and what is done to them; `main` is the process to signal now. */
const cases = {
  pulsar: [
    ['Pulsar, 10 reloads (HUP)', ['-w', '2'], (main) => signals(main, 10, 'SIGHUP')],
    ['Pulsar, 2 new arbiters (USR2)', ['-w', '2'], (main) => signals(main, 2, 'SIGUSR2', 2 * pause)],
    ['Pulsar, a worker more, a worker less (TTIN, TTOU)', ['-w', '2'], async (main) => {
      await signals(main, 1, 'SIGTTIN')
      await signals(main, 1, 'SIGTTOU')
    }],
    ['Pulsar, `--max-requests 500`', ['-w', '2', '--max-requests', '500'], () => delay(4 * pause)],
    ['Pulsar, a reload that cannot be loaded', ['-w', '2'], async (main) => {
      writeFileSync(join(place, 'app.mjs'), 'export default (')
      await signals(main, 1, 'SIGHUP')
      writeFileSync(join(place, 'app.mjs'), node)
    }],
  ],
  gunicorn: [
    ['gunicorn (gthread), 4 reloads (HUP)', ['-w', '2'], (main) => signals(main, 4, 'SIGHUP')],
  ],
}

async function signals(main, count, name, wait = pause) {
  for (let i = 0; i < count; i++) {
    process.kill(main(), name)
    await delay(wait)
  }
}

async function measure([title, args, disturb], start) {
  const port = await freePort()
  const pidFile = join(place, `${port}.pid`)
  const server = start(port, pidFile, args)
  const ended = new Promise((resolve) => server.once('close', resolve))
  const main = () => Number(readFileSync(pidFile, 'utf8'))
  await served(port, server)
  const clients = new SteadyClients(port, CLIENTS)
  await delay(500)
  await disturb(main)
  await delay(500)
  await clients.stop()
  process.kill(main(), 'SIGTERM')
  await ended
  const how = Object.entries(clients.failures).map(([name, count]) => `${count} ${name}`).join(', ') || '-'
  console.log(`| ${title} | ${clients.answered} | ${clients.failed} | ${how} | ${Math.round(clients.slowest)} |`)
  return clients.failed
}

async function served(port, server) {
  for (let i = 0; i < 200; i++) {
    if (server.exitCode !== null) throw new Error('the server ended before it served')
    if (await fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.ok, () => false)) return
    await delay(50)
  }
  throw new Error('the server did not serve within 10 s')
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

function startPulsar(port, pidFile, args) {
  const rest = ['-b', `127.0.0.1:${port}`, '-p', pidFile, '--log-level', 'none', 'app.mjs']
  return spawn(process.execPath, [command, ...args, ...rest], { cwd: place, stdio: 'ignore' })
}

async function gunicorn() {
  const program = join(await pythonEnvironment(), 'bin', 'gunicorn')
  return (port, pidFile, args) => spawn(program, [
    ...args, '--worker-class', 'gthread', '--threads', String(CLIENTS), '--keep-alive', '75', '--bind', `127.0.0.1:${port}`,
    '--pid', pidFile, '--log-level', 'critical', 'hello:app',
  ], { cwd: place, stdio: 'ignore' })
}

/** A worker is killed every 500 ms for 20 s: the others' requests go on, and a new worker is there soon. */
async function kills() {
  const port = await freePort()
  const server = startPulsar(port, join(place, 'kills.pid'), ['-w', '1'])
  await served(port, server)
  const pid = async () => Number(await (await fetch(`http://127.0.0.1:${port}/pid`, { headers: { connection: 'close' } })).text())
  const back = []
  const bare = []
  for (let i = 0; i < 40; i++) {
    const victim = await pid()
    const killed = performance.now()
    process.kill(victim, 'SIGKILL')
    while (await pid().catch(() => victim) === victim) await delay(1)
    back.push(performance.now() - killed)
    // Between two kills, so that what else runs on the machine hits both; when the new worker is at rest.
    await delay(Math.max(0, 400 - (performance.now() - killed)))
    const started = performance.now()
    spawnSync(process.execPath, ['-e', '0'])
    bare.push(performance.now() - started)
    await delay(Math.max(0, 500 - (performance.now() - killed)))
  }
  server.kill('SIGTERM')
  const [again, start] = [median(back), median(bare)]
  console.log(`\nA killed worker is back in ${again.toFixed(0)} ms (median of ${back.length}),`
    + ` ${(again / start).toFixed(2)}x the start of a bare Node process (${start.toFixed(0)} ms).`)
}

/** A source is saved, with `--reload`: how soon an answer is of the new version. */
async function changes() {
  for (const name of ['dev.mjs', 'dev.ts']) {
    const save = (version) => writeFileSync(join(place, name), `export default (environ, start) => { start('200 OK', []); return [Buffer.from('${version}')] }`)
    save(0)
    const port = await freePort()
    const server = spawn(process.execPath, [command, '-w', '1', '--reload', '-b', `127.0.0.1:${port}`, '--log-level', 'none', name], { cwd: place, stdio: 'ignore' })
    await served(port, server)
    const times = []
    for (let version = 1; version <= 20; version++) {
      await delay(300)
      const saved = performance.now()
      save(version)
      while (await (await fetch(`http://127.0.0.1:${port}/`)).text() !== String(version)) await delay(1)
      times.push(performance.now() - saved)
    }
    server.kill('SIGTERM')
    await new Promise((resolve) => server.once('close', resolve))
    const [middle, longest] = [median(times), Math.max(...times)]
    console.log(`\nWith --reload a saved ${name} serves after ${middle.toFixed(0)} ms (median of ${times.length}; the longest ${longest.toFixed(0)} ms).`)
  }
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1]

/** Answers a second of a handler that only computes, with one worker and with two. */
async function cores() {
  const rates = []
  for (const workers of ['1', '2', '1', '2', '1', '2']) {
    const port = await freePort()
    const server = startPulsar(port, join(place, 'cores.pid'), ['-w', workers])
    await served(port, server)
    let answered = 0
    const end = performance.now() + 3000
    await Promise.all(Array.from({ length: 8 }, async () => {
      while (performance.now() < end) {
        await (await fetch(`http://127.0.0.1:${port}/work`)).text()
        answered++
      }
    }))
    rates.push([workers, answered / 3])
    server.kill('SIGTERM')
    await new Promise((resolve) => server.once('close', resolve))
  }
  const [one, two] = ['1', '2'].map((workers) => median(rates.filter(([name]) => name === workers).map(([, rate]) => rate)))
  console.log(`\nTwo workers answer ${(two / one).toFixed(2)}x as many requests a second as one`
    + ` (a handler that computes: ${one.toFixed(0)} and ${two.toFixed(0)}).`)
}

try {
  buildPulsar()
  const wanted = (name) => values.only === undefined || values.only === name
  let lost = 0
  console.log(`Node ${process.version}, ${CLIENTS} kept-alive clients without a second try of anything.\n`)
  console.log('| what happens | answered | failed | how | slowest answer, ms |\n| --- | --- | --- | --- | --- |')
  if (wanted('pulsar')) for (const one of cases.pulsar) lost += await measure(one, startPulsar)
  if (wanted('gunicorn')) for (const one of cases.gunicorn) await measure(one, await gunicorn())
  if (wanted('kills')) await kills()
  if (wanted('changes')) await changes()
  if (wanted('cores')) await cores()
  if (lost > 0) process.exitCode = 1
} finally {
  rmSync(place, { recursive: true, force: true })
}
