/** The load over HTTP/2: nghttp2's h2load, without TLS. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { Trouble } from './trouble.mjs'

export function h2loadVersion() {
  const found = spawnSync('h2load', ['--version'], { encoding: 'utf8' })
  if (found.error !== undefined) throw new Trouble('h2load is missing. Install it: `apt install nghttp2-client` on Debian and Ubuntu.')
  return found.stdout.trim()
}

/**
 * One run; one thread, on the core that this process was put on. It measures no percentiles.
 * @param load `{ connections, streams, path }`
 * @param seconds a whole number
 * @returns figures as runWrk() gives them
 */
export async function runH2load(port, { connections, streams, path = '/' }, seconds) {
  const argv = ['-t1', `-c${connections}`, `-m${streams}`, `-D${seconds}`, `http://127.0.0.1:${port}${path}`]
  const child = spawn('h2load', argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => { text += piece })
  const [status] = await once(child, 'close')
  const requests = /^requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/m.exec(text)
  const rps = /^finished in [\d.]+s, ([\d.]+) req\/s/m.exec(text)
  if (status !== 0 || requests === null || rps === null) throw new Error(`h2load failed with status ${status}:\n${text}`)
  const [, done, succeeded, failed, errored, timeout] = requests.map(Number)
  const errors = { connect: 0, read: errored, write: 0, status: done - succeeded, timeout: Math.max(timeout, failed - errored) }
  return { requests: succeeded, rps: Number(rps[1]), bytes: 0, p50: 0, p99: 0, max: 0, errors }
}
