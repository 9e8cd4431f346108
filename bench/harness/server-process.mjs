/** Starts a server on a free port, pinned to its core, and ends it with all its descendants. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:http2'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { rootDirectory } from './paths.mjs'
import { Trouble } from './trouble.mjs'

const running = new Set()
process.on('exit', () => { for (const child of running) signal(child, 'SIGKILL') })
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => process.exit(130))

/** To the whole group: the server leads one of its own. */
function signal(child, name) {
  try {
    process.kill(-child.pid, name)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  return port
}

/** One request on a connection of its own: status and body. Rejects while nobody listens. */
export function ask(port, { method, path, body, type = 'application/octet-stream', http2 = false }) {
  if (http2) return askByHttp2(port, path)
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': type, 'Content-Length': body.length }
    const asked = request({ port, host: '127.0.0.1', method, path, headers, agent: false, timeout: 5000 }, (response) => {
      const pieces = []
      response.on('data', (piece) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(pieces) }))
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer for 5 s')))
    asked.on('error', reject)
    asked.end(body)
  })
}

async function askByHttp2(port, path) {
  const session = connect(`http://127.0.0.1:${port}`)
  try {
    const stream = session.request({ ':path': path })
    const pieces = []
    stream.on('data', (piece) => pieces.push(piece))
    const failed = once(session, 'error').then(([error]) => { throw error })
    const [headers] = await Promise.race([once(stream, 'response'), failed])
    await Promise.race([once(stream, 'end'), failed])
    return { status: headers[':status'], body: Buffer.concat(pieces) }
  } finally {
    session.destroy()
  }
}

/** The last lines of what the server said: the reason, where it does not serve. */
function remember(child) {
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece) => { said = (said + piece).slice(-2000) })
  }
  return () => said
}

/** Waits until the server gives the right answer: a figure for a wrong one would be worth nothing. */
async function untilRight(child, said, port, { probe, name }) {
  let last = 'no answer'
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(20)) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Trouble(`${name} ended before it served:\n${said()}`)
    try {
      const { status, body } = await ask(port, probe)
      if (status === 200 && (probe.isRight?.(body) ?? body.equals(probe.answer))) return
      last = `status ${status}, ${body.length} bytes that are not those expected`
    } catch (error) {
      last = error.message
    }
  }
  throw new Trouble(`${name} did not give the right answer to ${probe.method} ${probe.path} within 20 s: ${last}\n${said()}`)
}

/**
 * @param command argv; `@PORT@` stands for the port
 * @param core the core to run on; undefined for any
 * @param probe the request and the body of its right answer
 * @returns {Promise<{ pid: number, port: number, ended(): boolean, said(): string, stop(): Promise<void> }>}
 */
export async function startServer({ name, command, core, probe }) {
  const port = await freePort()
  const argv = command.map((word) => word.replace('@PORT@', String(port)))
  const all = core === undefined ? argv : ['taskset', '-c', String(core), ...argv]
  const child = spawn(all[0], all.slice(1), { cwd: rootDirectory, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const exit = once(child, 'exit')
  running.add(child)
  const said = remember(child)
  const stop = async () => {
    signal(child, 'SIGTERM')
    const forced = setTimeout(() => signal(child, 'SIGKILL'), 8000)
    await exit
    clearTimeout(forced)
    signal(child, 'SIGKILL')
    running.delete(child)
  }
  try {
    await untilRight(child, said, port, { probe, name })
  } catch (error) {
    await stop()
    throw error
  }
  return { pid: child.pid, port, said, stop, ended: () => child.exitCode !== null || child.signalCode !== null }
}
