/** `node bench/access-log.mjs`: hello with an access log to a file, in each of its formats, beside the same without one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pulsarCommand } from './harness/peers.mjs'
import { runMain } from './harness/trouble.mjs'
import { compareTwo } from './harness/two-peers.mjs'

const usage = 'node bench/access-log.mjs [options]'
const directory = mkdtempSync(join(tmpdir(), 'pulsar-access-log-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))

const scenario = {
  name: 'access-log',
  title: 'access-log: GET of 12 bytes, 64 kept-alive connections, a line to a file for each',
  kind: 'hello',
  load: { connections: 64, path: '/' },
  probe: { method: 'GET', path: '/', answer: Buffer.from('Hello World!') },
  asks: [{ measure: 'rps', of: 'off', must: 0.85 }],
}

const own = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"'

function peersOf({ node }) {
  const hello = pulsarCommand(node, 'pulsar-hello')
  const logged = (name, format) => [...hello, '--access-log', join(directory, `${name}.log`), '--access-log-format', format]
  return [
    { name: 'pulsar', title: 'combined', hello: logged('combined', 'combined') },
    { name: 'json', title: 'json', hello: logged('json', 'json') },
    { name: 'own', title: 'an own format: Apache\'s combined', hello: logged('own', own) },
    { name: 'off', title: 'no access log', hello },
  ]
}

await runMain(() => compareTwo({ usage, scenarios: [scenario], peersOf }))
