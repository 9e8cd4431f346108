/**
 * `node bench/start.mjs`: from the start of the process to the first byte of the first answer. Pulsar as a user starts the
 * example, TypeScript included: `pulsar -w 0 examples/hello.ts`. No process is pinned; one start before the rounds fills caches.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeMachine } from './harness/machine.mjs'
import { conclude, medians } from './harness/in-turn.mjs'
import { readOptions } from './harness/options.mjs'
import { rootDirectory } from './harness/paths.mjs'
import { inOneProcess, preparePeers } from './harness/peers.mjs'
import { endReport, report } from './harness/progress.mjs'
import { freePort } from './harness/server-process.mjs'
import { runMain, Trouble } from './harness/trouble.mjs'

const usage = 'node bench/start.mjs [options]'

/** The first bytes of an answer, or null where nobody listens yet. */
function tryOnce(port) {
  return new Promise((resolve) => {
    const question = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
    const socket = connect(port, '127.0.0.1', () => socket.write(question))
    socket.once('data', (piece) => { socket.destroy(); resolve(piece.toString('latin1')) })
    // Refused is what is waited out; 'close' follows every error.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(null))
  })
}

/** Milliseconds. */
async function startOnce(title, command) {
  const port = await freePort()
  const [program, ...words] = command.map((word) => word.replace('@PORT@', String(port)))
  const from = performance.now()
  const child = spawn(program, words, { cwd: rootDirectory, stdio: ['ignore', 'ignore', 'pipe'] })
  const exit = once(child, 'exit')
  let said = ''
  child.stderr.on('data', (piece) => { said = (said + piece).slice(-2000) })
  try {
    for (;;) {
      const answer = await tryOnce(port)
      const taken = performance.now() - from
      if (answer?.startsWith('HTTP/1.1 200 ')) return taken
      if (answer !== null) throw new Trouble(`${title} answered ${answer.split('\r\n')[0]}`)
      if (child.exitCode !== null || taken > 20_000) throw new Trouble(`${title} did not serve:\n${said}`)
      await sleep(1)
    }
  } finally {
    child.kill('SIGTERM')
    const forced = setTimeout(() => child.kill('SIGKILL'), 8000)
    await exit
    clearTimeout(forced)
  }
}

function example(peer, node) {
  const words = [...inOneProcess, 'examples/hello.ts']
  const main = join(rootDirectory, 'dist', 'cli', 'main.js')
  return { ...peer, title: `pulsar ${words.join(' ')}`, hello: [node, main, ...words, '-b', '127.0.0.1:@PORT@'] }
}

/** The peers as a user starts them. */
function commands(options) {
  const prepared = preparePeers(options.peers ?? ['pulsar', 'node'], options.node)
  return prepared.map((peer) => (peer.name === 'pulsar' ? example(peer, options.node) : peer))
}

async function main() {
  const options = readOptions(usage, { rounds: 15, secs: 1 })
  if (options === null) return 0
  const peers = commands(options)
  const machine = describeMachine(options.node, peers.map(({ name }) => name))
  console.log(`${machine}\n${options.rounds} rounds, medians.`)
  const results = new Map(peers.map(({ name }) => [name, []]))
  for (let round = -1; round < options.rounds; round += 1) {
    for (const { name, title, hello } of peers) {
      report(`round ${round + 1} of ${options.rounds}: ${title}`)
      const taken = await startOnce(title, hello)
      if (round >= 0) results.get(name).push({ taken, errors: '' })
    }
  }
  endReport()
  const rows = peers.map((peer) => medians(peer, results.get(peer.name)))
  const base = rows.find(({ peer }) => peer === 'node')?.taken
  const ratio = ({ taken }) => taken / base
  return conclude({
    name: 'start',
    title: 'start: from the start of the process to its first answer',
    machine,
    head: ['time', 'of node:http'],
    cells: (row) => [`${row.taken.toFixed(0)} ms`, base === undefined ? '' : `${ratio(row).toFixed(2)}x`],
    rows,
    asks: base === undefined ? [] : [{
      what: 'start to first answer, of node:http',
      value: ratio,
      show: (value) => `${value.toFixed(2)}x`,
      must: 3,
    }],
  })
}

await runMain(main)
