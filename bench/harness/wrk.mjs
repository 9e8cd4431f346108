/** The load: wrk, with its figures taken as JSON from a Lua `done` of ours. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { wrkDirectory } from './paths.mjs'
import { Trouble } from './trouble.mjs'

const howToGet = '`apt install wrk` on Debian and Ubuntu, `dnf install wrk` on Fedora, or from https://github.com/wg/wrk'

/** The version of wrk; says what to install where there is none. */
export function wrkVersion() {
  const found = spawnSync('wrk', ['-v'], { encoding: 'utf8' })
  if (found.error !== undefined) throw new Trouble(`wrk is missing. Install it: ${howToGet}.`)
  return /^wrk (\S+)/m.exec(found.stdout + found.stderr)?.[1] ?? 'unknown'
}

/** What wrk gives up with where nobody listens any more: an error of the server, to be shown, not of the run. */
function nothing(connections) {
  const errors = { connect: connections, read: 0, write: 0, status: 0, timeout: 0 }
  return { requests: 0, rps: 0, bytes: 0, p50: 0, p99: 0, max: 0, errors }
}

/**
 * One run; one thread, on the core that this process was put on.
 * @param load `{ connections, path, script }`, the script a file of bench/wrk/
 * @param seconds a whole number, as wrk wants it
 * @returns figures: requests, rps, times in microseconds, errors by kind
 */
export async function runWrk(port, { connections, path = '/', script = 'report.lua' }, seconds) {
  const argv = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, `http://127.0.0.1:${port}${path}`]
  const child = spawn('wrk', argv, { cwd: wrkDirectory, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  let complaints = ''
  child.stdout.on('data', (piece) => { text += piece })
  child.stderr.on('data', (piece) => { complaints += piece })
  const [status] = await once(child, 'close')
  if (complaints.includes('unable to connect') || text.includes('unable to connect')) return nothing(connections)
  const json = /^JSON (.*)$/m.exec(text)
  if (status !== 0 || json === null) throw new Error(`wrk failed with status ${status}:\n${text}${complaints}`)
  const { requests, duration, bytes, p50, p99, max, errors } = JSON.parse(json[1])
  return { requests, rps: requests / (duration / 1e6), bytes, p50, p99, max, errors }
}

/** `status 12, read 3`, or nothing where all went well. */
export function describeErrors(errors) {
  return Object.entries(errors).filter(([, count]) => count > 0).map(([kind, count]) => `${kind} ${count}`).join(', ')
}
