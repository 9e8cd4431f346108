/**
 * `node bench/chat.mjs [CONNECTIONS] [--workers N]`: that many people in one room of examples/chat, by the client of its page.
 * Some speak all the time; one of the workers is killed. Who was at another must not notice; who was at that one must come back,
 * and everybody must have heard everything once. The exit status is 1 where that is not so.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { tsImport } from 'tsx/esm/api'
import { needDescriptors } from './harness/hello-client.mjs'
import { buildPulsar } from './harness/install.mjs'
import { rootDirectory } from './harness/paths.mjs'
import { freePort } from './harness/server-process.mjs'
import { percentile } from './harness/statistics.mjs'
import { count } from './harness/table.mjs'
import { runMain, Trouble } from './harness/trouble.mjs'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { workers: { type: 'string', default: '3' } } })
const connections = Number(positionals[0] ?? 10_000)
const workers = Number(values.workers)
/** Milliseconds between two messages to all, and how many there are before and after the worker is killed: fewer than a history has. */
const pause = 500
const before = 10
const after = 10
const speakers = 20
const patience = 120_000

const { WebSocket } = createRequire(join(rootDirectory, 'package.json'))('ws')

class Person {
  heard = new Map()
  server = null
  lost = 0
  /** When the connection was lost, and how long it took to be back. */
  lostAt = 0
  away = 0

  constructor(ChatClient, url, said) {
    this.client = new ChatClient({
      open: () => new WebSocket(url, { perMessageDeflate: false }),
      room: 'lobby',
      events: {
        entries: (entries) => {
          for (const { id } of entries) {
            this.heard.set(id, (this.heard.get(id) ?? 0) + 1)
            if (said.has(id)) said.get(id).heard += 1
          }
        },
        connected: (server) => {
          this.server = server === null ? null : Number(server.split('-')[0])
          if (server === null) {
            if (this.lostAt === 0) this.lostAt = performance.now()
            this.lost += 1
          } else if (this.lostAt !== 0 && this.away === 0) this.away = performance.now() - this.lostAt
        },
        rooms: () => undefined,
        refused: () => undefined,
      },
    })
  }
}

async function until(condition, what) {
  for (const end = Date.now() + patience; !condition(); await sleep(20)) {
    if (Date.now() > end) throw new Trouble(`after ${patience / 1000} s: ${what()}`)
  }
}

async function startServer() {
  const port = await freePort()
  const command = [join(rootDirectory, 'dist', 'cli', 'main.js'), 'examples/chat/app.ts', '-w', String(workers), '-b', `127.0.0.1:${port}`]
  const child = spawn(process.execPath, command, { cwd: rootDirectory, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (text) => { log += text })
  await until(() => /serving on/.test(log) || child.exitCode !== null, () => `the server does not serve:\n${log}`)
  if (child.exitCode !== null) throw new Trouble(`the server ended:\n${log}`)
  return { child, url: `ws://127.0.0.1:${port}/message` }
}

async function main() {
  if (!(connections >= speakers && workers >= 2)) throw new Trouble(`at least ${speakers} connections and two workers`)
  needDescriptors(connections + 100)
  buildPulsar()
  const { ChatClient } = await tsImport('../examples/chat/web/chat-client.ts', import.meta.url)
  const { child, url } = await startServer()
  const said = new Map()
  const people = []
  try {
    for (let from = performance.now(); people.length < connections;) {
      const some = Array.from({ length: Math.min(200, connections - people.length) }, () => new Person(ChatClient, url, said))
      people.push(...some)
      await until(() => some.every(({ server }) => server !== null), () => `${people.length} people could not join`)
      if (people.length === connections) console.log(`${count(connections)} people joined in ${((performance.now() - from) / 1000).toFixed(1)} s, ${workers} workers`)
    }
    let number = 0
    const speak = async (times) => {
      for (let i = 0; i < times; i += 1) {
        const id = `message-${process.pid}-${(number += 1)}`
        said.set(id, { heard: 0 })
        people[(number * 7919) % speakers].client.say({ id, room: 'lobby', name: 'Ann', text: `message ${number}` })
        await sleep(pause)
      }
    }
    await speak(before)
    const victim = people[0].server
    const struck = people.filter(({ server }) => server === victim)
    process.kill(victim, 'SIGKILL')
    const from = performance.now()
    const speaking = speak(after)
    await until(() => struck.every(({ lost, server }) => lost > 0 && server !== null && server !== victim), () => `${struck.filter(({ server }) => server === null).length} are not back`)
    const back = performance.now() - from
    await speaking
    await until(() => [...said.values()].every(({ heard }) => heard >= connections), () => `not everybody has heard ${[...said].filter(([, { heard }]) => heard < connections).map(([id, { heard }]) => `${id} (${heard})`).join(', ')}`)
    const times = Float64Array.from(struck.map(({ away }) => away))
    const wrong = people.filter(({ heard }) => heard.size !== said.size || [...heard.values()].some((times) => times !== 1)).length
    const noticed = people.filter((person) => person.lost > 0 && !struck.includes(person)).length
    console.log(`One worker was killed, with ${count(struck.length)} people. All were back after ${(back / 1000).toFixed(2)} s (half of them after ${percentile(times, 0.5).toFixed(0)} ms).`)
    console.log(`Of ${count(connections - struck.length)} others ${noticed} lost their connection. ${said.size} messages; ${wrong} people did not hear each exactly once.`)
    console.log(`Memory of this process: ${(Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]) / 1024).toFixed(0)} MiB at most.`)
    return wrong + noticed > 0 ? 1 : 0
  } finally {
    for (const { client } of people) client.close()
    child.kill('SIGTERM')
    const forced = setTimeout(() => child.kill('SIGKILL'), 40_000)
    if (child.exitCode === null) await new Promise((resolve) => { child.once('exit', resolve) })
    clearTimeout(forced)
  }
}

await runMain(main)
